"""Reading the demo's texts: members, forums and queue from TOML, topics from Markdown files with a short header."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent


@dataclass(slots=True)
class PostScript:
    author: str
    age: timedelta
    lang: str
    body: str
    flags: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class TopicScript:
    stem: str
    header: dict[str, str]
    posts: list[PostScript]


def table(name: str) -> dict[str, Any]:
    """One of the TOML files: "people", "forums", "queue" or "conversations"."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


def age_of(text: str) -> timedelta:
    """ "13d 4h" as a duration; a leading sign is left out."""
    units = {"d": "days", "h": "hours", "m": "minutes"}
    parts = {units[unit]: int(number) for number, unit in re.findall(r"(\d+)([dhm])", text)}
    return timedelta(**parts)


def topics() -> list[TopicScript]:
    """Every topic file, in the order of their names."""
    return [_topic(path) for path in sorted((FOLDER / "topics").glob("*.md"))]


def _topic(path: Path) -> TopicScript:
    head, *posts = re.split(r"^=== ", path.read_text(), flags=re.MULTILINE)
    header = dict(line.split(": ", 1) for line in head.strip().splitlines())
    return TopicScript(path.stem, header, [_post(post) for post in posts])


def _post(text: str) -> PostScript:
    line, _newline, body = text.partition("\n")
    author, age, lang, *flags = [part.strip() for part in line.split(" | ")]
    known: dict[str, str] = {}
    last = ""
    for flag in flags:
        name, colon, value = flag.partition(":")
        if colon and name in {"thanks", "removed", "hidden", "reply", "photo"}:
            known[name], last = value.strip(), name
        elif name in {"held", "story", "placeholder"}:
            known[name] = "yes"
        else:  # a further part of the flag before it
            known[last] += f" | {flag}"
    return PostScript(author, age_of(age), lang, body.strip(), known)
