"""Dates as mail programs wrote them, time zones of the 1990s included."""

from __future__ import annotations

import email.utils
import re
from datetime import UTC, datetime, timedelta, timezone

EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)

# Hours from UTC. Names that were used for several zones have the meaning most common in mail.
_ZONES = {
    "ut": 0, "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "wet dst": 1, "bst": 1, "ist": 5.5, "met": 1, "mez": 1,
    "cet": 1, "fst": 1, "mest": 2, "mesz": 2, "met dst": 2, "metdst": 2, "cet dst": 2, "cest": 2, "fdst": 2, "eet": 2,
    "eet dst": 3, "eetdst": 3, "eest": 3, "idt": 3, "msk": 3, "msd": 4, "jst": 9, "kst": 9, "hkt": 8, "sst": 8,
    "aest": 10, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "ast": -4,
    "adt": -3, "hst": -10, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_NUMBERED = re.compile(r"(?:GMT|UTC?|UT)?\s*([+-]{1,2})[+-]?(\d{1,2}):?(\d{2})?\s*$", re.IGNORECASE)
_LETTERS = re.compile(r"\s([A-Za-z]{1,6}(?:[ _-]DST)?)\s*$")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")


def date_of(text: str) -> datetime | None:
    """The moment a Date line means, in UTC; None if it cannot be read. An unknown time zone counts as UTC."""
    bare = re.sub(r"\([^()]*\)", " ", text).strip()
    clock = _TIME.search(bare)
    if clock is None:
        return _iso(bare)
    tail = bare[clock.end() :]
    offset = _offset(tail)
    fields = email.utils.parsedate(_without_zone(bare[: clock.end()], tail))
    if fields is None:
        return _iso(bare)
    try:
        moment = datetime(*fields[:6], tzinfo=timezone(offset))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _without_zone(head: str, tail: str) -> str:
    """The date with its time and, where it stands after them, its year: "Tue Oct  6 10:59:15 MET 1992"."""
    seconds = re.match(r"[:.]\d{2}", tail)
    year = re.search(r"\b(?:19|20)\d{2}\b", tail)
    tidy = head + (seconds[0] if seconds else ":00")
    return f"{tidy} {year[0]}" if year else tidy


def _offset(tail: str) -> timedelta:
    tail = re.sub(r"^[:.]\d{2}(?:\.\d+)?", " ", tail)
    tail = re.sub(r"\b(?:19|20)\d{2}\b(?!\d)(?<![+-]\d{4})", " ", tail).rstrip()
    numbered = _NUMBERED.search(tail)
    if numbered:
        digits = numbered[2] + (numbered[3] or "")
        hours, minutes = (int(digits[:-2] or 0), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
        if hours <= 14 and minutes < 60:
            sign = -1 if numbered[1].endswith("-") and not numbered[1].startswith("+") else 1
            return sign * timedelta(hours=hours, minutes=minutes)
    named = _LETTERS.search(" " + tail)
    return timedelta(hours=_ZONES.get(re.sub(r"[_-]", " ", named[1]).lower(), 0)) if named else timedelta()


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def is_plausible(moment: datetime | None, now: datetime) -> bool:
    """Whether mail can have been sent then: from 1980 to a day after now (clocks go wrong)."""
    return moment is not None and moment >= EARLIEST and moment <= now + timedelta(days=1)
