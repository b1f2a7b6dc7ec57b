"""What moderation announces to the floor above. Sent inside the action's transaction."""

from django.dispatch import Signal

decision_made = Signal()
"""A decision was taken. Arguments: decision."""

rule_overturned = Signal()
"""An automatic rule was switched off by itself: moderators published too much of what it held. Arguments: rule."""

notice_given = Signal()
"""Somebody gave notice of illegal content. Arguments: notice."""

letter_opened = Signal()
"""Somebody wrote to the team: the letter has a page now. Arguments: letter."""

colleague_called = Signal()
"""Somebody of the team is called: to a case of danger, or because their duty begins. Sent again where a line becomes a
mail. Arguments: summons."""

opinion_asked = Signal()
"""Somebody of the team is asked what they think of a case. Arguments: opinion."""
