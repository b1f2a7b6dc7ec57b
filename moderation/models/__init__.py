from moderation.models.cases import Case, Report, SealedReading, Subject, TeamLetter
from moderation.models.decisions import Appeal, Decision, DecisionText
from moderation.models.domains import AllowedDomain

__all__ = [
    "AllowedDomain",
    "Appeal",
    "Case",
    "Decision",
    "DecisionText",
    "Report",
    "SealedReading",
    "Subject",
    "TeamLetter",
]
