"""Limits of moderation, with their units."""

CLAIM_MINUTES = 15
APPEAL_DAYS = 183  # six months, Regulation (EU) 2022/2065, Art. 20(1)
WAIT_WINDOW_DAYS = 30  # from which "usually within N" is read
WAIT_DEFAULT_HOURS = 24
FACTS_MAX_LENGTH = 1000  # characters
MESSAGE_MAX_LENGTH = 3000  # characters
NOTICES_PER_HOUR = 6  # from one network address
NOTICES_PER_HOUR_IN_ALL = 200  # by people without an account
NAME_MAX_LENGTH = 80  # characters: the column's
NOTICES_PER_DAY = 10  # with one e-mail address
PLACES_PER_NOTICE = 20  # addresses
MESSAGES_TO_REPORT = 30  # the last ones of a conversation, offered to whoever reports it
REPORTS_THAT_HASTEN = 3  # independent reports that move a case up within its band
OVERTURNED_PERCENT = 30  # of what a rule held, published by moderators: above, it is switched off by itself
OVERTURNED_SAMPLE = 20  # decisions before that share says anything
REPEATED_DAYS = 7  # in which the same text counts as posted again
REPEATED_PERCENT = 90  # from which two texts count as the same
SKETCH_DAYS = 100  # that a post can be compared: the longest trial, and a week before it
REMOVED_SKETCH_DAYS = 730  # that a hidden or refused one can be
TRIAL_BATCH = 300  # posts read in one transaction
TRIAL_EXAMPLES = 20  # posts shown of what a rule would have met
