"""Notices of illegal content, by anybody (Regulation (EU) 2022/2065, Art. 16)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from forums.readers import reader_for
from members.models import Member
from moderation import signals
from moderation.actions.cases import into_main_lane, locked, open_case, subject_of, wake
from moderation.actions.rota import call_out
from moderation.limits import NAME_MAX_LENGTH, NOTICES_PER_DAY, NOTICES_PER_HOUR_IN_ALL, PLACES_PER_NOTICE
from moderation.models import NAMELESS, Case, Notice, NoticedPlace
from moderation.policies import may_decide
from moderation.queries.places import Place
from toolkit import clock
from toolkit.text import is_blank
from toolkit.verdicts import Refused, insist


@transaction.atomic
def give_notice(
    *,
    key: UUID,
    places: Sequence[Place],
    ground: str,
    explanation: str,
    language: str,
    name: str = "",
    email: str = "",
    member: Member | None = None,
) -> Notice:
    """Say, in good faith, that what stands at these places is illegal; announces `notice_given`: whoever gave it has a
    receipt with its number. Changes nothing about what stands there.

    What is reported already, or was given notice of, joins that case; a member's notice puts it in the first band.
    Notices by people without an account wait in a lane of their own. The same `key` with the same words gives the same
    notice again.
    Raises Refused for a notice without places, name or address (but for the abuse of children) or explanation, with
    more than twenty places, for the eleventh from one e-mail address within a day, and where very many arrive at once.
    """
    email, name = email.lower(), name[:NAME_MAX_LENGTH]
    places = list({place.address: place for place in places}.values())
    said = "\n".join([ground, name, email, explanation, *(place.address for place in places)])
    key = uuid5(key, said)
    known = Notice.objects.filter(key=key).first()
    if known is not None:
        return known
    _insist_on_all_of_it(places, ground, explanation, name, email)
    is_outside = member is None or member.state != Member.State.ACTIVE
    _insist_on_measure(email, is_outside=is_outside)
    try:
        with transaction.atomic():
            notice = Notice.objects.create(
                key=key, secret=secrets.token_urlsafe(32), member=member, name=name, email=email, ground=ground,
                explanation=explanation, language=language, created_at=clock.now(),
            )  # fmt: skip
    except IntegrityError:  # the same form, sent at the same moment
        return Notice.objects.get(key=key)
    for place in sorted(places, key=_in_order):
        NoticedPlace.objects.create(
            notice=notice,
            address=place.address,
            case=_case_about(place, notice, is_outside=is_outside),
            version=place.post.version if place.post is not None else None,
        )
    signals.notice_given.send(sender=Notice, notice=notice)
    return notice


def _insist_on_measure(email: str, *, is_outside: bool) -> None:
    now = clock.now()
    many = _("That is many notices in a day; please write to us instead, so that we can look at them together.")
    if email and Notice.objects.filter(email=email, created_at__gt=now - timedelta(days=1)).count() >= NOTICES_PER_DAY:
        raise Refused(many)
    lately = Notice.objects.filter(member=None, created_at__gt=now - timedelta(hours=1))
    if is_outside and lately.count() >= NOTICES_PER_HOUR_IN_ALL:
        raise Refused(_("Very many notices arrive at this moment; please try again in an hour, or write to us."))


def _insist_on_all_of_it(places: Sequence[Place], ground: str, explanation: str, name: str, email: str) -> None:
    if not places:
        raise Refused(_("Give the address of what is illegal."))
    if len(places) > PLACES_PER_NOTICE:
        raise Refused(
            _("A notice names at most %(n)d addresses; send another one for the rest.") % {"n": PLACES_PER_NOTICE}
        )
    if is_blank(explanation):
        raise Refused(_("Say why it is illegal."))
    if ground not in NAMELESS and (is_blank(name) or is_blank(email)):
        raise Refused(_("The law asks for your name and your e-mail address."))


def _in_order(place: Place) -> tuple[int, int]:
    """Everybody locks cases in this order."""
    if place.post is not None:
        return 0, place.post.pk
    return (1, place.member.pk) if place.member is not None else (2, 0)


def _case_about(place: Place, notice: Notice, *, is_outside: bool) -> Case:
    """The case in which what stands there is judged: that of its reports, if there is one. Of a case that waits in the
    main lane already, somebody from outside changes neither band nor place."""
    lane = Case.Lane.OUTSIDE if is_outside else Case.Lane.MAIN
    if place.post is None and place.member is None:
        others = NoticedPlace.objects.filter(notice=notice, case__kind=Case.Kind.NOTICE).first()
        return others.case if others is not None else open_case(None, Case.Kind.NOTICE, Case.Band.DANGER, lane=lane)
    subject = subject_of(post=place.post) if place.post is not None else subject_of(member=place.member)
    case = wake(open_case(subject, Case.Kind.REPORT, Case.Band.DANGER, lane=lane))
    if is_outside:
        return case
    if case.band != Case.Band.DANGER:
        case.band = Case.Band.DANGER
        case.save(update_fields=["band"])
        call_out(case)
    return into_main_lane(case)


@transaction.atomic
def take_in(case: Case, *, by: Member) -> Case:
    """Put a case of the outside lane with the rest of the queue. Safe to call again. Raises Refused where it is closed,
    or `by` may not decide about it."""
    case = locked(case)
    insist(may_decide(reader_for(by), case))
    return into_main_lane(case)
