"""Something to measure: the demo, and in each language a topic of exactly twenty posts.

Run by `budgets` in a process of its own, once Django is set up there.
"""

from __future__ import annotations

import io
import json
from itertools import cycle
from pathlib import Path
from uuid import uuid4

from django.core.management import call_command
from django.test import Client

from commune.demo.play import play
from forums.actions.posts import reply_to_topic
from forums.models import Post, Topic
from forums.readers import reader_for
from members.models import Member, Trust

POSTS = 20


def fill(answers: str) -> None:
    """Bring the database and the static files up, and write down which pages to measure, for whom."""
    heard = io.StringIO()
    call_command("migrate", interactive=False, verbosity=0, stdout=heard)
    call_command("catalogue", "compile", stdout=heard)
    call_command("collectstatic", interactive=False, verbosity=0, stdout=heard)
    play()
    pages = []
    for language, username in (("fr", "camille"), ("en", "tom")):
        path = _topic_of_twenty(language).get_absolute_url()
        for session in ("", _session(Member.objects.get(username=username))):
            for name, address in (("home", "/"), ("topic", path)):
                pages.append({"name": name, "path": address, "language": language, "session": session})
    Path(answers).write_text(json.dumps(pages))


def _topic_of_twenty(language: str) -> Topic:
    """The longest topic that everybody reads, with the words of others until it has twenty posts."""
    topics = Topic.objects.listed_to(reader_for(None)).open_now().select_related("forum")
    topic = topics.filter(lang=language, last_position__lt=POSTS).order_by("-last_position")[0]
    words = cycle(Post.objects.published().filter(lang=language).exclude(topic=topic).values_list("body", flat=True))
    members = cycle(Member.objects.taking_part().exclude(trust=Trust.NEWCOMER).order_by("pk")[:7])
    for _ in range(POSTS - topic.last_position):
        reply_to_topic(topic, by=next(members), body=next(words), key=uuid4())
    topic.refresh_from_db()
    return topic


def _session(member: Member) -> str:
    client = Client()
    client.force_login(member)
    return client.cookies["sessionid"].value
