"""Not being sure: two others of the team are asked."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from forums.readers import reader_for
from members.models import Member
from moderation import signals
from moderation.actions.cases import locked
from moderation.limits import OPINION_MAX_LENGTH, OPINIONS_ASKED, QUESTION_MAX_LENGTH
from moderation.models import Case, Opinion
from moderation.policies import may_decide, measures_for
from moderation.queries.rota import rota
from moderation.queries.settings import offered_measures
from toolkit import clock
from toolkit.text import storable
from toolkit.verdicts import Refused, insist


@transaction.atomic
def ask_for_opinions(case: Case, *, by: Member, question: str = "") -> list[Opinion]:
    """Ask two others who may decide about a case what they would do (`opinion_asked`, for each): those on duty first,
    then those of whom the fewest answers are awaited. Not who pauses, reported it or gave notice of it, whom it is
    about, who sat in the conversation, or was asked before. Where there is one, one is asked. Whoever decides need not
    wait.

    Raises Refused if `by` may not decide about it, it is closed, others who were asked have not answered yet, or there
    is nobody to ask.
    """
    case = locked(case)
    insist(may_decide(reader_for(by), case))
    waiting = case.opinions.filter(given_at=None).select_related("member").order_by("pk")
    names = ", ".join(one.member.shown_name for one in waiting)
    if names:
        raise Refused(_("Others were asked and have not answered yet: %(names)s.") % {"names": names})
    question = storable(question).strip()[:QUESTION_MAX_LENGTH]
    asked = [
        Opinion.objects.create(case=case, member=one, asked_by=by, question=question, asked_at=clock.now())
        for one, _n in zip(_able(case, by), range(OPINIONS_ASKED), strict=False)
    ]
    if not asked:
        raise Refused(_("There is nobody else who could say what they think of it."))
    for opinion in asked:
        signals.opinion_asked.send(sender=Opinion, opinion=opinion)
    return asked


def _able(case: Case, by: Member) -> Iterator[Member]:
    """Who can be asked, the best first; each is looked at only when it is their turn."""
    now, forum = clock.now(), case.subject.forum_id if case.subject is not None else None
    near = {by.pk, *_too_near(case)}
    mates = [mate for mate in rota(now).of_forum(forum) if mate.member.pk not in near and not mate.known.is_paused(now)]
    ids = [mate.member.pk for mate in mates]
    counted = Opinion.objects.open().filter(member__in=ids).order_by().values_list("member")
    awaited = dict(counted.annotate(n=Count("pk")))
    mates.sort(key=lambda mate: (not mate.is_on_duty(forum, now), awaited.get(mate.member.pk, 0), mate.member.pk))
    for mate in mates:
        reader = reader_for(mate.member)
        if may_decide(reader, case) and Case.objects.visible_to(reader).filter(pk=case.pk).exists():
            yield mate.member


def _too_near(case: Case) -> set[int | None]:
    """Who is part of what happened, or has said what they think."""
    near: set[int | None] = {*case.reports.values_list("reporter", flat=True)}
    near |= {*case.noticed.values_list("notice__member", flat=True), *case.opinions.values_list("member", flat=True)}
    if case.kind == Case.Kind.APPEAL:
        near.add(case.appeal.decision.actor_id)
    topic = case.topic
    if topic is not None and topic.is_conversation:
        near |= {*topic.seats.values_list("member", flat=True)}
    return near


@transaction.atomic
def give_opinion(case: Case, *, by: Member, measure: str, words: str = "") -> Opinion:
    """Say what one would do about a case that one was asked about. Decides nothing; from then on one reads what the
    others said.

    Raises Refused if `by` was not asked, has answered, or may not decide about it (any more), it is closed, or the
    measure does not fit.
    """
    case = locked(case)
    reader = reader_for(by)
    insist(may_decide(reader, case))
    opinion = Opinion.objects.select_for_update(of=("self",)).filter(case=case, member=by).first()
    if opinion is None:
        raise Refused(_("Nobody has asked what you think of this case."))
    if opinion.given_at is not None:
        raise Refused(_("You have said what you think of this case."))
    if measure not in measures_for(case, reader, offered_measures()):
        raise Refused(_("This measure does not fit this case."))
    opinion.measure, opinion.words, opinion.given_at = (
        measure,
        storable(words).strip()[:OPINION_MAX_LENGTH],
        clock.now(),
    )
    opinion.save(update_fields=["measure", "words", "given_at"])
    return opinion
