"""Prompts, digest introductions, and what became of every mail."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from engagement.actions.mail import send_test
from engagement.forms import PromptForm
from engagement.models import DigestEdition, Envelope, Letter, Prompt
from members.admin import BilingualForm, ReadOnlyAdmin, see
from members.models import Member

PRIVATE = frozenset({Letter.Kind.MESSAGE, Letter.Kind.SEATED})


@admin.register(Prompt)
class PromptAdmin(admin.ModelAdmin[Prompt]):
    form = PromptForm
    list_display = ("situation", "is_on", "version", "updated_at")
    readonly_fields = ("situation", "version", "effect")
    fields = ("situation", "is_on", "text_fr", "text_fr_tu", "text_en", "version", "effect")

    @admin.display(description="")
    def effect(self, prompt: Prompt) -> SafeString:
        return see(reverse("engagement:prompt-preview", args=[prompt.pk]))

    def save_model(self, request: HttpRequest, obj: Prompt, form: Any, change: bool) -> None:
        if set(form.changed_data) & {"text_fr", "text_fr_tu", "text_en"}:
            obj.version += 1
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DigestEdition)
class DigestEditionAdmin(admin.ModelAdmin[DigestEdition]):
    form = BilingualForm
    list_display = ("week", "signed_by")
    autocomplete_fields = ("signed_by",)


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = ("member", "kind", "state", "outcome", "not_before", "ended_at")
    list_filter = ("kind", "state")
    list_select_related = ("member",)
    fields = ("member", "kind", "period", "state", "outcome", "not_before", "expires_at", "attempts", "ended_at")


@admin.register(Envelope)
class EnvelopeAdmin(ReadOnlyAdmin):
    list_display = ("about", "recipient", "state", "outcome", "attempts", "created_at", "ended_at")
    list_filter = ("state", "urgency")
    list_select_related = ("letter",)
    search_fields = ("recipient", "outcome")
    fields = ("about", "recipient", "state", "outcome", "attempts", "message_id", "created_at", "ended_at")
    change_list_template = "admin/envelopes.html"

    @admin.display(description=_("subject"))
    def about(self, envelope: Envelope) -> str:
        """Its subject; of a private message, that it is one: who writes to whom is nobody else's business."""
        is_private = envelope.letter is not None and envelope.letter.kind in PRIVATE
        return gettext("a private message") if is_private else envelope.subject

    def get_urls(self) -> list[URLPattern]:
        test = path("test/", self.admin_site.admin_view(self.send_test), name="engagement_envelope_test")
        return [test, *super().get_urls()]

    def send_test(self, request: HttpRequest) -> HttpResponse:
        """Send a mail to oneself at once and say what the mail server answered."""
        if request.method == "POST" and isinstance(request.user, Member) and request.user.email:
            answer = send_test(to=request.user.email)
            messages.info(request, _("The mail server answered: %(words)s") % {"words": answer.words or "250"})
        return HttpResponseRedirect(reverse("admin:engagement_envelope_changelist"))
