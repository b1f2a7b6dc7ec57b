"""What forums announces to the apps above it. Sent inside the action's transaction."""

from django.dispatch import Signal

post_published = Signal()
"""A post became visible to others, for the first time. Arguments: post (with topic and author loaded)."""

post_held = Signal()
"""A post was saved but waits for review. Arguments: post, reason."""

topic_read = Signal()
"""A member read on in a topic. Arguments: topic, member, place (the last one read)."""
