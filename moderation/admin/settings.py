"""Measures, their lengths, and the words that decisions begin with."""

from __future__ import annotations

from django import forms
from django.contrib import admin

from members.admin import ReadOnlyAdmin
from members.models import SignupBlock
from moderation.measures import LABELS
from moderation.models import MeasureSetting, ReplyTemplate


@admin.register(MeasureSetting)
class MeasureSettingAdmin(admin.ModelAdmin[MeasureSetting]):
    list_display = ("measure", "is_offered", "usual_days", "at_most_days")
    list_editable = ("is_offered", "usual_days", "at_most_days")


class ReplyTemplateForm(forms.ModelForm[ReplyTemplate]):
    measures = forms.MultipleChoiceField(
        label=ReplyTemplate._meta.get_field("measures").verbose_name,
        help_text=ReplyTemplate._meta.get_field("measures").help_text,
        choices=[(measure, label) for measure, label in LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    class Meta:
        model = ReplyTemplate
        fields = "__all__"  # noqa: DJ007 - every column is the admin's


@admin.register(ReplyTemplate)
class ReplyTemplateAdmin(admin.ModelAdmin[ReplyTemplate]):
    form = ReplyTemplateForm
    list_display = ("__str__", "told_measures", "rule", "is_offered", "position")
    list_editable = ("is_offered", "position")
    search_fields = ("name_fr", "name_en", "message_fr", "message_en")

    @admin.display(description=ReplyTemplate._meta.get_field("measures").verbose_name)
    def told_measures(self, template: ReplyTemplate) -> str:
        return ", ".join(str(LABELS[measure]) for measure in template.measures) or "—"


@admin.register(SignupBlock)
class SignupBlockAdmin(ReadOnlyAdmin):
    """Made and lifted by decisions; read here."""

    list_display = ("value", "kind", "until", "lifted_at")
    list_filter = ("kind",)
