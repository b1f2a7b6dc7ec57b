"""Texts that admins write twice: one column per language, and a property that picks the right one.

`name = Bilingual()` beside `name_fr` and `name_en` reads the column of the active language; an empty one falls back
to the other, and the value says which language it really is in, so that a page can mark it with `lang`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from django.utils.html import format_html
from django.utils.translation import get_language

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

LANGUAGES = ("fr", "en")


def active_language() -> str:
    """The interface language of this moment, as one of LANGUAGES."""
    return "fr" if (get_language() or "en").startswith("fr") else "en"


class Wording(str):
    """A text that knows its language. `marked` wraps it in a span with `lang` when it is not the page's own."""

    lang: str

    def __new__(cls, text: str, lang: str) -> Wording:
        wording = super().__new__(cls, text)
        wording.lang = lang
        return wording

    @property
    def marked(self) -> SafeString:
        if self.lang == active_language():
            return format_html("{}", str(self))
        return format_html('<span lang="{}">{}</span>', self.lang, str(self))


class Bilingual:
    """Reads `<name>_fr` or `<name>_en`, whichever fits the active language and is filled."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Bilingual: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Wording: ...
    def __get__(self, instance: object | None, owner: type) -> Bilingual | Wording:
        return self if instance is None else self.within(instance, active_language())

    def within(self, instance: Any, language: str) -> Wording:
        """The text in that language, or in the other one when that is empty."""
        other = "en" if language == "fr" else "fr"
        text = getattr(instance, f"{self.name}_{language}")
        if text:
            return Wording(text, language)
        return Wording(getattr(instance, f"{self.name}_{other}"), other)
