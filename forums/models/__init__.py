from forums.models.conversations import Seat
from forums.models.drafts import Draft
from forums.models.events import TopicEvent, TopicTimer
from forums.models.files import Attachment
from forums.models.forums import Access, Appointment, Forum, ForumGuest, Rule
from forums.models.imports import ImportedRecord
from forums.models.posts import Post, PostReference, PostRevision
from forums.models.previews import LinkPreview
from forums.models.reading import AllRead, Following, Level, ReadMark, TopicScore
from forums.models.search import PostIndex, SearchMiss, TopicIndex
from forums.models.tags import Tag, TagEvent, Tagged, TagSynonym
from forums.models.topics import Topic
from forums.models.voting import Bookmark, Poll, PollOption, PollVote, Reaction, ReactionKind, TopicVote

__all__ = [
    "Access",
    "AllRead",
    "Appointment",
    "Attachment",
    "Bookmark",
    "Draft",
    "Following",
    "Forum",
    "ForumGuest",
    "ImportedRecord",
    "Level",
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
    "SearchMiss",
    "Seat",
    "Tag",
    "TagEvent",
    "TagSynonym",
    "Tagged",
    "Topic",
    "TopicEvent",
    "TopicIndex",
    "TopicScore",
    "TopicTimer",
    "TopicVote",
]
