"""Limits of what we say to members, with their units. Sources: docs/engagement.md."""

CLAIM_SECONDS = 300  # how long a worker may take over one batch
LETTER_LIFE_DAYS = 3  # a reply older than this is not mailed any more
CALL_LIFE_HOURS = 6  # a call to the team that could not be mailed by then is not any more
NOTICE_LIFE_DAYS = 14  # decisions and security are tried for two weeks
BODY_KEPT_HOURS = 24  # a finished message is blanked once sent, or after this
RETRY_MINUTES = (1, 5, 15, 60, 180, 360)  # after a mail server that was away
WELCOMERS_PER_TOPIC = 3
PROMPT_EVERY_DAYS = 7  # at most one prompt a member in this time
DIGEST_ITEMS = 7
DIGEST_GRACE_DAYS = 3  # a digest that could not be sent within this is skipped
BADGE_MOST = 99
ENVELOPES_PER_BATCH = 50
