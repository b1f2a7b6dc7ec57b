from forums.models.drafts import Draft
from forums.models.files import Attachment
from forums.models.forums import Access, Appointment, Forum, Rule
from forums.models.imports import ImportedRecord
from forums.models.posts import Post, PostReference, PostRevision
from forums.models.reading import ReadMark
from forums.models.search import PostIndex, TopicIndex
from forums.models.tags import Tag, Tagged
from forums.models.topics import Topic, TopicEvent

__all__ = [
    "Access",
    "Appointment",
    "Attachment",
    "Draft",
    "Forum",
    "ImportedRecord",
    "Post",
    "PostIndex",
    "PostReference",
    "PostRevision",
    "ReadMark",
    "Rule",
    "Tag",
    "Tagged",
    "Topic",
    "TopicEvent",
    "TopicIndex",
]
