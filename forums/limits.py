"""Limits of what is written, with their units. One place, so that forms, models and help say the same."""

TITLE_MAX_LENGTH = 140  # characters
POST_MAX_LENGTH = 60_000  # characters
REASON_MAX_LENGTH = 400  # characters
TAGS_PER_TOPIC = 5
TAG_MAX_LENGTH = 40  # characters
PLACES_PER_PAGE = 20  # places of a topic on one page, tombstones included
TOPICS_PER_PAGE = 30
MENTIONS_PER_POST = 20  # further names stay plain text
EDITED_GRACE_SECONDS = 300  # an edit this soon after publication leaves no "edited" mark
TRUSTED_AFTER_POSTS = 5  # published posts
TRUSTED_AFTER_DAYS = 3  # days since joining
REGULAR_AFTER_POSTS = 50  # published posts
REGULAR_AFTER_DAYS = 60  # days since joining
DRAFT_KEPT_DAYS = 180  # days after the last change
VISITOR_DRAFT_KEPT_DAYS = 7
