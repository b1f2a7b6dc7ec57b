"""What a member reported, and what became of it: for that member only."""

from __future__ import annotations

from members.models import Member
from moderation.models import Notice, Report
from moderation.queries.outcomes import decisions_in
from moderation.wording import outcome_for_sender
from toolkit.paging import KeyPage, page_by_key

REPORTS_PER_PAGE = 20


def reports_page(member: Member, *, after: str = "") -> KeyPage[Report]:
    """One's reports, the newest first, each with `outcomes`: what was decided since, the newest first. Two queries."""
    rows = Report.objects.filter(reporter=member).select_related(
        "rule", "case__subject__post__author", "case__subject__topic__author", "case__subject__member"
    )
    page = page_by_key(rows, by="created_at", size=REPORTS_PER_PAGE, after=after)
    decided = decisions_in(report.case_id for report in page.rows)
    for report in page.rows:
        since = [one for one in decided.get(report.case_id, []) if one.made_at >= report.created_at]
        report.outcomes = [(outcome_for_sender(one), one) for one in since]  # type: ignore[attr-defined]
    return page


def notices_of(member: Member) -> list[Notice]:
    """The notices one gave while signed in, the newest first. One query."""
    return list(Notice.objects.filter(member=member).order_by("-pk")[:REPORTS_PER_PAGE])
