"""Mail as people have sent it since the 1980s, read forgivingly. The only public door of the package.

Nothing here raises anything but `Damaged`, whatever the bytes are.
"""

from toolkit.mail.archive import Archive, Odd, address_key, author_key_of, read_archive
from toolkit.mail.body import MessageBody, body_of
from toolkit.mail.charsets import decoded
from toolkit.mail.headers import Sender, header_text, subject_key, subject_of
from toolkit.mail.html import markdown_of_html
from toolkit.mail.language import language_of
from toolkit.mail.layout import markdown_of
from toolkit.mail.mbox import Entry, index, raw_messages
from toolkit.mail.message import Damaged, File, Message, parse
from toolkit.mail.prose import begun_as_words, escaped
from toolkit.mail.threads import CLOCK_SKEW, SUBJECT_WINDOW, Place, threaded

__all__ = [
    "CLOCK_SKEW",
    "SUBJECT_WINDOW",
    "Archive",
    "Damaged",
    "Entry",
    "File",
    "Message",
    "MessageBody",
    "Odd",
    "Place",
    "Sender",
    "address_key",
    "author_key_of",
    "begun_as_words",
    "body_of",
    "decoded",
    "escaped",
    "header_text",
    "index",
    "language_of",
    "markdown_of",
    "markdown_of_html",
    "parse",
    "raw_messages",
    "read_archive",
    "subject_key",
    "subject_of",
    "threaded",
]
