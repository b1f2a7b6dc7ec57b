"""What is decided here in the words of the law's templates (Implementing Regulation (EU) 2024/2835, annex I): the one
place where our grounds, rules and measures are put into its categories and columns. docs/moderation-figures.md says
what each choice rests on."""

from __future__ import annotations

from moderation.models import Category, Decision, Ground

M = Decision.Measure

# A ground of law; None: the templates have no category for it, it counts in the total alone.
GROUNDS: dict[str, Category | None] = {
    Ground.HATE: Category.SPEECH,
    Ground.INSULT: Category.SPEECH,
    Ground.THREAT: Category.VIOLENCE,
    Ground.TERROR: Category.SECURITY,
    Ground.CHILD: Category.MINORS,
    Ground.INTIMATE: Category.CYBER_VIOLENCE,
    Ground.HARASSMENT: Category.CYBER_VIOLENCE,
    Ground.PRIVACY: Category.PRIVACY,
    Ground.FRAUD: Category.FRAUD,
    Ground.RIGHTS: Category.RIGHTS,
    Ground.GOODS: Category.PRODUCTS,
    Ground.SELF_HARM: Category.SELF_HARM,
    Ground.OTHER: None,
}

ILLEGAL = [c for c in Category if c not in {Category.TERMS, Category.UNSPECIFIED_ORDER, Category.UNSPECIFIED_NOTICE}]
AGAINST_TERMS = [*ILLEGAL, Category.TERMS]
OF_NOTICES = [*ILLEGAL, Category.UNSPECIFIED_NOTICE]

# The columns of restrictions, in the order of parts 5 and 6.
COLUMNS = (
    "Visibility restriction Removal",
    "Visibility restriction Disable",
    "Visibility restriction Demoted",
    "Visibility restriction Age restricted",
    "Visibility restriction Interaction restricted",
    "Visibility restriction Labelled",
    "Visibility restriction Other",
    "Monetary restriction Suspension",
    "Monetary restriction Termination",
    "Monetary restriction Other",
    "Provision of the service Suspension",
    "Provision of the service Termination",
    "Account restriction Suspension",
    "Account restriction Termination",
)

# The column in which a measure counts; None: it restricts nothing in the sense of Art. 17(1) of Regulation (EU)
# 2022/2065 and is in none of the law's counts. By value: a measure that this version does not take yet has its place.
RESTRICTIONS: dict[str, str | None] = {
    "keep": None,
    "thank": None,
    "word": None,
    "edit": "Visibility restriction Other",
    "hide": "Visibility restriction Disable",
    "warn": None,
    "approve": None,
    "refuse": "Visibility restriction Disable",
    "admit": None,
    "decline": None,
    "answer": None,
    "hand_over": None,
    "not_over": None,
    "maintain": None,
    "undo": None,
    "ask_edit": None,
    "return": "Visibility restriction Other",
    "sweep": "Visibility restriction Removal",
    "confirm": None,
    "lapse": None,
    "move": None,
    "remove": "Visibility restriction Removal",
    "close": "Visibility restriction Interaction restricted",
    "slow": "Visibility restriction Interaction restricted",
    "hold": "Visibility restriction Other",
    "suspend": "Account restriction Suspension",
    "exclude": "Account restriction Termination",
    "block": "Provision of the service Termination",
}

# What a complaint is about (part 7), by the first word of the column of the measure that is contested.
COMPLAINTS_ABOUT = {
    "Visibility": (
        "Complaint regarding a decision to remove or disable access to or restrict visibility of information"
    ),
    "Provision": "Complaint regarding a decision to suspend or terminate the provision of the service",
    "Account": "Complaint regarding a decision to suspend or terminate an account",
    "Monetary": "Complaint regarding a decision to restrict the ability to monetise information",
}


def category_of_notice(ground: str) -> Category:
    return GROUNDS[ground] or Category.UNSPECIFIED_NOTICE
