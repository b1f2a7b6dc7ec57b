"""Limits that an operator may set: each has a unit, a default, and bounds within which it makes sense."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from environs import Env

_env = Env()


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be set as LIMIT_<NAME>, and what is in force."""

    name: str
    unit: str
    default: int
    value: int


KNOWN: dict[str, Limit] = {}


def limit(name: str, default: int, unit: str, *, least: int = 1, most: int = 10**9) -> int:
    """The value of the environment's LIMIT_<name>, or the default. Refuses, in one sentence, what makes no sense."""
    value = _env.int(f"LIMIT_{name}", default)
    if not least <= value <= most:
        raise ImproperlyConfigured(f"LIMIT_{name} is {value} {unit}: give a number from {least} to {most}.")
    KNOWN[name] = Limit(name, unit, default, value)
    return int(value)
