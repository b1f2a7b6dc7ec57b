from engagement.models.digests import DigestEdition
from engagement.models.mail import Envelope, Letter, MailState
from engagement.models.notifications import EventNews, News, Notification
from engagement.models.prompts import Prompt, PromptShowing

__all__ = [
    "DigestEdition",
    "Envelope",
    "EventNews",
    "Letter",
    "MailState",
    "News",
    "Notification",
    "Prompt",
    "PromptShowing",
]
