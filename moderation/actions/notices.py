"""Notices of illegal content, by anybody (Regulation (EU) 2022/2065, Art. 16)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from members.models import Member
from moderation import signals
from moderation.actions.cases import into_main_lane, locked, open_case, subject_of
from moderation.limits import NOTICES_PER_DAY, PLACES_PER_NOTICE
from moderation.models import NAMELESS, Case, Notice, NoticedPlace
from moderation.queries.places import Place
from toolkit import clock
from toolkit.verdicts import Refused


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

    What is reported already, or was given notice of, joins that case, in the first band. Notices by people without an
    account wait in a lane of their own. The same `key` gives the same notice again.
    Raises Refused for a notice without places, name or address (but for the abuse of children) or explanation, with
    more than twenty places, and for the eleventh from one e-mail address within a day.
    """
    known = Notice.objects.filter(key=key).first()
    if known is not None:
        return known
    _insist_on_all_of_it(places, ground, explanation, name, email)
    now = clock.now()
    lately = Notice.objects.filter(email__iexact=email, created_at__gt=now - timedelta(days=1)) if email else None
    if lately is not None and lately.count() >= NOTICES_PER_DAY:
        raise Refused(
            _("That is many notices in a day; please write to us instead, so that we can look at them together.")
        )
    notice = Notice.objects.create(
        key=key, secret=secrets.token_urlsafe(32), member=member, name=name, email=email, ground=ground,
        explanation=explanation, language=language, created_at=now,
    )  # fmt: skip
    lane = Case.Lane.MAIN if member is not None and member.state == Member.State.ACTIVE else Case.Lane.OUTSIDE
    for place in sorted(places, key=_in_order):
        NoticedPlace.objects.create(
            notice=notice,
            address=place.address,
            case=_case_about(place, notice, lane),
            version=place.post.version if place.post is not None else None,
        )
    signals.notice_given.send(sender=Notice, notice=notice)
    return notice


def _insist_on_all_of_it(places: Sequence[Place], ground: str, explanation: str, name: str, email: str) -> None:
    if not places:
        raise Refused(_("Give the address of what is illegal."))
    if len(places) > PLACES_PER_NOTICE:
        raise Refused(
            _("A notice names at most %(n)d addresses; send another one for the rest.") % {"n": PLACES_PER_NOTICE}
        )
    if not explanation.strip():
        raise Refused(_("Say why it is illegal."))
    if ground not in NAMELESS and not (name.strip() and email.strip()):
        raise Refused(_("The law asks for your name and your e-mail address."))


def _in_order(place: Place) -> tuple[int, int]:
    """Everybody locks cases in this order."""
    if place.post is not None:
        return 0, place.post.pk
    return (1, place.member.pk) if place.member is not None else (2, 0)


def _case_about(place: Place, notice: Notice, lane: str) -> Case:
    """The case in which what stands there is judged: that of its reports, if there is one."""
    if place.post is None and place.member is None:
        others = NoticedPlace.objects.filter(notice=notice, case__kind=Case.Kind.NOTICE).first()
        return others.case if others is not None else open_case(None, Case.Kind.NOTICE, Case.Band.DANGER, lane=lane)
    subject = subject_of(post=place.post) if place.post is not None else subject_of(member=place.member)
    case = open_case(subject, Case.Kind.REPORT, Case.Band.DANGER, lane=lane)
    if case.band != Case.Band.DANGER:
        case.band = Case.Band.DANGER
        case.save(update_fields=["band"])
    return into_main_lane(case) if lane == Case.Lane.MAIN else case


@transaction.atomic
def take_in(case: Case) -> Case:
    """Put a case of the outside lane with the rest of the queue. Safe to call again; Refused where it is closed."""
    return into_main_lane(locked(case))
