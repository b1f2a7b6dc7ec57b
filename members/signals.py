"""What members announces to the apps above it. Sent inside the action's transaction."""

from django.dispatch import Signal

member_joined = Signal()
"""A member's address is verified and they may take part. Arguments: member."""

member_applied = Signal()
"""Somebody with a verified address asks to join and waits for an answer. Arguments: member."""

team_letter_written = Signal()
"""Somebody wrote to the team from the contact page. Arguments: name, email, body, language, member (or None)."""

trust_changed = Signal()
"""A member's trust was raised by the nightly count, or set by a person. Arguments: change (with member loaded)."""

member_leaving = Signal()
"""A member asked for their account to be closed, in some days. Arguments: member."""

member_left = Signal()
"""The account is closed now: whoever keeps something about the person forgets it. Sent before the member's own columns
are blanked. Arguments: member (still with name and address), former (members.former.Former)."""

claim_made = Signal()
"""A member says that an imported name is theirs, and asks the moderators to believe it. Arguments: claim."""

claim_confirmed = Signal()
"""An imported name is somebody's: what stands under it is to be handed over. Arguments: claim."""
