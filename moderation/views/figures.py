"""What is moderated, in figures, for everybody; the report of a year, as the law has it."""

from __future__ import annotations

import csv
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from moderation.gate import open_to_all
from moderation.models import Settings
from moderation.queries import log_page
from moderation.queries.figures import HEAD, Cell, month_figures, published_months, reported_years, transparency_rows
from moderation.views.request import reader_of
from toolkit.fragments import render_page
from toolkit.verdicts import Refused


@open_to_all
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The months whose figures are published, and the newest of them; for moderators, every decision with its undo."""
    reader, settings, months = reader_of(request), Settings.current(), published_months()
    this_year = timezone.localtime().year
    years = [year for year in reported_years(months) if settings.publishes_figures and year < this_year]
    if reader.moderates_everywhere or reader.is_admin:
        years = sorted({*reported_years(months), this_year}, reverse=True)
    context = {
        "months": months,
        "figures": month_figures(months[0]) if months else None,
        "years": years,
        "page": log_page(reader, after=request.GET.get("after", "")) if reader.moderates_anywhere else None,
    }
    return render_page(request, "moderation/log.html", context)


@open_to_all
@require_safe
def log_month(request: HttpRequest, year: int, month: int) -> HttpResponse:
    """The figures of one month that is over."""
    months, settings = published_months(), Settings.current()
    if not 1 <= month <= 12 or not 1 <= year <= 9999 or date(year, month, 1) not in months:
        raise Http404
    at = months.index(date(year, month, 1))
    context = {
        "figures": month_figures(months[at], with_entries=settings.publishes_entries),
        "later": months[at - 1] if at else None,
        "earlier": months[at + 1] if at + 1 < len(months) else None,
        "shows_entries": settings.publishes_entries,
    }
    return render_page(request, "moderation/log_month.html", context)


@open_to_all
@require_safe
def transparency(request: HttpRequest, year: int) -> HttpResponse:
    """The transparency report of a calendar year as CSV: for admins and those who moderate everywhere; for everybody,
    once the year is over and the admin publishes it."""
    reader, this_year = reader_of(request), timezone.localtime().year
    if not 2000 <= year <= this_year:
        raise Http404
    if not (reader.moderates_everywhere or reader.is_admin):
        if not Settings.current().publishes_figures:
            raise Refused(_("This report is not published."))
        if year == this_year:
            raise Refused(_("The report of a year is published once it is over."))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="transparency-{year}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    writer = csv.writer(response)
    writer.writerow(HEAD)
    writer.writerows([_harmless(cell) for cell in row] for row in transparency_rows(year))
    return response


def _harmless(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
