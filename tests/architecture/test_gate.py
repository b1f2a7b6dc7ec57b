"""One gate: whoever may not read a forum meets no word of it anywhere: page, answer, feed, search, notification, mail.

Every URL of the project stands in WHERE below; a new one that is missing fails `test_every_url_is_in_the_matrix`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from engagement import jobs
from engagement.actions.news import spread_news
from engagement.models import Envelope, Letter
from engagement.queries import digest_content, notifications_page, standing
from forums.actions import care, reading
from forums.actions.attachments import upload_file
from forums.actions.keeping import give_reaction
from forums.actions.posts import edit_post
from forums.actions.scores import score_topics
from forums.actions.voting import PollPlan
from forums.models import (
    Access,
    Appointment,
    Attachment,
    Bookmark,
    Draft,
    Forum,
    ForumGuest,
    Poll,
    Post,
    ReactionKind,
    Tag,
    Topic,
)
from forums.queries.lists import KINDS
from forums.queries.search import search
from forums.readers import reader_for
from members.actions.blocks import block_member
from members.models import Digest, Group, GroupMembership, Member
from moderation.actions.cases import take_up
from tests.make import make_admin, make_community, make_member, make_moderator, make_newcomer, make_reply, make_topic
from toolkit.tickets import ticket_for

pytestmark = pytest.mark.django_db

FORUMS = ("open", "members", "group", "invited", "team", "seen")
PEOPLE = {
    "visitor": {"open"},
    "outsider": {"open", "members"},
    "suspended": {"open", "members"},
    "member": {"open", "members", "group"},
    "blocked": {"open", "members", "group"},
    "guest": {"open", "members", "invited"},
    "host": {"open", "members", "group", "team", "seen"},
    "moderator": set(FORUMS),
    "admin": {"open", "members", "team", "seen"},
}


@dataclass
class Room:
    """A forum with one of everything in it, all of it named by words that stand nowhere else."""

    forum: Forum
    topic: Topic
    reply: Post
    held: Post
    file: Attachment
    tag: Tag
    case_id: int
    poll_id: int
    event_id: int
    secrets: list[str] = field(default_factory=list)


@dataclass
class World:
    rooms: dict[str, Room]
    people: dict[str, Member | None]
    author: Member


def _forums() -> dict[str, Forum]:
    group = Group.objects.create(name_en="Circle")
    level = Access.Level
    access: dict[str, list[dict[str, Any]]] = {
        "open": [{"audience": "everyone", "level": level.READ}, {"audience": "members", "level": level.START}],
        "members": [{"audience": "members", "level": level.START}],
        "group": [{"audience": "group", "group": group, "level": level.START}],
        "invited": [{"audience": "invited", "level": level.START}],
        "team": [{"audience": "team", "level": level.START}],
        "seen": [{"audience": "everyone", "level": level.SEE}, {"audience": "team", "level": level.START}],
    }
    forums = {}
    for slug, rows in access.items():
        name = "Seen by all" if slug == "seen" else f"zq{slug}name"
        forums[slug] = Forum.objects.create(slug=slug, name_en=name, name_fr=name, purpose_en="zz")
        for row in rows:
            Access.objects.create(forum=forums[slug], **row)
    return forums


@pytest.fixture
def world() -> World:
    make_community()
    forums = _forums()
    people: dict[str, Member | None] = {"visitor": None}
    for name in ("outsider", "member", "blocked", "guest", "host"):
        people[name] = make_member(name, digest=Digest.WEEKLY)
    people["suspended"] = make_member("suspended", suspended_until=timezone.now() + timedelta(days=1))
    people["moderator"], people["admin"] = make_moderator("moderator"), make_admin("admin")
    everywhere = make_moderator("author")
    group = Group.objects.get()
    for name in ("member", "blocked"):
        GroupMembership.objects.create(group=group, member=people[name])
    guest = {"member": people["guest"], "invited_by": everywhere, "since": timezone.now()}
    ForumGuest.objects.create(forum=forums["invited"], **guest)
    Appointment.objects.create(member=people["host"], role="host", forum=forums["group"])
    rooms = {slug: _room(forum, everywhere, [m for m in people.values() if m]) for slug, forum in forums.items()}
    block_member(people["blocked"], by=everywhere)
    for period in ("week", "month", "year", "ever"):
        score_topics(period)
    return World(rooms, people, everywhere)


def _room(forum: Forum, author: Member, people: list[Member]) -> Room:
    word = f"zq{forum.slug}"
    file = upload_file(by=author, file=ContentFile(f"{word}inside".encode()), name=f"{word}file.txt")
    body = f"{word}body [{word}file]({file.get_absolute_url()})"
    poll = PollPlan(options=[f"{word}yes", f"{word}no"], question=f"{word}poll", is_secret=False)
    topic = make_topic(forum, by=author, title=f"{word}title", tags=[f"{word}tag"], intent="idea", body=body, poll=poll)
    named = " ".join(f"@{member.username}" for member in people)
    reply = make_reply(topic, by=author, body=f"{word}reply {named}")
    edit_post(reply, by=author, body=f"{word}edited {named}", version=1)
    event = care.set_status(topic, "planned", by=author, reason=f"{word}reason")
    for member in people:
        reading.follow_topic(topic, by=member, level="all")
        Bookmark.objects.create(post=reply, member=member, created_at=timezone.now())
    give_reaction(reply, ReactionKind.objects.first(), by=make_moderator())
    newcomer = make_newcomer()
    Access.objects.create(forum=forum, audience="group", group=_circle_of(newcomer), level=Access.Level.START)
    held = make_reply(topic, by=newcomer, body=f"{word}held https://spam.example.net/")
    assert held.state == Post.State.HELD
    case = take_up(reply, by=make_moderator())
    Draft.objects.create(key=uuid4(), member=author, topic=topic, body=f"{word}draft", saved_at=timezone.now())
    said = ("title", "body", "file", "inside", "reply", "edited", "reason", "held", "tag", "draft", "poll", "yes")
    secrets = [f"{word}{what}" for what in said] + [ticket_for(f"topic-{topic.pk}")]
    if forum.slug != "seen":
        secrets.append(f"{word}name")
    tag = Tag.objects.get(name=f"{word}tag")
    file.refresh_from_db()
    poll_id = Poll.objects.get(post__topic=topic).pk
    return Room(forum, topic, reply, held, file, tag, case.pk, poll_id, event.pk, secrets)


def _circle_of(member: Member) -> Group:
    group = Group.objects.create(name_en=f"Circle of {member.username}")
    GroupMembership.objects.create(group=group, member=member)
    return group


# --- Where one may come: every URL of the project, with its method and what its address names of a room (None: a page
# that is not about any one thing, asked once for each person).

GET, POST = "get", "post"


def _topic(room: Room) -> dict[str, Any]:
    return {"topic_id": room.topic.pk}


def _post(room: Room) -> dict[str, Any]:
    return {"post_id": room.reply.pk}


def _forum(room: Room) -> dict[str, Any]:
    return {"slug": room.forum.slug}


def _file(room: Room) -> dict[str, Any]:
    return {"attachment_id": room.file.pk}


def _case(room: Room) -> dict[str, Any]:
    return {"case_id": room.case_id}


In = Callable[[Room], dict[str, Any]]
WHERE: dict[str, tuple[str, In | None]] = {
    "forums:forum": (GET, _forum),
    "forums:topic-new": (GET, _forum),
    "forums:forum-feed": (GET, _forum),
    "forums:guests": (GET, _forum),
    "forums:topic": (GET, lambda room: {**_topic(room), "slug": room.topic.slug}),
    "forums:topic-short": (GET, _topic),
    "forums:reply": (POST, _topic),
    "forums:unread": (GET, _topic),
    "forums:follow-topic": (POST, _topic),
    "forums:read": (POST, _topic),
    "forums:hide": (POST, _topic),
    "forums:date": (GET, _topic),
    "forums:best": (GET, _topic),
    "forums:print": (GET, _topic),
    "forums:vote": (POST, _topic),
    "forums:care": (GET, lambda room: {**_topic(room), "verb": "close"}),
    "forums:take-off-timer": (POST, lambda room: {**_topic(room), "kind": "close"}),
    "forums:undo": (POST, lambda room: {"event_id": room.event_id}),
    "forums:post": (GET, _post),
    "forums:edit": (GET, _post),
    "forums:history": (GET, _post),
    "forums:restore-revision": (POST, lambda room: {**_post(room), "version": 1}),
    "forums:accept": (POST, _post),
    "forums:wiki": (POST, _post),
    "forums:keep-unread": (POST, _post),
    "forums:withdraw": (POST, _post),
    "forums:restore": (POST, _post),
    "forums:react": (POST, _post),
    "forums:reactions": (GET, _post),
    "forums:bookmark": (GET, _post),
    "forums:choose": (POST, lambda room: {"poll_id": room.poll_id}),
    "forums:voters": (GET, lambda room: {"poll_id": room.poll_id}),
    "forums:file": (GET, lambda room: {**_file(room), "name": room.file.name}),
    "forums:describe-file": (POST, _file),
    "forums:discard-file": (POST, _file),
    "forums:tag": (GET, lambda room: {"key": room.tag.key}),
    "forums:tag-feed": (GET, lambda room: {"key": room.tag.key}),
    "moderation:report-post": (GET, _post),
    "moderation:report-topic": (GET, _topic),
    "moderation:take-up": (POST, _post),
    "moderation:take-up-topic": (POST, _topic),
    "moderation:case": (GET, _case),
    "moderation:claim": (POST, _case),
    "moderation:release": (POST, _case),
    "moderation:snooze": (POST, _case),
    "moderation:take-in": (POST, _case),
    "moderation:exemplary": (POST, _case),
    "moderation:add-note": (POST, _case),
    "moderation:file-case": (POST, _case),
    "moderation:file-out": (POST, _case),
    "moderation:ask-opinions": (POST, _case),
    "moderation:give-opinion": (POST, _case),
    **dict.fromkeys(
        [
            "forums:home", "forums:index", "forums:tags", "forums:following", "forums:feed", "forums:search",
            "forums:search-complete", "forums:drafts", "forums:bookmarks", "forums:files", "forums:directory",
            "forums:complete", "forums:similar", "forums:conversations", "forums:conversation-new",
            "engagement:notifications", "moderation:queue", "moderation:on-what", "moderation:batch",
            "moderation:log", "moderation:notice-new",
            "moderation:team", "moderation:shelf", "moderation:files",
            "moderation:standing", "moderation:reports", "members:settings", "members:edit-profile",
            "members:edit-picture", "members:privacy-choice", "members:rhythm", "members:close", "members:about",
            "members:rules",
            "members:privacy", "members:legal", "members:contact", "help", "healthz", "outbox",
            "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate",
            "account_email", "account_email_verification_sent", "account_change_password", "account_set_password",
            "account_reset_password", "account_confirm_login_code", "account_reset_password_from_key_done",
            "account_reset_password_done",
        ],
        (GET, None),
    ),
}  # fmt: skip
# What leads to something of a member's own, or of the site: each has its reason not to be in the matrix.
APART = {
    "members:profile": "asked for the author of everything, below",
    "members:block": "about a member, not about words",
    "members:claim": "about a name, not about words",
    "members:confirm-claim": "about a name, not about words",
    "members:picture": "pictures are for everybody",
    "members:whole-picture": "one's own picture",
    "members:crop-picture": "one's own picture",
    "members:remove-picture": "one's own picture",
    "members:keep": "one's own account",
    "members:language": "a choice",
    "moderation:report-member": "about a member, not about words",
    "moderation:decision": "gated by test_decisions: the person concerned and moderators",
    "moderation:undo": "gated by test_decisions",
    "moderation:take-back": "whoever decided alone: test_measures",
    "moderation:revert": "admins alone, and no words of members: test_measures",
    "moderation:take-up-member": "about a member, not about words",
    "moderation:contest-by-link": "a signed address: test_measures",
    "moderation:contest-notice": "a secret address: test_notices",
    "moderation:contest": "gated by test_decisions",
    "moderation:log-month": "test_figures: numbers, and rules that everybody may read",
    "moderation:transparency": "test_figures: numbers",
    "moderation:handbook": "test_shelf: texts of the team, about no forum",
    **dict.fromkeys(
        [f"moderation:file{verb}" for verb in ("", "-add", "-note", "-own", "-close")],
        "test_casework: seen by whoever sees a case of it",
    ),
    "moderation:remove-note": "test_casework: one's own words",
    "moderation:hand-over": "test_rota: one's own words",
    "moderation:acknowledge": "test_rota: a note of the team's",
    "moderation:habits": "one's own settings",
    "moderation:pause": "one's own pause",
    "moderation:come-back": "one's own pause",
    "engagement:notification": "asked for each notification, below",
    "engagement:read-all": "one's own notifications",
    "engagement:dismiss-prompt": "one's own prompt",
    "engagement:prompt-preview": "staff only, and no words of members",
    "engagement:unsubscribe": "a signed token",
    "forums:follow": "test_attention: what one does not see cannot be followed",
    "forums:all-read": "one's own marks",
    "forums:by-screen": "one's own session",
    "forums:upload": "one's own files",
    "forums:tag-care": "the team of the whole community",
    "forums:conversation-seats": "test_conversations: a matrix of its own, for those who do not sit there",
    "moderation:letter": "a secret address: test_letters",
    "moderation:notice": "a secret address: test_notices",
    "moderation:case-file": "test_private_messages: files of a case, for who may see the case",
    "forums:mute": "test_conversations",
    "forums:leave": "test_conversations",
    "forums:keep-draft": "test_drafts: one's own drafts",
    "forums:dismiss-hint": "one's own hint",
    "forums:discard-draft": "test_drafts: one's own drafts",
    "forums:unschedule-draft": "test_drafts: one's own drafts",
    "forums:move-draft": "test_drafts: one's own drafts",
    "forums:preview": "words that are sent along",
    "help-page": "texts of the project",
    "setup": "before there is anything",
    "accent": "a style sheet",
    "logo": "a picture",
    "outbox-html": "development only",
    "account_reset_password_from_key": "a signed token",
}


def _names(patterns: list[Any], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            if pattern.namespace != "admin":
                inner = f"{before}{pattern.namespace}:" if pattern.namespace else before
                yield from _names(pattern.url_patterns, inner)
        else:
            yield f"{before}{pattern.name}"


def test_every_url_is_in_the_matrix():
    """A page that nobody asked about here is a page that may tell what it must not."""
    names = set(_names(get_resolver().url_patterns))
    assert len(names) > 110
    assert sorted(names - set(WHERE) - set(APART)) == []
    assert sorted((set(WHERE) | set(APART)) - names) == []


QUERIES = {
    "forums:home": [f"only={only}&everything=1" for only in KINDS],
    "forums:search": ["q=zq", "q=author:author"],
    "forums:search-complete": ["q=zq"],
    "forums:complete": ["q=zq&what=tag", "q=zq"],
    "forums:similar": ["title=zq"],
}
NOT_HERE = {404, 405}
FOR_MEMBERS = {302, 403}  # signing in first, or not for this person: said before anything is looked up


@pytest.mark.parametrize("who", PEOPLE)
def test_no_word_of_a_forum_that_one_may_not_read(who, world):
    member, allowed = world.people[who], PEOPLE[who]
    client = Client()
    if member is not None:
        client.force_login(member)
    reader = reader_for(member)
    assert {slug for slug, room in world.rooms.items() if room.forum.pk in reader.readable} == allowed
    hidden = [room for slug, room in world.rooms.items() if slug not in allowed]
    secrets = [secret for room in hidden for secret in room.secrets]

    def clean(response: Any, what: str) -> None:
        """No secret in the answer, apart from what the address that was asked for says itself."""
        body = b"".join(response.streaming_content) if response.streaming else response.content
        text = body.decode(errors="replace") + response.headers.get("Location", "")
        text = text.replace(response.request["PATH_INFO"], "")
        assert [secret for secret in secrets if secret in text] == [], what

    for name, (method, where) in WHERE.items():
        if where is None:
            for query in QUERIES.get(name, [""]):
                clean(client.get(f"{reverse(name)}?{query}"), f"{name}?{query}")
            continue
        for room in hidden:
            response = getattr(client, method)(reverse(name, kwargs=where(room)))
            clean(response, f"{name} in {room.forum.slug}")
            is_seen = room.forum.slug == "seen" and name in {"forums:forum", "forums:topic-new"}
            fine = NOT_HERE | FOR_MEMBERS | ({200} if is_seen else set())
            assert response.status_code in fine, f"{name} in {room.forum.slug}: {response.status_code}"
    for room in hidden:
        for what in ("title", "body", "edited", "tag"):
            word = f"zq{room.forum.slug}{what}"
            assert search(reader, word).total == 0
            assert client.get(reverse("forums:search-complete"), {"q": word}).json()["found"] == []
            assert client.get(reverse("forums:similar"), {"title": word}).content.strip() == b""
    for show in ("about", "topics", "posts", "thanked"):
        clean(client.get(f"/m/author/?show={show}"), f"profile {show}")
    shown = client.get("/").content.decode() + client.get("/search/?q=author:author").content.decode()
    for slug in allowed:
        assert (f"zq{slug}title" in shown) == (who != "blocked"), slug  # a block takes topics out of lists, no more
        assert client.get(world.rooms[slug].topic.get_absolute_url()).status_code == 200
    _tells_only(member, allowed, world, client, clean)


def _tells_only(member: Member | None, allowed: set[str], world: World, client: Client, clean: Any) -> None:
    """Notifications, mails, the digest, badges."""
    if member is None:
        return
    spread_news()
    reader = reader_for(member)
    told = notifications_page(reader).rows
    for row in told:
        target = row.post and row.post.topic.forum.slug
        assert target is None or target in allowed
        clean(client.get(reverse("engagement:notification", args=[row.pk])), "a notification")
    assert standing(reader_for(member)).told == 0  # each was opened: nothing is counted that is not shown
    Letter.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    jobs.send_letters()
    mails = "".join(f"{e.subject} {e.text} {e.html}" for e in Envelope.objects.filter(recipient=member.email))
    digest = digest_content(reader, since=timezone.now() - timedelta(days=7), until=timezone.now() + timedelta(days=1))
    said = " ".join([*(t.title for t in [*digest.talked, *digest.questions]), *(p.html for p in digest.replies)])
    hidden = [secret for slug, room in world.rooms.items() if slug not in allowed for secret in room.secrets]
    assert [secret for secret in hidden if secret in mails + said] == []


def test_the_administration_is_for_staff_only(world):
    patterns = [p for p in get_resolver().url_patterns if getattr(p, "namespace", "") == "admin"][0].url_patterns
    addresses = [f"/admin/{p.pattern}" for p in patterns if "<" not in str(p.pattern)]
    for app in patterns:
        if hasattr(app, "url_patterns"):
            addresses += [f"/admin/{app.pattern}{p.pattern}" for p in app.url_patterns if "<" not in str(p.pattern)]
    assert len(addresses) > 40
    for who in ("visitor", "member", "host", "moderator"):
        client = Client()
        if world.people[who] is not None:
            client.force_login(world.people[who])
        for address in addresses:
            response = client.get(address)
            assert response.status_code in {302, 403, 404, 405}, address
            assert "zq" not in response.content.decode()
