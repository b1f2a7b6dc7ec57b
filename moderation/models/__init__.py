from moderation.models.cases import Case, Report, SealedReading, Subject, TeamLetter
from moderation.models.decisions import Appeal, Decision, DecisionText
from moderation.models.domains import AllowedDomain
from moderation.models.figures import Category, RuleCategory, Settings
from moderation.models.notices import NAMELESS, Ground, Notice, NoticedPlace
from moderation.models.rota import Call, Colleague, Duty, HandOver, HandOverSeen, Summons, Weekday
from moderation.models.shelf import Exemplar, HandbookPage, Reading

__all__ = [
    "AllowedDomain",
    "Appeal",
    "Call",
    "Case",
    "Category",
    "Colleague",
    "Decision",
    "DecisionText",
    "Duty",
    "Exemplar",
    "Ground",
    "HandOver",
    "HandOverSeen",
    "HandbookPage",
    "NAMELESS",
    "Notice",
    "NoticedPlace",
    "Reading",
    "Report",
    "RuleCategory",
    "SealedReading",
    "Settings",
    "Subject",
    "Summons",
    "TeamLetter",
    "Weekday",
]
