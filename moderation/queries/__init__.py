"""What moderation's pages read."""

from moderation.queries.automation import RulePage, hits_of_case, rule_page, trial_posts
from moderation.queries.cases import (
    CasePage,
    Said,
    Wanted,
    case_page,
    cases_of_batch,
    file_of_case,
    messages_to_report,
    open_counts,
    queue,
    who_is_on_what,
)
from moderation.queries.letters import LetterPage, letter_page, letters_of
from moderation.queries.log import decision_by_id, decision_page, log_page, usual_wait
from moderation.queries.notices import NoticePage, notice_page
from moderation.queries.places import Place, place_at
from moderation.queries.reports import notices_of, reports_page
from moderation.queries.reverting import decisions_to_revert
from moderation.queries.settings import forums_to_move_into, offered_measures, reply_templates
from moderation.queries.standing import open_case_about, standing_page

__all__ = [
    "CasePage",
    "LetterPage",
    "NoticePage",
    "Place",
    "RulePage",
    "Said",
    "Wanted",
    "case_page",
    "cases_of_batch",
    "decision_by_id",
    "decision_page",
    "decisions_to_revert",
    "file_of_case",
    "forums_to_move_into",
    "hits_of_case",
    "letter_page",
    "letters_of",
    "log_page",
    "messages_to_report",
    "notice_page",
    "notices_of",
    "offered_measures",
    "open_case_about",
    "open_counts",
    "place_at",
    "queue",
    "reply_templates",
    "reports_page",
    "rule_page",
    "standing_page",
    "trial_posts",
    "usual_wait",
    "who_is_on_what",
]
