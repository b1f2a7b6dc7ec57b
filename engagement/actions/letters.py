"""Letters between the team and whoever writes to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from engagement.actions.mail import plain, seal
from engagement.models import Envelope
from members.models import Community, Member
from moderation.limits import LETTER_RECEIPTS_PER_DAY
from moderation.models import AutomaticRule, Case, Decision, Notice, NoticedPlace, TeamLetter
from moderation.queries.outcomes import cases_answered
from moderation.wording import outcome_for_sender
from toolkit import clock


def forward_to_team(*, name: str, email: str, body: str) -> int:
    """Send what somebody wrote on the contact page to the contact address, or to every admin. Answers how many."""
    community = Community.current()
    to = [community.contact_email] if community.contact_email else _admins()
    language = community.default_language
    with override(language):
        subject = _("A letter to %(community)s from %(name)s") % {"community": community.name, "name": name}
        text = _("%(name)s (%(email)s) wrote from the contact page:") % {"name": name, "email": email}
    for address in to:
        EmailMessage(subject=subject, body=f"{text}\n\n{body}", to=[address], reply_to=[email]).send()
    return len(to)


def acknowledge_letter(letter: TeamLetter) -> Envelope | None:
    """The receipt of a letter to the team: the address of its page, and none of the sender's words: the form must not
    carry anybody's words to anybody. None without an address, and for the sixth letter with one address within a day.
    """
    lately = TeamLetter.objects.filter(email__iexact=letter.email, created_at__gt=clock.now() - timedelta(days=1))
    if letter.email and lately.count() > LETTER_RECEIPTS_PER_DAY:
        return None
    with override(letter.language):
        subject = _("Your letter to %(community)s has arrived") % {"community": Community.current().name}
        return _to_writer(letter, subject, {})


def answer_by_mail(decision: Decision) -> Envelope | None:
    """The answer to a letter goes to whoever wrote it, in the name of the team, with the address of the page where they
    can write again. None for other decisions, and where the address is not known any more."""
    case = decision.case
    if decision.measure != Decision.Measure.ANSWER or case is None or case.kind != Case.Kind.LETTER:
        return None
    with override(case.letter.language):
        subject = _("Your letter to %(community)s") % {"community": Community.current().name}
        return _to_writer(case.letter, subject, {"answer": decision.text.message})


def _to_writer(letter: TeamLetter, subject: str, said: dict[str, Any]) -> Envelope | None:
    if not letter.email:
        return None
    about = {
        **said, "letter": letter, "subject": subject, "site": settings.SITE_URL, "language": letter.language,
        "community": Community.current(),
    }  # fmt: skip
    return seal(
        recipient=letter.email,
        subject=subject,
        text=plain(render_to_string("engagement/mail/letter.txt", about)),
        html=render_to_string("engagement/mail/letter.html", about),
        headers={"Content-Language": letter.language},
    )


def acknowledge(notice: Notice) -> Envelope | None:
    """The receipt of a notice, with its number; None where no address was given. It has none of the sender's words:
    the form must not carry anybody's words to anybody."""
    with override(notice.language):
        return _to_sender(notice, _("Your notice no. %(n)d to %(community)s") % _named(notice), {})


def answer_notices(decision: Decision) -> int:
    """Tell everybody who gave notice of what was decided about it what became of it, and how to contest that. Answers
    how many."""
    places = NoticedPlace.objects.filter(case__in=cases_answered(decision), notice__created_at__lte=decision.made_at)
    by_notice: dict[Notice, list[NoticedPlace]] = {}
    for place in places.select_related("notice").order_by("pk"):
        by_notice.setdefault(place.notice, []).append(place)
    for notice, named in by_notice.items():
        with override(notice.language):
            said = {
                "decision": decision,
                "places": named,
                "outcome": outcome_for_sender(decision),
            }
            _to_sender(notice, _("Notice no. %(n)d to %(community)s: a decision") % _named(notice), said)
    return len(by_notice)


def _named(notice: Notice) -> dict[str, Any]:
    return {"n": notice.pk, "community": Community.current().name}


def _to_sender(notice: Notice, subject: str, said: dict[str, Any]) -> Envelope | None:
    if not notice.email:
        return None
    about = {
        **said, "notice": notice, "subject": subject, "site": settings.SITE_URL, "language": notice.language,
        "community": Community.current(),
    }  # fmt: skip
    return seal(
        recipient=notice.email,
        subject=subject,
        text=plain(render_to_string("engagement/mail/notice.txt", about)),
        html=render_to_string("engagement/mail/notice.html", about),
        headers={"Content-Language": notice.language},
    )


def tell_of_rule(rule: AutomaticRule) -> int:
    """An automatic rule was switched off by itself: its owner and every admin are told, each in their language, in the
    transaction that did it. Answers how many."""
    told = Member.objects.taking_part().exclude(email=None).filter(Q(is_superuser=True) | Q(pk=rule.owner_id))
    for member in told:
        with override(member.language):
            said = {"rule": rule.name, "community": Community.current().name}
            subject = _("The rule “%(rule)s” of %(community)s was switched off by itself") % said
            text = _(
                "More than three in ten of the posts that it held were published by moderators. What it still holds "
                "waits for them. You can change it, try it again and switch it on:"
            )
        address = f"{settings.SITE_URL}{rule.get_absolute_url()}"
        EmailMessage(subject=subject, body=f"{text}\n\n{address}", to=[str(member.email)]).send()
    return len(told)


def _admins() -> list[str]:
    admins = Member.objects.taking_part().filter(is_superuser=True).exclude(email=None)
    return [str(address) for address in admins.values_list("email", flat=True)]
