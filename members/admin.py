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
from members.actions.standing import grant_hat, set_trust, withdraw_hat
from members.limits import REASON_MAX_LENGTH
from members.models import (
    Community,
    Group,
    GroupMembership,
    Hat,
    HatGrant,
    Invitation,
    Member,
    Page,
    ProfileField,
    TrustChange,
)
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
        (_("Moderation"), {"fields": ("has_settlement_bodies",)}),
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


class MemberForm(forms.ModelForm[Member]):
    """Trust is set with a reason, which the member is told."""

    why = forms.CharField(
        label=_("why trust is set by hand"),
        required=False,
        max_length=REASON_MAX_LENGTH,
        help_text=_("Needed when you change trust. The member is told, with these words and your name."),
    )

    class Meta:
        model = Member
        fields = ("name", "trust", "language", "time_zone", "is_staff", "is_superuser")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "trust" in self.changed_data and not data.get("why", "").strip():
            self.add_error("why", _("Say why: the member is told."))
        return data


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin[Member]):
    form = MemberForm
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
        "why",
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

    def save_model(self, request: HttpRequest, obj: Member, form: Any, change: bool) -> None:
        """Only what was changed is written; trust through its action."""
        asked = obj.trust
        plain = [name for name in form.changed_data if name not in {"trust", "why"}]
        obj.trust = form.initial.get("trust", asked)
        obj.save(update_fields=plain)
        if asked != obj.trust and isinstance(request.user, Member):
            obj.trust = set_trust(obj, asked, by=request.user, reason=form.cleaned_data["why"]).after


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """To look at, not to change."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(TrustChange)
class TrustChangeAdmin(ReadOnlyAdmin):
    list_display = ("member", "before", "after", "by", "reason", "created_at")
    list_filter = ("after",)
    list_select_related = ("member", "by")
    search_fields = ("member__username",)


class ProfileFieldForm(BilingualForm):
    class Meta:
        model = ProfileField
        fields = (
            "name_fr", "name_en", "help_fr", "help_en", "kind", "choices_fr", "choices_en", "seen_by", "order",
            "retired_at",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        french, english = (
            [line for line in data.get(name, "").splitlines() if line.strip()] for name in ("choices_fr", "choices_en")
        )
        if data.get("kind") == ProfileField.Kind.CHOICE and not (french or english):
            self.add_error("choices_fr", _("Give at least one choice."))
        if french and english and len(french) != len(english):
            self.add_error("choices_en", _("Give as many choices in English as in French, in the same order."))
        return data


@admin.register(ProfileField)
class ProfileFieldAdmin(admin.ModelAdmin[ProfileField]):
    form = ProfileFieldForm
    list_display = ("__str__", "kind", "seen_by", "order", "retired_at", "effect")
    readonly_fields = ("effect",)
    fields = (
        ("name_fr", "name_en"),
        ("help_fr", "help_en"),
        "kind",
        ("choices_fr", "choices_en"),
        ("seen_by", "order"),
        "retired_at",
        "effect",
    )

    @admin.display(description="")
    def effect(self, field: ProfileField) -> SafeString:
        return see(reverse("members:edit-profile"))


@admin.register(Hat)
class HatAdmin(admin.ModelAdmin[Hat]):
    form = BilingualForm
    list_display = ("__str__", "description_fr", "description_en")
    fields = (("name_fr", "name_en"), ("description_fr", "description_en"))

    def has_delete_permission(self, request: HttpRequest, obj: Hat | None = None) -> bool:
        """A hat that somebody had is in the log."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.grants.exists())


class GrantForm(forms.ModelForm[HatGrant]):
    """Given once, withdrawn once: each with its reason, through its action."""

    class Meta:
        model = HatGrant
        fields = ("member", "hat", "reason", "until", "withdrawn_reason")

    def clean_withdrawn_reason(self) -> str:
        reason: str = self.cleaned_data["withdrawn_reason"]
        if not reason.strip():
            raise ValidationError(_("Say why: it is kept in the log."))
        return reason


@admin.register(HatGrant)
class HatGrantAdmin(admin.ModelAdmin[HatGrant]):
    form = GrantForm
    list_display = ("member", "hat", "since", "until", "granted_by", "withdrawn_by")
    list_filter = ("hat",)
    list_select_related = ("member", "hat", "granted_by", "withdrawn_by")
    search_fields = ("member__username", "member__name")
    autocomplete_fields = ("member",)

    def get_fields(self, request: HttpRequest, obj: HatGrant | None = None) -> Any:
        given = ("member", "hat", "reason", "until")
        return given if obj is None else (*given, "since", "granted_by", "withdrawn_reason", "withdrawn_by")

    def get_readonly_fields(self, request: HttpRequest, obj: HatGrant | None = None) -> Any:
        if obj is None:
            return ()
        done = ("member", "hat", "reason", "until", "since", "granted_by", "withdrawn_by")
        return done if obj.withdrawn_by_id is None else (*done, "withdrawn_reason")

    def save_model(self, request: HttpRequest, obj: HatGrant, form: Any, change: bool) -> None:
        if not isinstance(request.user, Member):
            return
        if change:
            withdraw_hat(obj, by=request.user, reason=obj.withdrawn_reason)
            return
        made = grant_hat(obj.hat, to=obj.member, by=request.user, reason=obj.reason, until=obj.until)
        obj.pk = made.pk

    def has_delete_permission(self, request: HttpRequest, obj: HatGrant | None = None) -> bool:
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
