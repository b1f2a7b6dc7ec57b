"""Letters between the team and whoever writes to it."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import override

from members.models import Community, Member
from moderation.models import Case, Decision


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


def answer_by_mail(decision: Decision) -> None:
    """The answer to a letter goes to whoever wrote it, signed by the person who answers."""
    case = decision.case
    if decision.measure != Decision.Measure.ANSWER or case is None or case.kind != Case.Kind.LETTER:
        return
    letter = case.letter
    with override(letter.language):
        subject = _("Your letter to %(community)s") % {"community": Community.current().name}
        signed = _("%(name)s, for the team") % {"name": decision.actor.shown_name}
    quoted = "\n".join(f"> {line}" for line in letter.body.splitlines())
    EmailMessage(subject=subject, body=f"{decision.text.message}\n\n— {signed}\n\n{quoted}", to=[letter.email]).send()


def _admins() -> list[str]:
    admins = Member.objects.taking_part().filter(is_superuser=True).exclude(email=None)
    return [str(address) for address in admins.values_list("email", flat=True)]
