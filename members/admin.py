"""What admins set about the community and its people. Members are never deleted here."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from members.actions.community import clean_logo
from members.models import Community, Group, GroupMembership, Invitation, Member, Page
from toolkit.typography import english_faults, french_faults
from toolkit.verdicts import Refused


def see(href: str) -> SafeString:
    """A link that shows what a setting does."""
    return format_html('<a href="{}" target="_blank">{}</a>', href, _("See the effect"))


class BilingualForm(forms.ModelForm[Any]):
    """Texts that stand in the interface are typographically right in their language."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name, value in list(data.items()):
            if not isinstance(value, str) or not name.endswith(("_fr", "_en")) or name.startswith("body"):
                continue
            for fault in french_faults(value) if name.endswith("_fr") else english_faults(value):
                self.add_error(name, fault)
        return data


class CommunityForm(BilingualForm):
    class Meta:
        model = Community
        fields = "__all__"  # noqa: DJ007 - what is not to be edited is marked so in the model
        widgets = {"accent": forms.TextInput(attrs={"type": "color"})}

    def clean_logo(self) -> Any:
        logo = self.cleaned_data.get("logo")
        if not isinstance(logo, UploadedFile):
            return logo
        try:
            return clean_logo(logo.read())
        except Refused as refusal:
            raise ValidationError(str(refusal.reason)) from refusal


@admin.register(Community)
class CommunityAdmin(admin.ModelAdmin[Community]):
    form = CommunityForm
    readonly_fields = ("effect_home", "effect_joining")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name_fr", "name_en"),
                    ("purpose_fr", "purpose_en"),
                    "logo",
                    "accent",
                    "languages",
                    "register",
                    "effect_home",
                )
            },
        ),
        (_("Joining"), {"fields": ("joining", ("question_fr", "question_en"), "effect_joining")}),
        (_("Answering"), {"fields": ("contact_email", "welcome_after_hours", "reply_mail_minutes")}),
        (_("Reading"), {"fields": ("unread_days",)}),
    )

    @admin.display(description="")
    def effect_home(self, community: Community) -> SafeString:
        return see("/")

    @admin.display(description="")
    def effect_joining(self, community: Community) -> SafeString:
        return see(reverse("account_signup"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Page)
class PageAdmin(admin.ModelAdmin[Page]):
    list_display = ("slug", "is_draft", "updated_at", "effect")
    readonly_fields = ("slug", "effect")
    fields = ("slug", ("title_fr", "title_en"), "body_fr", "body_en", "is_draft", "effect")

    @admin.display(description="")
    def effect(self, page: Page) -> SafeString:
        return see(page.get_absolute_url())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin[Member]):
    list_display = ("username", "name", "state", "trust", "joined_at", "is_staff")
    list_filter = ("state", "trust", "is_staff")
    search_fields = ("username", "name", "email")
    readonly_fields = ("username", "email", "joined_at", "state", "source", "suspended_until", "held_until", "effect")
    fields = (
        "username",
        "name",
        "email",
        "state",
        "trust",
        "language",
        "time_zone",
        "joined_at",
        "source",
        "suspended_until",
        "held_until",
        "is_staff",
        "is_superuser",
        "effect",
    )

    @admin.display(description="")
    def effect(self, member: Member) -> SafeString:
        return see(member.get_absolute_url())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline[GroupMembership, Group]):
    model = GroupMembership
    autocomplete_fields = ("member",)
    fields = ("member",)
    extra = 1


@admin.register(Group)
class GroupAdmin(admin.ModelAdmin[Group]):
    inlines = (MembershipInline,)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin[Invitation]):
    list_display = ("code", "note", "uses", "limit", "expires_at", "created_by")
    fields = ("code", "note", "limit", "expires_at", "effect")
    readonly_fields = ("effect",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"expires_at": timezone.now() + timedelta(days=14), "limit": 1}

    @admin.display(description="")
    def effect(self, invitation: Invitation) -> SafeString:
        return see(reverse("account_signup"))

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        if not change and isinstance(request.user, Member):
            obj.created_by = request.user
        super().save_model(request, obj, form, change)
