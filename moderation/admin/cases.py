"""Reports, cases and decisions are read here; what is decided is decided in the queue."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from members.admin import ReadOnlyAdmin
from members.models import Member
from moderation.models import AllowedDomain, Case, Decision, Notice, SealedReading


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
