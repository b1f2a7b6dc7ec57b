"""Tags: look-alikes and synonyms meet; renamed and merged with history; required and limited by a forum."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from forums.actions import care, reading
from forums.actions import tags as actions
from forums.actions.rendering import render_again
from forums.models import Following, Level, PostReference, Tag, TagEvent, TagSynonym, Topic
from forums.queries.composer import tags_like
from forums.queries.search import search
from forums.readers import reader_for
from tests.make import make_admin, make_community, make_forum, make_host, make_member, make_moderator, make_topic
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def community():
    return make_community()


@pytest.fixture
def tom():
    return make_moderator("tom")


def tag(name: str) -> Tag:
    return Tag.objects.get(name=name)


def names(topic: Topic) -> list[str]:
    topic.refresh_from_db()
    assert sorted(topic.tag_names) == sorted(topic.tagged.values_list("tag__name", flat=True))
    return topic.tag_names


def test_case_accents_and_synonyms_make_no_new_tag(tom):
    make_topic(tags=["Café", "eau"])
    actions.add_synonym(tag("Café"), by=tom, name="petit noir")

    topic = make_topic(tags=["CAFE", "Petit Noir", "Eau"])

    assert names(topic) == ["Café", "eau"]
    assert Tag.objects.count() == 2


def test_a_renamed_tag_keeps_its_topics_place_and_old_address(client, tom):
    topic = make_topic(tags=["vis", "colle", "bois"], title="Which")
    naming = make_topic(body="See #colle for more.")
    assert "/tags/colle/" in naming.posts.get().html

    event = actions.rename_tag(tag("colle"), by=tom, name="Adhésif")

    assert names(topic) == ["vis", "Adhésif", "bois"]
    assert (event.kind, event.before, event.after) == (TagEvent.Kind.RENAMED, "colle", "Adhésif")
    response = client.get("/tags/colle/")
    assert (response.status_code, response["Location"]) == (302, "/tags/adhesif/")
    assert [hit.topic for hit in search(reader_for(None), "adhesif").hits] == [topic]
    assert [hit.topic for hit in search(reader_for(None), "tag:colle").hits] == [topic]
    render_again()
    assert "/tags/adhesif/" in naming.posts.get().html


def test_a_name_that_differs_in_case_only_is_a_rename_without_synonym(tom):
    make_topic(tags=["velo"])
    actions.rename_tag(tag("velo"), by=tom, name="Vélo")
    assert (Tag.objects.get().key, TagSynonym.objects.count()) == ("velo", 0)
    actions.rename_tag(tag("Vélo"), by=tom, name="Bicyclette")
    actions.rename_tag(tag("Bicyclette"), by=tom, name="Vélo")
    assert list(TagSynonym.objects.values_list("key", flat=True)) == ["bicyclette"]


def test_merged_tags_bring_topics_followers_and_synonyms_along(client, tom):
    ann, bob = make_member("ann"), make_member("bob")
    one = make_topic(tags=["fer", "fil"], title="Both")
    both = make_topic(tags=["fil", "filament"], title="Twice")
    naming = make_topic(body="See #filament here.")
    for who in (ann, bob):
        reading.follow(tag("filament"), by=who, level=Level.ALL)
    reading.follow(tag("fil"), by=ann, level=Level.NOTHING)
    actions.add_synonym(tag("filament"), by=tom, name="brin")

    event = actions.merge_tags(tag("filament"), into=tag("fil"), by=tom)

    assert (names(one), names(both)) == (["fer", "fil"], ["fil"])
    assert list(Following.objects.order_by("member").values_list("member__username", "level")) == [
        ("ann", "nothing"), ("bob", "all")
    ]  # fmt: skip
    assert sorted(TagSynonym.objects.values_list("key", "tag__name")) == [("brin", "fil"), ("filament", "fil")]
    assert (event.before, event.after, event.topics) == ("filament", "fil", 1)
    assert PostReference.objects.get(post__topic=naming).tag == tag("fil")
    assert names(make_topic(tags=["Filament"])) == ["fil"]
    assert [t.name for t in tags_like(reader_for(ann), "filam")] == ["fil"]
    assert client.get("/tags/filament/")["Location"] == "/tags/fil/"


@pytest.mark.parametrize(
    "act",
    [
        lambda by: actions.rename_tag(tag("eau"), by=by, name="feu"),
        lambda by: actions.rename_tag(tag("eau"), by=by, name="!!!"),
        lambda by: actions.rename_tag(tag("eau"), by=by, name="eau"),
        lambda by: actions.add_synonym(tag("eau"), by=by, name="Feu"),
        lambda by: actions.add_synonym(tag("eau"), by=by, name="EAU"),
        lambda by: actions.remove_synonym(tag("eau"), by=by, key="feu"),
        lambda by: actions.merge_tags(tag("eau"), into=tag("eau"), by=by),
    ],
)
def test_care_that_makes_no_sense_is_refused(tom, act):
    make_topic(tags=["eau", "feu"])
    with pytest.raises(Refused):
        act(tom)
    assert TagEvent.objects.count() == 0


def test_only_the_team_of_the_whole_community_cares_for_tags(client):
    forum = make_forum()
    make_topic(forum, tags=["eau"])
    for somebody in (make_member(), make_host(forum), make_moderator(forum=forum)):
        with pytest.raises(Refused):
            actions.describe_tag(tag("eau"), by=somebody, fr="De l’eau", en="")
        client.force_login(somebody)
        assert client.get("/tags/eau/care/").status_code == 403
        assert "Care for this tag" not in client.get("/tags/eau/").content.decode()
    actions.describe_tag(tag("eau"), by=make_admin(), fr="De l’eau", en="Water")
    assert "Water" in client.get("/tags/eau/", HTTP_ACCEPT_LANGUAGE="en").content.decode()


def test_the_page_of_care_does_each_and_tells_the_history(client, tom):
    make_topic(tags=["eau", "feu"])
    client.force_login(tom)
    for said in (
        {"verb": "describe", "fr": "De l’eau", "en": "Water"},
        {"verb": "synonym", "name": "flotte"},
        {"verb": "rename", "name": "Eau vive"},
    ):
        assert client.post("/tags/eau/care/", said).status_code == 302
    html = client.get("/tags/eau-vive/care/").content.decode()
    assert ("flotte" in html, "eau → Eau vive" in html) == (True, True)
    client.post("/tags/eau-vive/care/", {"verb": "no-synonym", "synonym": "flotte"})
    response = client.post("/tags/eau-vive/care/", {"verb": "merge", "into": "nowhere"})
    assert (response.status_code, "There is no tag of this name." in response.content.decode()) == (422, True)
    response = client.post("/tags/eau-vive/care/", {"verb": "merge", "into": "#Feu"})
    assert response["Location"] == "/tags/feu/care/"
    assert sorted(TagSynonym.objects.values_list("key", flat=True)) == ["eau", "eau-vive"]


def test_a_forum_may_need_tags_and_take_only_its_own(client):
    forum = make_forum("atelier", tags_needed=1, tags_are_limited=True)
    make_topic(tags=["bois", "métal", "autre"])
    forum.tags.set(Tag.objects.filter(name__in=["bois", "métal"]))
    ann = make_member("ann")

    for tags in ([], ["autre"], ["bois", "inconnu"]):
        with pytest.raises(Refused):
            make_topic(forum, by=ann, tags=tags)
    topic = make_topic(forum, by=ann, tags=["METAL"])
    assert names(topic) == ["métal"]
    with pytest.raises(Refused):
        care.retag_topic(topic, by=ann, tags=["autre"])
    client.force_login(ann)
    html = client.get("/f/atelier/new/").content.decode()
    assert "Between 1 and 5, with commas between them. This forum takes: bois, métal." in html
    said = {"title": "Wood", "body": "Which?", "tags": "oak", "intent": "question", "key": "0" * 32}
    response = client.post("/f/atelier/new/", said)
    assert response.status_code == 422
    assert "This forum takes only tags of its own, and “oak” is none." in response.content.decode()
    assert client.post("/f/atelier/new/", {**said, "tags": "Bois"}).status_code == 302


def test_the_page_of_all_tags_shows_only_those_one_may_see(client):
    sealed = make_forum(audience="team")
    make_topic(tags=["Zinc", "acier"])
    make_topic(sealed, by=make_host(sealed), tags=["secret"])

    html = client.get("/tags/").content.decode()

    assert html.index("acier") < html.index("Zinc")
    assert "secret" not in html
    assert client.get("/tags/secret/").status_code == 404


def test_names_that_differ_in_signs_only_are_tags_of_their_own(client):
    topic = make_topic(tags=["C", "c++", "c#"])
    assert names(topic) == ["C", "c++"]  # "#" ends a tag: it begins one
    assert client.get("/tags/c++/").status_code == 200


@pytest.mark.parametrize("name", ["ﷺ" * 40, "..", "%", "x" * 41, "👍"])
def test_what_cannot_be_a_tag_is_refused_with_a_sentence(client, tom, name):
    make_topic(make_forum("atelier"), tags=["eau"])
    client.force_login(tom)
    said = {"title": "Wood", "body": "Which?", "tags": f"{name}, bois", "intent": "question", "key": "0" * 32}
    response = client.post("/f/atelier/new/", said)
    assert response.status_code in {302, 422}
    assert sorted(Tag.objects.values_list("name", flat=True)) in (["bois", "eau"], ["eau"])
    for verb in ("rename", "synonym"):
        assert client.post("/tags/eau/care/", {"verb": verb, "name": name}).status_code in {403, 422}


def test_a_feed_of_a_renamed_tag_goes_on(client, tom):
    make_topic(tags=["eau"])
    actions.rename_tag(tag("eau"), by=tom, name="pluie")
    assert client.get("/tags/eau/feed/").status_code == 200
    client.force_login(tom)
    assert client.get("/tags/eau/care/").status_code == 200


def test_a_topic_moves_only_where_its_tags_are_taken():
    forum, strict = make_forum(), make_forum("strict", tags_needed=1)
    topic, host = make_topic(forum), make_moderator()
    with pytest.raises(Refused):
        care.move_topic(topic, by=host, into=strict)
    care.retag_topic(topic, by=host, tags=["eau"])
    care.move_topic(topic, by=host, into=strict)
    assert Topic.objects.get(pk=topic.pk).forum == strict


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["rename", "merge"])
def test_a_topic_that_is_being_opened_has_the_tag_as_it_is_called_afterwards(act):
    """Whoever renames or merges waits for those who are attaching it, and the other way round."""
    tom = make_moderator()
    make_topic(tags=["zebra", "cheval"])
    forum, author = make_forum(), make_member()
    opened, renamed = threading.Event(), threading.Event()

    def write() -> None:
        with transaction.atomic():
            make_topic(forum, by=author, title="Meanwhile", tags=["zebra"])
            opened.set()
            renamed.wait(0.5)
        connection.close()

    def change() -> None:
        opened.wait(5)
        if act == "rename":
            actions.rename_tag(tag("zebra"), by=tom, name="Zèbre")
        else:
            actions.merge_tags(tag("zebra"), into=tag("cheval"), by=tom)
        renamed.set()
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write), pool.submit(change)]:
            done.result(10)

    assert names(Topic.objects.get(title="Meanwhile")) == ["Zèbre" if act == "rename" else "cheval"]
