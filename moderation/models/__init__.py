from moderation.models.cases import Case, Report, SealedReading, Subject, TeamLetter
from moderation.models.decisions import Appeal, Decision, DecisionText
from moderation.models.domains import AllowedDomain
from moderation.models.notices import NAMELESS, Ground, Notice, NoticedPlace

__all__ = [
    "AllowedDomain",
    "Appeal",
    "Case",
    "Decision",
    "DecisionText",
    "Ground",
    "NAMELESS",
    "Notice",
    "NoticedPlace",
    "Report",
    "SealedReading",
    "Subject",
    "TeamLetter",
]
