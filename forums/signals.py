"""What forums announces to the apps above it. Sent inside the action's transaction."""

from django.dispatch import Signal

post_published = Signal()
"""A post became visible to others, for the first time. Arguments: post (with topic and author loaded)."""

post_held = Signal()
"""A post was saved but waits for review. Arguments: post, reason."""

words_remarked = Signal()
"""Gatekeepers had something to say of what a member wrote in a forum, or is writing. Arguments: author, key (of the
composer), post (None while it is being written), remarks. Sent after `post_held`."""

topic_read = Signal()
"""A member read on in a topic. Arguments: topic, member, place (the last one read)."""

topic_changed = Signal()
"""Something was done to a topic by somebody: a quiet line was written there. Arguments: event (with topic loaded)."""

reminder_due = Signal()
"""A member wanted to be reminded of a bookmark now. Arguments: bookmark."""

seat_given = Signal()
"""A member was invited into a conversation that had begun. Arguments: seat (with topic, member and invited_by)."""

guest_invited = Signal()
"""A member was invited into a forum. Arguments: guest (with forum and member)."""
