"""Limits of what members say of themselves and ask for. An operator may set some as LIMIT_<NAME> (docs/limits.md)."""

from toolkit.limits import limit

PICTURE_BYTES = limit("PICTURE_SIZE", 5, "MB", most=50) * 1024 * 1024
PICTURE_PIXELS = 50_000_000  # of an uploaded picture; more is not decoded
PICTURE_SIZES = {"small": 96, "large": 256}  # pixels: beside words (twice 41) and on the profile
WHOLE_SIDE = 1_024  # pixels of the longest side of what is kept while a part is chosen
WHOLE_KEPT_HOURS = 24  # the whole picture goes after this: what was cropped away is nobody's
LEAST_CROP = 64  # pixels
ANSWER_MAX_LENGTH = 300  # characters: the column's
CLOSING_DAYS = limit("CLOSING", 14, "days", most=60)  # to change one's mind
REASON_MAX_LENGTH = 400  # characters: the column's
CLAIM_LINK_HOURS = limit("CLAIM_LINK", 24, "hours", most=168)  # in which a link mailed for a claim opens
CLAIMS_PER_DAY = limit("CLAIMS", 5, "claims of imported names a member and day", most=100)
CLAIM_WORDS_LENGTH = 1_000  # characters of what a claimant tells the moderators
