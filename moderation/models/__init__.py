from moderation.models.automation import CONDITIONS, AutomaticRule, PostSketch, RuleHit, RuleTrial
from moderation.models.cases import Case, CaseQuerySet, Report, SealedReading, Subject, TeamLetter
from moderation.models.decisions import Appeal, Confirmation, Decision, DecisionText
from moderation.models.domains import AllowedDomain
from moderation.models.figures import Category, RuleCategory, Settings
from moderation.models.files import CaseFile
from moderation.models.letters import LetterMessage
from moderation.models.notes import MemberNote
from moderation.models.notices import NAMELESS, Ground, Notice, NoticedPlace
from moderation.models.opinions import Opinion
from moderation.models.rota import Call, Colleague, Duty, HandOver, HandOverSeen, Summons, Weekday
from moderation.models.settings import FIELDS, OPTIONAL, TIMED, MeasureSetting, ReplyTemplate
from moderation.models.shelf import Exemplar, HandbookPage, Reading

__all__ = [
    "AllowedDomain",
    "Appeal",
    "AutomaticRule",
    "CONDITIONS",
    "Call",
    "Case",
    "CaseFile",
    "CaseQuerySet",
    "Category",
    "Colleague",
    "Confirmation",
    "Decision",
    "DecisionText",
    "Duty",
    "Exemplar",
    "FIELDS",
    "Ground",
    "HandOver",
    "HandOverSeen",
    "HandbookPage",
    "LetterMessage",
    "MeasureSetting",
    "MemberNote",
    "NAMELESS",
    "Notice",
    "NoticedPlace",
    "OPTIONAL",
    "Opinion",
    "PostSketch",
    "Reading",
    "ReplyTemplate",
    "Report",
    "RuleCategory",
    "RuleHit",
    "RuleTrial",
    "SealedReading",
    "Settings",
    "Subject",
    "Summons",
    "TIMED",
    "TeamLetter",
    "Weekday",
]
