"""Limits of what is written. Those an operator may set are read from LIMIT_<NAME> in the environment (docs/limits.md);
the others are the shape of the database."""

from toolkit.limits import limit

TITLE_MAX_LENGTH = 140  # characters: the column's
REASON_MAX_LENGTH = 400  # characters: the column's
TAG_MAX_LENGTH = 40  # characters: the column's
NOTE_MAX_LENGTH = 400  # characters: the column's
POLL_OPTION_MAX_LENGTH = 120  # characters: the column's
PLACES_PER_PAGE = 20  # places of a topic on one page, tombstones included
TOPICS_PER_PAGE = 30
TOP_TOPICS = 300  # of each forum and period that have a score
FEED_TOPICS = 30  # entries of a feed
SEARCH_MISSES_A_MINUTE = 60  # searches without results that are counted
BEST_OF_POSTS = 20  # posts of the best-of view
SUGGESTIONS = 8  # names or tags offered while typing
TOPIC_TITLES_SUGGESTED = 5  # similar topics shown while a title is typed
FIRST_POSTS = 3  # posts of a newcomer beside which a hint stands

POST_MAX_LENGTH = limit("POST_LENGTH", 60_000, "characters", least=1_000, most=500_000)
TAGS_PER_TOPIC = limit("TAGS_PER_TOPIC", 5, "tags", most=20)
MENTIONS_PER_POST = limit("MENTIONS_PER_POST", 20, "members", most=200)  # further names stay plain text
EDITED_GRACE_SECONDS = limit("EDITED_GRACE", 300, "seconds", least=0, most=86_400)  # no "edited" mark within it
RESTORE_DAYS = limit("RESTORE", 30, "days", most=365)  # in which what was withdrawn can be restored
ANNOUNCEMENTS_PER_WEEK = limit("ANNOUNCEMENTS", 2, "announcements a forum and week", most=100)
POLL_OPTIONS = limit("POLL_OPTIONS", 12, "answers of a poll", least=2, most=50)
BOOKMARKS = limit("BOOKMARKS", 2_000, "bookmarks a member", most=100_000)
SCHEDULED_POSTS = limit("SCHEDULED_POSTS", 50, "waiting posts a member", most=1_000)
BUSY_HOURS = limit("BUSY", 24, "hours", least=0, most=720)  # closing a topic active within them asks twice
POINTER_DAYS = limit("POINTER", 7, "days", least=0, most=90)  # the forum a topic left points to it
POSTS_MOVED_AT_ONCE = limit("POSTS_MOVED", 2_000, "posts", most=20_000)
DRAFT_KEPT_DAYS = limit("DRAFT", 180, "days after the last change", least=7, most=3_650)
VISITOR_DRAFT_KEPT_DAYS = limit("VISITOR_DRAFT", 7, "days", most=90)
TRUSTED_AFTER_POSTS = limit("MEMBER_AFTER_POSTS", 5, "published posts", least=0)
TRUSTED_AFTER_DAYS = limit("MEMBER_AFTER", 3, "days since joining", least=0)
REGULAR_AFTER_POSTS = limit("REGULAR_AFTER_POSTS", 50, "published posts", least=0)
REGULAR_AFTER_DAYS = limit("REGULAR_AFTER", 60, "days since joining", least=0)

ALT_MAX_LENGTH = 300  # characters: the column's
FILE_NAME_LENGTH = 120  # characters: the column's
FILE_BYTES = limit("FILE_SIZE", 10, "MB", most=500) * 1024 * 1024
IMAGE_PIXELS = limit("IMAGE_PIXELS", 50, "million pixels", most=200) * 1_000_000
FILES_PER_POST = limit("FILES_PER_POST", 30, "files named in one post", most=100)
QUOTA_BYTES = {
    trust: limit(f"QUOTA_{trust.upper()}", default, "MB of one member", most=1_000_000) * 1024 * 1024
    for trust, default in (("newcomer", 20), ("member", 500), ("regular", 2_000))
}
UPLOADS_PER_HOUR = {
    trust: limit(f"UPLOADS_{trust.upper()}", default, "files an hour", most=10_000)
    for trust, default in (("newcomer", 10), ("member", 60), ("regular", 120))
}
CONVERSATION_SEATS = limit("CONVERSATION_MEMBERS", 20, "members", least=2, most=100)
INVITATIONS_PER_HOUR = {
    trust: limit(f"INVITATIONS_{trust.upper()}", default, "members brought into conversations an hour", most=1_000)
    for trust, default in (("newcomer", 5), ("member", 30), ("regular", 60))
}
UNUSED_HOURS = limit("UNUSED_FILE", 24, "hours", most=8_760)  # after which a file that nothing refers to goes
PREVIEW_DAYS = limit("PREVIEW", 7, "days", most=365)  # in which a page elsewhere is not asked again
REQUEST_BYTES = limit("REQUEST_SIZE", 30, "MB", least=6, most=2_000) * 1024 * 1024  # of everything sent at once
