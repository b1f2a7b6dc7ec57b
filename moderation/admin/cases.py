"""Reports, cases and decisions are read here; what is decided is decided in the queue."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from forums.models import Appointment
from members.admin import BilingualForm, ReadOnlyAdmin, see
from members.models import Member
from moderation.models import (
    AllowedDomain,
    Case,
    Decision,
    Duty,
    Exemplar,
    HandbookPage,
    HandOver,
    MemberNote,
    Notice,
    Reading,
    RuleCategory,
    SealedReading,
    Settings,
    Weekday,
)


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "kind", "band", "opened_at", "closed_at", "claimed_by")
    list_filter = ("kind", "band")
    fields = ("kind", "band", "opened_at", "closed_at", "claimed_by", "claimed_until", "snoozed_until")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "measure", "actor", "concerned", "rule", "made_at")
    list_filter = ("measure", "origin")
    fields = ("measure", "actor", "concerned", "rule", "origin", "was_detected_automatically", "made_at", "undoes")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "created_at", "ground", "name", "email")
    list_filter = ("ground",)
    search_fields = ("=id", "email", "name")
    ordering = ("-created_at", "-pk")
    fields = ("created_at", "ground", "name", "email", "explanation", "language")


@admin.register(SealedReading)
class SealedReadingAdmin(ReadOnlyAdmin):
    """Who of the team read which reported message of a conversation; the words are not here."""

    list_display = ("read_at", "reader", "case", "post")
    list_select_related = ("reader", "case", "post")
    ordering = ("-read_at", "-pk")
    fields = ("read_at", "reader", "case")


@admin.register(AllowedDomain)
class AllowedDomainAdmin(admin.ModelAdmin[AllowedDomain]):
    list_display = ("domain", "added_by", "added_at")
    search_fields = ("domain",)

    def save_model(self, request: HttpRequest, obj: AllowedDomain, form: Any, change: bool) -> None:
        if isinstance(request.user, Member):
            obj.added_by = request.user
        super().save_model(request, obj, form, change)


class DutyForm(forms.ModelForm[Duty]):
    """Weekdays as boxes to tick; either these or one date, by somebody who moderates."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("weekdays"),
        choices=Weekday.choices,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Every week; for one time only, give a date instead."),
    )

    class Meta:
        model = Duty
        fields = ("member", "forum", "weekdays", "date", "starts", "ends")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("weekdays")) == bool(data.get("date")):
            self.add_error("weekdays", _("Choose weekdays, or one date."))
        member, forum = data.get("member"), data.get("forum")
        if member is not None and not _moderates(member, forum):
            self.add_error("member", _("This person does not moderate there: appoint them first."))
        return data


def _moderates(member: Member, forum: Any) -> bool:
    mine = Appointment.objects.current().filter(member=member)
    if forum is not None:
        mine = mine.filter(forum=forum) | mine.filter(forum=None)
    return mine.exists()


@admin.register(Duty)
class DutyAdmin(admin.ModelAdmin[Duty]):
    form = DutyForm
    list_display = ("member", "days", "starts", "ends", "forum", "effect")
    list_filter = ("forum",)
    list_select_related = ("member", "forum")
    autocomplete_fields = ("member",)
    readonly_fields = ("effect",)
    ordering = ("member__username", "date", "starts")

    @admin.display(description=_("days"))
    def days(self, duty: Duty) -> str:
        return duty.days

    @admin.display(description="")
    def effect(self, duty: Duty) -> SafeString:
        return see(reverse("moderation:team"))


@admin.register(HandOver)
class HandOverAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "author", "forum", "created_at")
    list_select_related = ("author", "forum")
    ordering = ("-created_at", "-pk")
    fields = ("author", "forum", "words", "created_at")


@admin.register(MemberNote)
class MemberNoteAdmin(ReadOnlyAdmin):
    """For whoever answers a member who asks what is noted about them; an admin does not read those on themselves."""

    list_display = ("__str__", "member", "author", "created_at", "used_at")
    list_select_related = ("member", "author")
    search_fields = ("=member__username", "member__name")
    ordering = ("-created_at", "-pk")
    fields = ("member", "author", "body", "created_at", "used_at")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(member=request.user.pk)


@admin.register(HandbookPage)
class HandbookAdmin(admin.ModelAdmin[HandbookPage]):
    form = BilingualForm
    list_display = ("__str__", "order", "updated_at", "effect")
    list_editable = ("order",)
    readonly_fields = ("effect",)
    fields = (("slug", "order"), ("title_fr", "title_en"), "body_fr", "body_en", "effect")

    @admin.display(description="")
    def effect(self, page: HandbookPage) -> SafeString:
        return see(page.get_absolute_url() if page.pk else reverse("moderation:shelf"))


@admin.register(Reading)
class ReadingAdmin(admin.ModelAdmin[Reading]):
    form = BilingualForm
    list_display = ("title", "author", "order")
    list_editable = ("order",)
    fields = (("title", "order"), ("author", "language"), "href", "why_fr", "why_en")


@admin.register(Exemplar)
class ExemplarAdmin(ReadOnlyAdmin):
    """Marked and taken off on the page of the case."""

    list_display = ("__str__", "case", "marked_by", "marked_at")
    list_select_related = ("case", "marked_by")
    ordering = ("-marked_at",)
    fields = ("case", "lesson", "marked_by", "marked_at")


@admin.register(RuleCategory)
class RuleCategoryAdmin(admin.ModelAdmin[RuleCategory]):
    list_display = ("rule", "category")
    list_select_related = ("rule",)


@admin.register(Settings)
class SettingsAdmin(admin.ModelAdmin[Settings]):
    readonly_fields = ("effect",)
    fieldsets = (
        (_("Public log"), {"fields": ("publishes_entries", "publishes_figures", "effect")}),
        (_("What those who moderate need not see"), {"fields": ("covered_words",)}),
    )

    @admin.display(description="")
    def effect(self, row: Settings) -> SafeString:
        return see(reverse("moderation:log"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Settings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Settings, form: Any, change: bool) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)
