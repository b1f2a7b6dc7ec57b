from forums.models.drafts import Draft
from forums.models.files import Attachment
from forums.models.forums import Access, Appointment, Forum, Rule
from forums.models.imports import ImportedRecord
from forums.models.posts import Post, PostReference, PostRevision
from forums.models.previews import LinkPreview
from forums.models.reading import ReadMark
from forums.models.search import PostIndex, TopicIndex
from forums.models.tags import Tag, Tagged
from forums.models.topics import Topic, TopicEvent, TopicTimer
from forums.models.voting import Bookmark, Poll, PollOption, PollVote, Reaction, ReactionKind, TopicVote

__all__ = [
    "Access",
    "Appointment",
    "Attachment",
    "Bookmark",
    "Draft",
    "Forum",
    "ImportedRecord",
    "LinkPreview",
    "Poll",
    "PollOption",
    "PollVote",
    "Post",
    "PostIndex",
    "PostReference",
    "PostRevision",
    "Reaction",
    "ReactionKind",
    "ReadMark",
    "Rule",
    "Tag",
    "Tagged",
    "Topic",
    "TopicEvent",
    "TopicIndex",
    "TopicTimer",
    "TopicVote",
]
