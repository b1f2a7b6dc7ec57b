from moderation.models.cases import Case, Report, SealedReading, Subject, TeamLetter
from moderation.models.decisions import Appeal, Confirmation, Decision, DecisionText
from moderation.models.domains import AllowedDomain
from moderation.models.notices import NAMELESS, Ground, Notice, NoticedPlace
from moderation.models.settings import FIELDS, OPTIONAL, TIMED, MeasureSetting, ReplyTemplate

__all__ = [
    "AllowedDomain",
    "Appeal",
    "Case",
    "Confirmation",
    "Decision",
    "DecisionText",
    "FIELDS",
    "Ground",
    "MeasureSetting",
    "NAMELESS",
    "Notice",
    "NoticedPlace",
    "OPTIONAL",
    "ReplyTemplate",
    "Report",
    "SealedReading",
    "Subject",
    "TIMED",
    "TeamLetter",
]
