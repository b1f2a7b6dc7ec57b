"""Nobody is restricted without knowing: others and its author see the same of a post.

Whatever was decided before, about the post, its topic or its author. Held, refused, hidden, removed and withdrawn posts
say so to their author; spam that was swept is the one exception, and even that is told.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from engagement.models import Notification
from forums.models import Post
from forums.queries.search.find import search
from forums.readers import Reader, reader_for
from members.models import Member
from moderation.actions.decisions import decide
from moderation.models import Decision
from tests.make import make_member, make_reply
from tests.moderation.test_undoing import a_case, a_ruling, world
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
M = Decision.Measure


def decided(dice: random.Random) -> dict[str, Any]:
    place = world()
    for topic in place["topics"]:
        make_reply(topic, body="A whistling post of somebody else.")
    for _ in range(14):
        by = dice.choice(place["moderators"])
        try:
            case = a_case(place, dice, by)
            decide(case, a_ruling(place, dice, case, by), by=by)
        except Refused:
            continue
    assert Decision.objects.count() > 5
    return place


def found(reader: Reader, words: str) -> list[int]:
    return sorted(hit.post.pk for hit in search(reader, words).hits if hit.post is not None)


@pytest.mark.parametrize("seed", range(2))
def test_author_and_others_see_the_same_of_every_post_that_stands(client, seed):
    decided(random.Random(seed))  # noqa: S311
    stranger = make_member()
    standing = Post.objects.filter(state=Post.State.PUBLISHED).select_related("author", "topic")
    assert standing

    for post in standing:
        author, other, nobody = reader_for(post.author), reader_for(stranger), reader_for(None)
        seen = [Post.objects.readable_by(reader).filter(pk=post.pk).exists() for reader in (author, other, nobody)]
        assert seen == [True, True, True], post.state
        pages = []
        for member in (post.author, stranger, None):
            client.logout()
            if member is not None and Member.objects.get(pk=member.pk).is_active:
                client.force_login(member)
            html = client.get(f"{post.topic.get_absolute_url()}?page={post.page}").content.decode()
            pages.append(html.partition(f'id="post-{post.pk}"')[2].partition("</article>")[0])
        words = [page.partition('class="words"')[2].partition("</div>")[0] for page in pages]
        assert words[0]
        assert words[0] == words[1] == words[2]
        assert found(author, "whistling") == found(other, "whistling")


@pytest.mark.parametrize("seed", range(2))
def test_whoever_is_restricted_has_been_told(seed):
    decided(random.Random(seed))  # noqa: S311

    for decision in Decision.objects.filter(measure__in=Decision.RESTRICTING).select_related("concerned"):
        about = decision.together_with or decision if decision.measure == M.SWEEP else decision
        told = Notification.objects.filter(member=decision.concerned, decision=about)
        assert told.exists(), decision.measure
    hidden = Post.objects.filter(state__in=[Post.State.REMOVED, Post.State.REFUSED])
    for post in hidden.select_related("author"):
        assert Notification.objects.filter(member=post.author, kind="decision").exists()
