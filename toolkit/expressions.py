"""SQL that Django has no name for."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import CheckConstraint, Func, IntegerField, TextField, Value
from django.db.models.lookups import Exact


class NumNonNulls(Func):
    """How many of some columns hold something."""

    function = "num_nonnulls"
    output_field = IntegerField()


def folded(words: Any) -> Func:
    """Words (an expression) without case and accents, as search folds them."""
    return Func(words, function="commune_fold", output_field=TextField())


class Lexemes(Func):
    """The words of some columns, stemmed and folded as search does, in both languages at once: for a generated column
    of texts whose language nobody says."""

    arg_joiner = " || ' ' || "
    template = (
        "(commune_words('french'::regconfig, %(expressions)s) || commune_words('english'::regconfig, %(expressions)s))"
    )
    output_field = SearchVectorField()


def one_of(*columns: str, name: str) -> CheckConstraint:
    """The constraint that exactly one of these columns is filled."""
    return CheckConstraint(condition=Exact(NumNonNulls(*columns), Value(1)), name=name)
