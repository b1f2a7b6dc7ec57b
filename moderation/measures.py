"""What each measure is called in the form, asks for and fits: one table that form, page, actions and tests read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from moderation.models import Case, Decision

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

M = Decision.Measure

LABELS: dict[str, StrOrPromise] = {
    M.KEEP: _("Keep: nothing is wrong"),
    M.THANK: _("Thank its author"),
    M.WORD: _("A word in private"),
    M.MOVE: _("Move the topic"),
    M.ASK_EDIT: _("Ask its author to edit"),
    M.EDIT: _("Edit"),
    M.HIDE: _("Hide: its author still reads it"),
    M.REMOVE: _("Remove: nobody reads it any more"),
    M.CLOSE: _("Close the topic"),
    M.SLOW: _("Slow the topic down"),
    M.WARN: _("Warn"),
    M.HOLD: _("Read their posts first"),
    M.SUSPEND: _("Suspend until a date"),
    M.EXCLUDE: _("Exclude"),
    M.SWEEP: _("Spam: remove all their posts and exclude"),
    M.BLOCK: _("Block signing up from there"),
    M.APPROVE: _("Publish"),
    M.RETURN: _("Give it back for a change"),
    M.REFUSE: _("Do not publish"),
    M.ADMIT: _("Let in"),
    M.DECLINE: _("Do not let in"),
    M.ANSWER: _("Answer"),
    M.CONFIRM: _("Confirm the measure"),
    M.LAPSE: _("Do not confirm: the measure ends"),
    M.MAINTAIN: _("The decision stands"),
    M.UNDO: _("The decision is undone"),
    M.HAND_OVER: _("Hand the posts over"),
    M.NOT_OVER: _("Do not hand them over"),
}

_ABOUT_POSTS = (
    M.KEEP, M.THANK, M.WORD, M.ASK_EDIT, M.EDIT, M.HIDE, M.REMOVE, M.MOVE, M.CLOSE, M.SLOW, M.WARN, M.HOLD, M.SUSPEND,
    M.EXCLUDE, M.SWEEP,
)  # fmt: skip
_ABOUT_TOPICS = (
    M.KEEP, M.THANK, M.WORD, M.MOVE, M.CLOSE, M.SLOW, M.REMOVE, M.WARN, M.HOLD, M.SUSPEND, M.EXCLUDE, M.SWEEP,
)  # fmt: skip
_ABOUT_MEMBERS = (M.KEEP, M.THANK, M.WORD, M.WARN, M.HOLD, M.SUSPEND, M.EXCLUDE, M.SWEEP, M.BLOCK)
_OF_KIND: dict[str, tuple[M, ...]] = {
    Case.Kind.HELD: (M.APPROVE, M.EDIT, M.RETURN, M.REFUSE, M.SWEEP),
    Case.Kind.SIGNUP: (M.ADMIT, M.DECLINE, M.BLOCK),
    Case.Kind.APPEAL: (M.MAINTAIN, M.UNDO),
    Case.Kind.CONFIRM: (M.CONFIRM, M.LAPSE),
    Case.Kind.LETTER: (M.ANSWER, M.KEEP),
    Case.Kind.NOTICE: (M.KEEP,),
    Case.Kind.CLAIM: (M.HAND_OVER, M.NOT_OVER),
}

ABOUT_A_TOPIC = frozenset({M.MOVE, M.CLOSE, M.SLOW})
ABOUT_AN_ACCOUNT = frozenset({M.HOLD, M.SUSPEND, M.EXCLUDE, M.SWEEP, M.BLOCK})
SPEAKS_OF_ITSELF = frozenset(  # nothing is said for whoever decides: they write it
    {M.WORD, M.ASK_EDIT, M.RETURN, M.ANSWER, M.LAPSE, M.MAINTAIN, M.DECLINE, M.NOT_OVER}
)
ENDS = frozenset({M.SLOW, M.HOLD, M.SUSPEND, M.BLOCK})
MAY_END = ENDS | {M.CLOSE}
WITH_A_SANCTION = frozenset({M.EDIT, M.HIDE, M.REMOVE, M.CLOSE, M.REFUSE})  # a measure against its author goes with it

# What is decided for several cases in one go: the same measure for the same reason.
IN_BATCHES = frozenset({M.KEEP, M.HIDE, M.REMOVE, M.WARN, M.SWEEP, M.APPROVE, M.REFUSE, M.ADMIT, M.DECLINE})

# Which fields of the form belong to which measures, and which of them must not be empty. "basis" is a rule or a ground
# of law; the facts and the basis are what Article 17(3) of Regulation (EU) 2022/2065 asks for.
SHOWN: dict[str, frozenset[M]] = {
    "rule": Decision.REASONED,
    "ground": Decision.REASONED,
    "facts": Decision.REASONED,
    "why": Decision.REASONED,
    "length": MAY_END,
    "until": MAY_END,
    "pause": frozenset({M.SLOW}),
    "into": frozenset({M.MOVE}),
    "body": frozenset({M.EDIT}),
    "version": frozenset({M.EDIT}),
    "block_kind": frozenset({M.BLOCK}),
    "block_value": frozenset({M.BLOCK}),
    "also": WITH_A_SANCTION,
    "also_length": WITH_A_SANCTION,
    "allow": frozenset({M.APPROVE}),
}
NEEDED: dict[str, frozenset[M]] = {
    "rule": Decision.REASONED,
    "facts": Decision.REASONED,
    "length": ENDS,
    "pause": frozenset({M.SLOW}),
    "into": frozenset({M.MOVE}),
    "body": frozenset({M.EDIT}),
    "block_value": frozenset({M.BLOCK}),
    "message": SPEAKS_OF_ITSELF,
}


def fitting(case: Case) -> tuple[M, ...]:
    """The measures that fit a case by what it is about, whoever decides."""
    subject = case.subject
    if case.kind != Case.Kind.REPORT or subject is None:
        return _OF_KIND[case.kind]
    if subject.member_id is not None:
        return _ABOUT_MEMBERS
    if subject.topic_id is not None:
        return _ABOUT_TOPICS
    in_private = subject.post is not None and subject.post.topic.is_conversation
    return tuple(m for m in _ABOUT_POSTS if not (in_private and m in ABOUT_A_TOPIC))
