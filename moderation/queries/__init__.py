"""What moderation's pages read."""

from moderation.queries.automation import RulePage, hits_of_case, rule_page, trial_posts
from moderation.queries.cases import CasePage, Said, case_page, file_of_case, messages_to_report, open_counts, queue
from moderation.queries.log import decision_page, log_figures, log_page, usual_wait
from moderation.queries.notices import NoticePage, notice_page
from moderation.queries.places import Place, place_at
from moderation.queries.reports import notices_of, reports_page
from moderation.queries.standing import open_case_about, standing_page

__all__ = [
    "CasePage",
    "NoticePage",
    "Place",
    "RulePage",
    "Said",
    "case_page",
    "decision_page",
    "file_of_case",
    "hits_of_case",
    "log_figures",
    "log_page",
    "messages_to_report",
    "notice_page",
    "notices_of",
    "open_case_about",
    "open_counts",
    "place_at",
    "queue",
    "reports_page",
    "rule_page",
    "standing_page",
    "trial_posts",
    "usual_wait",
]
