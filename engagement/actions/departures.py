"""What is said to somebody who leaves, and what is forgotten of them once they have."""

from __future__ import annotations

import re

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from engagement.models import Envelope, Letter, MailState, Notification, PromptShowing
from members.former import Former
from members.models import Community, Member


def confirm_leaving(member: Member) -> None:
    """A mail that says when the account closes, and where to change one's mind."""
    if member.email is None or member.leaves_at is None:
        return
    with override(member.language), timezone.override(member.zone):
        said = {
            "community": Community.current().name,
            "name": member.shown_name,
            "date": date_format(timezone.localtime(member.leaves_at), "DATETIME_FORMAT"),
            "address": f"{settings.SITE_URL}{reverse('members:close')}",
        }
        subject = _("Your account at %(community)s closes on %(date)s") % said
        text = [
            _("Hello %(name)s, you asked for your account to be closed.") % said,
            _("It closes on %(date)s. Until then nothing is changed, and you can keep it here:") % said,
            said["address"],
            _("If it was not you who asked, sign in there, keep your account and choose another password."),
        ]
    EmailMessage(subject=subject, body="\n\n".join(text).replace("\u202f", "\u00a0"), to=[member.email]).send()


def forget(member: Member, former: Former) -> None:
    """Their notifications, prompts and mails go, and their name in the subjects of mails to others. Called in the
    transaction that blanks the member."""
    Notification.objects.filter(member=member).delete()
    PromptShowing.objects.filter(member=member).delete()
    Letter.objects.filter(member=member).delete()
    Envelope.objects.filter(recipient__iexact=former.email or "-").delete()
    for words in former.names:
        whole = rf"(?<!\w){re.escape(words)}(?!\w)"
        naming = Q(subject__iregex=whole) | Q(text__iregex=whole) | Q(html__iregex=whole)
        naming |= Q(headers__icontains=words)
        Envelope.objects.exclude(state=MailState.WAITING).filter(naming).update(
            subject="—", text="", html="", headers={}
        )
