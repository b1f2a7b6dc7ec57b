from __future__ import annotations

from django import template

from moderation.models import RuleTrial
from moderation.wording import told_of_trial as worded

register = template.Library()


@register.filter
def told_of_trial(trial: RuleTrial) -> str:
    """What a trial found, in a sentence."""
    return worded(trial)
