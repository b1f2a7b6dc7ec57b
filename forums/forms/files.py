"""Choosing files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forums.limits import ALT_MAX_LENGTH
from toolkit.text import one_line


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, also none. For composers that work without a script: its value goes to `attach_uploads`."""

    def __init__(self, **kwargs: Any) -> None:
        said = {"label": _("Add images or files"), "required": False, "allow_empty_file": True}
        super().__init__(widget=SeveralFiles(), **{**said, **kwargs})

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(FilesField, self).clean(file, initial) for file in data or []]


class UploadForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"] = FilesField(label=_("Choose files"))


class DescribeForm(forms.Form):
    """What an image shows, for those who do not see it."""

    alt = forms.CharField(
        label=_("What it shows, for those who do not see it"), max_length=ALT_MAX_LENGTH, required=False
    )

    def clean_alt(self) -> str:
        return one_line(self.cleaned_data["alt"])
