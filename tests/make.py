"""Interesting states, reached through real actions."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.utils import timezone

from forums.actions.conversations import open_conversation
from forums.actions.posts import reply_to_topic
from forums.actions.topics import start_topic
from forums.models import Access, Appointment, Forum, Post, Rule, Topic
from members.actions.joining import take_name
from members.models import Community, Member, Trust

_numbers = count(1)
PASSWORD = "correct horse battery"


def make_community(**fields: Any) -> Community:
    community = Community.current()
    said = {"name_fr": "L’Atelier", "name_en": "The Shed", "purpose_fr": "Réparer ensemble.", "purpose_en": "Mend."}
    for name, value in {**said, "is_set_up": True, **fields}.items():
        setattr(community, name, value)
    community.save()
    return community


def make_member(username: str = "", *, trust: str = Trust.MEMBER, language: str = "en", **fields: Any) -> Member:
    username = username or f"member{next(_numbers)}"
    member = Member(
        username=username,
        name=fields.pop("name", username.title()),
        email=fields.pop("email", f"{username}@example.org"),
        trust=trust,
        language=language,
        joined_at=fields.pop("joined_at", timezone.now() - timedelta(days=30)),
        **fields,
    )
    member.set_password(PASSWORD)
    member.save()
    take_name(member)
    if member.email:
        EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    return member


def make_newcomer(username: str = "", **fields: Any) -> Member:
    return make_member(username, trust=Trust.NEWCOMER, joined_at=timezone.now(), **fields)


def make_admin(username: str = "") -> Member:
    return make_member(username, trust=Trust.REGULAR, is_staff=True, is_superuser=True)


def make_moderator(username: str = "", *, forum: Forum | None = None, **fields: Any) -> Member:
    member = make_member(username, trust=Trust.REGULAR, **fields)
    Appointment.objects.create(member=member, role=Appointment.Role.MODERATOR, forum=forum)
    return member


def make_host(forum: Forum, username: str = "") -> Member:
    member = make_member(username, trust=Trust.REGULAR)
    Appointment.objects.create(member=member, role=Appointment.Role.HOST, forum=forum)
    return member


def make_forum(slug: str = "", *, audience: str = "everyone", **fields: Any) -> Forum:
    slug = slug or f"forum{next(_numbers)}"
    said = {"name_fr": f"Forum {slug}", "name_en": f"The {slug} forum", "purpose_fr": "Parler.", "purpose_en": "Talk."}
    forum = Forum.objects.create(slug=slug, **{**said, **fields})
    if audience == "everyone":
        Access.objects.create(forum=forum, audience="everyone", level=Access.Level.READ)
        audience = "members"
    Access.objects.create(forum=forum, audience=audience, level=Access.Level.START)
    return forum


def make_rule(forum: Forum | None = None, **fields: Any) -> Rule:
    said = {"title_fr": "On critique l’objet", "title_en": "Criticise the object", "text_en": "Not the person."}
    return Rule.objects.create(forum=forum, **{**said, **fields})


def make_topic(
    forum: Forum | None = None, *, by: Member | None = None, title: str = "A topic", body: str = "Hello.", **more: Any
) -> Topic:
    return start_topic(forum or make_forum(), by=by or make_member(), title=title, body=body, key=uuid4(), **more)


def make_reply(topic: Topic, *, by: Member | None = None, body: str = "A reply.", **more: Any) -> Post:
    return reply_to_topic(topic, by=by or make_member(), body=body, key=uuid4(), **more)


def make_conversation(
    by: Member | None = None, *with_: Member, title: str = "Between us", body: str = "A quiet word.", **more: Any
) -> Topic:
    return open_conversation(
        by=by or make_member(), with_=with_ or [make_member()], title=title, body=body, key=uuid4(), **more
    )


def held_post(topic: Topic, *, by: Member | None = None) -> Post:
    """A newcomer's reply with a link to a site that nobody has allowed."""
    post = make_reply(topic, by=by or make_newcomer(), body="See https://unknown.example.net/page")
    assert post.state == Post.State.HELD
    return post
