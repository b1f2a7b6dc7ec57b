"""Automatic rules: filled in, tried, switched on and off. What they met is read here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.admin import BilingualForm, ReadOnlyAdmin
from members.models import Member
from moderation.actions import automation
from moderation.automatic.phrases import is_phrase, lines_of
from moderation.models import AutomaticRule, RuleHit, RuleTrial
from moderation.queries import RulePage, rule_page, trial_posts
from moderation.wording import told_of_trial
from toolkit.text import one_line, storable
from toolkit.verdicts import Refused

HOST_LENGTH = 253


class AutomaticRuleForm(BilingualForm):
    class Meta:
        model = AutomaticRule
        exclude = ()
        widgets = {name: forms.Textarea(attrs={"rows": 2}) for name in ("sentence_fr", "sentence_en")}

    def clean_sentence_fr(self) -> str:
        return one_line(self.cleaned_data["sentence_fr"])

    def clean_sentence_en(self) -> str:
        return one_line(self.cleaned_data["sentence_en"])

    def clean_name_fr(self) -> str:
        return one_line(self.cleaned_data["name_fr"])

    def clean_name_en(self) -> str:
        return one_line(self.cleaned_data["name_en"])

    def clean_words(self) -> str:
        lines = lines_of(storable(self.cleaned_data["words"]))
        for line in lines:
            if not is_phrase(line):
                said = _("“%(line)s” cannot be looked for: a star stands at the beginning or the end of a word.")
                raise ValidationError(said % {"line": line})
        return "\n".join(lines)

    def clean_links_to(self) -> str:
        lines = [line.lower().strip(".") for line in lines_of(self.cleaned_data["links_to"])]
        for line in lines:
            if "/" in line or " " in line or "." not in line or len(line) > HOST_LENGTH:
                raise ValidationError(
                    _("“%(line)s” is not the name of a site: write it as in “example.org”.") % {"line": line}
                )
        return "\n".join(lines)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not data.get("name_fr") and not data.get("name_en"):
            self.add_error("name_fr", _("Give it a name: moderators read it in the queue."))
        return data


@admin.register(AutomaticRule)
class AutomaticRuleAdmin(admin.ModelAdmin[AutomaticRule]):
    form = AutomaticRuleForm
    list_display = ("__str__", "level", "state", "hits", "overturned", "owner", "edited_at")
    list_filter = ("is_on", "level")
    list_select_related = ("owner",)
    autocomplete_fields = ("owner",)
    change_form_template = "admin/automatic_rule.html"
    view_on_site = False
    fieldsets = (
        (None, {"fields": (("name_fr", "name_en"), "level", "sentence_fr", "sentence_en", "owner")}),
        (
            _("What is written: all that is given here must hold"),
            {
                "fields": (
                    "words",
                    "words_at_least",
                    ("links_at_least", "links_are"),
                    "links_to",
                    "text_at_most",
                    "like_removed",
                    "repeated_times",
                )
            },
        ),
        (
            _("Who writes it, and how fast: and this, too"),
            {
                "fields": (
                    "trust_at_most",
                    "younger_than_hours",
                    "posts_at_most",
                    "is_unapproved",
                    "address_is_new",
                    ("rate_posts", "rate_minutes"),
                )
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AutomaticRule]:
        return super().get_queryset(request).counted()  # type: ignore[attr-defined,no-any-return]

    @admin.display(description=_("state"))
    def state(self, rule: AutomaticRule) -> str:
        if rule.is_on:
            return gettext("on")
        return str(rule.get_switched_off_because_display()) if rule.switched_off_because else gettext("off")

    @admin.display(description=_("hits"))
    def hits(self, rule: AutomaticRule) -> int:
        return int(vars(rule)["hit_count"])

    @admin.display(description=_("overturned"))
    def overturned(self, rule: AutomaticRule) -> str:
        said = {"overturned": vars(rule)["overturned_count"], "n": vars(rule)["decided_count"]}
        if not said["n"]:
            return "–"
        percent = round(100 * said["overturned"] / said["n"])
        return gettext("%(percent)d %% (%(overturned)d of %(n)d)") % {**said, "percent": percent}

    def save_model(self, request: HttpRequest, obj: AutomaticRule, form: Any, change: bool) -> None:
        was_on = obj.is_on
        automation.keep_rule(obj, by=_admin(request))
        if was_on and not obj.is_on:
            messages.warning(request, _("Its conditions have changed: it is off until you have tried it again."))

    def has_delete_permission(self, request: HttpRequest, obj: AutomaticRule | None = None) -> bool:
        """What it met is kept: a rule that acted is switched off, never deleted."""
        untouched = obj is not None and not obj.is_on and not obj.hits.exists()
        return super().has_delete_permission(request, obj) and untouched

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        rule = kwargs.get("obj")
        page: RulePage | None = rule_page(rule) if rule is not None else None
        answer: HttpResponse = super().render_change_form(request, {**context, "page": page}, *args, **kwargs)
        return answer

    def get_urls(self) -> list[URLPattern]:
        asked = [("try", self.try_it), ("switch", self.switch)]
        return [
            *(
                path(
                    f"<int:rule_id>/{name}/", self.admin_site.admin_view(view), name=f"moderation_automaticrule_{name}"
                )
                for name, view in asked
            ),
            *super().get_urls(),
        ]

    def try_it(self, request: HttpRequest, rule_id: int) -> HttpResponse:
        """Ask for a trial; its page tells how far it is."""
        rule = self._asked(request, rule_id)
        if rule is None:
            return HttpResponseNotAllowed(["POST"])
        trial = automation.try_rule(rule, days=90 if request.POST.get("days") == "90" else 30, by=_admin(request))
        return HttpResponseRedirect(trial.get_absolute_url())

    def switch(self, request: HttpRequest, rule_id: int) -> HttpResponse:
        rule = self._asked(request, rule_id)
        if rule is None:
            return HttpResponseNotAllowed(["POST"])
        try:
            if request.POST.get("to") == "on":
                automation.switch_on(rule, by=_admin(request))
                messages.success(request, _("“%(name)s” is on.") % {"name": rule})
            else:
                automation.switch_off(rule, by=_admin(request))
                messages.success(request, _("“%(name)s” is off.") % {"name": rule})
        except Refused as refusal:
            messages.error(request, str(refusal.reason))
        return HttpResponseRedirect(rule.get_absolute_url())

    def _asked(self, request: HttpRequest, rule_id: int) -> AutomaticRule | None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return self.get_object(request, str(rule_id)) if request.method == "POST" else None


def _admin(request: HttpRequest) -> Member:
    if not isinstance(request.user, Member):
        raise PermissionDenied
    return request.user


@admin.register(RuleTrial)
class RuleTrialAdmin(ReadOnlyAdmin):
    view_on_site = False
    list_display = ("rule", "days", "result", "asked_by", "asked_at", "finished_at")
    list_select_related = ("rule", "asked_by")
    ordering = ("-asked_at", "-pk")
    fields = ("of", "days", "result", "asked_by", "asked_at", "finished_at", "shown")
    readonly_fields = ("of", "result", "shown")

    @admin.display(description=_("rule"))
    def of(self, trial: RuleTrial) -> SafeString:
        return format_html('<a href="{}">{}</a>', trial.rule.get_absolute_url(), trial.rule)

    @admin.display(description=_("result"))
    def result(self, trial: RuleTrial) -> str:
        return told_of_trial(trial)

    @admin.display(description=_("some of these posts"))
    def shown(self, trial: RuleTrial) -> SafeString | str:
        lines = (
            (post.get_absolute_url(), post.topic.title, post.get_state_display(), post.body[:160])
            for post in trial_posts(trial)
        )
        return format_html_join("", '<p dir="auto"><a href="{}">{}</a> ({})<br>{}</p>', lines) or "–"


@admin.register(RuleHit)
class RuleHitAdmin(ReadOnlyAdmin):
    list_display = ("rule", "author", "level", "matched", "became", "where", "created_at")
    list_filter = ("rule", "level", "outcome")
    list_select_related = ("rule", "author", "post")
    ordering = ("-created_at", "-pk")
    fields = ("rule", "author", "level", "matched", "became", "where", "created_at")
    readonly_fields = ("became", "where")

    @admin.display(description=_("what became of it"))
    def became(self, hit: RuleHit) -> str:
        return str(hit.told)

    @admin.display(description=_("post"))
    def where(self, hit: RuleHit) -> SafeString | str:
        if hit.post is None:
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("forums:post", args=[hit.post.pk]), hit.post.pk)
