"""The French and English catalogues: collected, checked and compiled without gettext's programs.

English is the language of the source: its catalogue holds what differs from it (plural forms). Babel reads the Python
sources; Django's own `templatize` turns templates into calls that can be read the same way.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation.template import templatize

from toolkit.typography import english_faults, french_faults

APPS = ("commune", "engagement", "forums", "members", "moderation", "toolkit")
LANGUAGES = ("fr", "en")
KEYWORDS: dict[str, Any] = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "_")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_CALL = re.compile(r"\b(_|gettext|ngettext|pgettext|npgettext)\(")


class Command(BaseCommand):
    help = "update: collect what is to be translated; check: complete and right; compile: make .mo files."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["update", "check", "compile"])

    def handle(self, *args: Any, **options: Any) -> None:
        {"update": self.update, "check": self.insist, "compile": self.make_mo}[options["what"]]()

    def update(self) -> None:
        fresh = collected()
        for language in LANGUAGES:
            kept = catalogue(language)
            merged = Catalog(locale=language, charset="utf-8", header_comment="# Commune", fuzzy=False)
            for message in fresh:
                if message.id:
                    old = kept.get(message.id, message.context)
                    merged.add(
                        message.id,
                        string=old.string if old is not None else None,
                        locations=message.locations,
                        context=message.context,
                        flags=message.flags,
                    )
            if language == "en":
                _say_english_as_it_is(merged)
            path = _path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            out = io.BytesIO()
            write_po(out, merged, width=110, sort_output=True, include_lineno=False, omit_header=False)
            path.write_bytes(_without_dates(out.getvalue()))
        self.stdout.write(f"{sum(1 for m in fresh if m.id)} messages; untranslated: {len(missing())}.")

    def insist(self) -> None:
        found = faults()
        if found:
            raise CommandError("\n".join(found[:60]) + f"\n{len(found)} faults in the catalogues.")

    def make_mo(self) -> None:
        for language in LANGUAGES:
            source = _path(language)
            target = source.with_suffix(".mo")
            if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
                continue
            out = io.BytesIO()
            write_mo(out, catalogue(language))
            fresh = target.with_suffix(".mo.new")
            fresh.write_bytes(out.getvalue())
            fresh.replace(target)


def _path(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po"


def catalogue(language: str) -> Catalog:
    """What is translated now."""
    path = _path(language)
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def collected() -> Catalog:
    """Every message in the sources, with where it stands."""
    found = Catalog()
    for path, function, said, context in _messages():
        ids = tuple(said[:2]) if function.startswith(("ngettext", "npgettext")) else said[0]
        found.add(ids, locations=[(path, 1)], context=context, flags=_flags(ids))
    return found


def _flags(ids: Any) -> list[str]:
    first = ids if isinstance(ids, str) else ids[0]
    return ["python-format"] if re.search(r"%\(\w+\)[sd]", first) else []


def _messages() -> Iterator[tuple[str, str, list[str], str | None]]:
    root = settings.BASE_DIR
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            name = str(path.relative_to(root))
            for _line, function_said, _comments, context in _python(path):
                yield name, *_normal(function_said), context
    for path in sorted((root / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield from _template(path, str(path.relative_to(root)))


def _python(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    yield from extract_from_file("python", path, keywords=KEYWORDS)


def _normal(message: Any) -> tuple[str, list[str]]:
    if isinstance(message, tuple):
        return "ngettext", [part for part in message if part]
    return "gettext", [message]


def _template(path: Path, name: str) -> Iterator[tuple[str, str, list[str], str | None]]:
    code = templatize(path.read_text(), origin=name)
    for match in _CALL.finditer(code):
        end = _end_of_call(code, match.end())
        try:
            call = ast.parse(f"f({code[match.end() : end]})", mode="eval").body
        except SyntaxError:
            continue
        said = [str(a.value) for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]  # type: ignore[attr-defined]
        function = "gettext" if match[1] == "_" else match[1]
        context = said.pop(0) if "pgettext" in function and said else None
        if said:
            yield name, function, said, context


def _end_of_call(code: str, start: int) -> int:
    """Where the call's closing parenthesis stands; strings are passed over."""
    depth, quote, index = 1, "", start
    while index < len(code):
        char = code[index]
        if quote:
            if char == "\\":
                index += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
            if not depth:
                return index
        index += 1
    return len(code)


def _say_english_as_it_is(english: Catalog) -> None:
    for message in english:
        if message.id:
            message.string = tuple(message.id) if isinstance(message.id, (tuple, list)) else message.id


def _without_dates(po: bytes) -> bytes:
    """The header without moments, so that collecting twice changes nothing."""
    return re.sub(rb'"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Generated-By)[^\n]*\n', b"", po)


def missing() -> list[Message]:
    """Messages without a French translation."""
    french = catalogue("fr")
    return [m for m in french if m.id and not _is_said(m)]


def _is_said(message: Message) -> bool:
    said = message.string
    return all(said) if isinstance(said, (tuple, list)) else bool(said)


def faults() -> list[str]:
    """What is incomplete or wrong: messages not collected, not translated, placeholders that differ, typography."""
    found = []
    fresh = {(str(m.id), m.context): m for m in collected() if m.id}
    for language in LANGUAGES:
        kept = {(str(m.id), m.context): m for m in catalogue(language) if m.id}
        found += [f"{language}: not collected, run `make messages`: {key[0]}" for key in fresh.keys() - kept.keys()]
        found += [f"{language}: no longer used, run `make messages`: {key[0]}" for key in kept.keys() - fresh.keys()]
        check = french_faults if language == "fr" else english_faults
        for message in kept.values():
            found += [f"{language}: {fault}: {text}" for fault, text in _faults_of(message, check)]
    return sorted(found)


def _faults_of(message: Message, check: Any) -> Iterator[tuple[str, str]]:
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    said = [message.string] if isinstance(message.string, str) else list(message.string or ())
    if not said or not all(said):
        yield "not translated", ids[0]
        return
    wanted = {name for text in ids for name in _placeholders(text)}
    for text in said:
        odd = _placeholders(text) - wanted
        if odd or (len(ids) == 1 and wanted - _placeholders(text)):
            yield "placeholders differ", text
        for fault in check(text):
            yield fault, text


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))
