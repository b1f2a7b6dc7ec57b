"""Limits of moderation, with their units."""

CLAIM_MINUTES = 15
TAKE_BACK_SECONDS = 30  # nobody is written to before that
ALONE_SUSPENDS_DAYS = 7  # longer, and exclusions, need a second person
SECOND_HOURS = 72  # within which a second person confirms, or the measure lapses
RETURNED_DAYS = 30  # a post given back for a change waits so long for its author
SWEPT_POSTS = 1000  # at most, in one go
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
HAND_OVER_DAYS = 30  # a note stands atop the queue so long at most
HAND_OVER_MAX_LENGTH = 2000  # characters
LESSON_MAX_LENGTH = 1000  # characters
CALL_MAIL_MINUTES = 30  # between two mails that call one person; those between stand among their notifications
OUTSIDE_CALL_MINUTES = 60  # so often at most is one person called to notices by people without an account
ROTA_DAYS_AHEAD = 14  # looked at to say who is on duty next
FEWEST_SHOWN = 3  # a smaller count is not published
PASSAGE_OF_INSULTS = 3  # from so many on, a passage is covered as a whole
