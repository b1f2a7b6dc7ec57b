from moderation.models.automation import CONDITIONS, AutomaticRule, PostSketch, RuleHit, RuleTrial
from moderation.models.cases import Case, Report, SealedReading, Subject, TeamLetter
from moderation.models.decisions import Appeal, Decision, DecisionText
from moderation.models.domains import AllowedDomain
from moderation.models.notices import NAMELESS, Ground, Notice, NoticedPlace

__all__ = [
    "AllowedDomain",
    "Appeal",
    "AutomaticRule",
    "CONDITIONS",
    "Case",
    "Decision",
    "DecisionText",
    "Ground",
    "NAMELESS",
    "Notice",
    "NoticedPlace",
    "PostSketch",
    "Report",
    "RuleHit",
    "RuleTrial",
    "SealedReading",
    "Subject",
    "TeamLetter",
]
