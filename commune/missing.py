"""What a fresh community still lacks, each with the page where it is set."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from engagement.models import Envelope, MailState
from forums.models import Appointment, Rule
from members.models import Community, Page
from moderation.models import AutomaticRule


@dataclass(frozen=True, slots=True)
class Missing:
    what: str
    href: str


def missing() -> list[Missing]:
    """What is not there yet, most pressing first. Six queries."""
    community = Community.current()
    drafts = {page.slug: page.pk for page in Page.objects.filter(is_draft=True)}
    found = []
    if not community.contact_email:
        href = reverse("admin:members_community_change", args=[1])
        found.append(Missing(_("A contact address: until then every admin gets the letters."), href))
    for slug, sentence in (
        (Page.Slug.LEGAL, _("The legal notice is still the draft that came with Commune.")),
        (Page.Slug.PRIVACY, _("The privacy page is still the draft that came with Commune.")),
        (Page.Slug.RULES, _("The page of rules is still the draft that came with Commune.")),
    ):
        if slug in drafts:
            found.append(Missing(sentence, reverse("admin:members_page_change", args=[drafts[slug]])))
    if not Rule.objects.filter(forum=None, retired_at=None).exists():
        found.append(Missing(_("No house rule yet."), reverse("admin:forums_rule_add")))
    for rule in AutomaticRule.objects.filter(switched_off_because=AutomaticRule.Off.OVERTURNED):
        said = _("The automatic rule “%(name)s” was switched off by itself: look at what it held.")
        found.append(Missing(said % {"name": rule.name}, rule.get_absolute_url()))
    if not settings.DEVELOPMENT and not Envelope.objects.filter(state=MailState.SENT).exists():
        found.append(
            Missing(
                _("No e-mail has been sent yet: send a test."),
                reverse("admin:engagement_envelope_changelist"),
            )
        )
    moderators = Appointment.objects.current().filter(role=Appointment.Role.MODERATOR, forum=None).count()
    if moderators < 2:
        found.append(
            Missing(_("A second moderator: nobody should decide alone."), reverse("admin:forums_appointment_add"))
        )
    return found
