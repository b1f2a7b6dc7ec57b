"""What members announces to the apps above it. Sent inside the action's transaction."""

from django.dispatch import Signal

member_joined = Signal()
"""A member's address is verified and they may take part. Arguments: member."""

member_applied = Signal()
"""Somebody with a verified address asks to join and waits for an answer. Arguments: member."""

team_letter_written = Signal()
"""Somebody wrote to the team from the contact page. Arguments: name, email, body, language, member (or None)."""
