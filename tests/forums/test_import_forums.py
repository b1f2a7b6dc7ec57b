"""Forums come in from elsewhere: what each record becomes, once, interrupted, told to nobody and accounted for."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from engagement.models import Envelope, EventNews, Letter, News, Notification
from forums.actions.imports import import_discussions
from forums.actions.rendering import render_again
from forums.limits import POST_MAX_LENGTH
from forums.models import (
    Access,
    Forum,
    ImportedRecord,
    Post,
    PostIndex,
    PostReference,
    PostRevision,
    ReadMark,
    Topic,
    TopicEvent,
    TopicIndex,
)  # fmt: skip
from forums.queries.counters import drift
from members.models import Member
from tests.forums.archives import SITE, discourse, plain_forum, stackexchange
from tests.make import make_forum, make_member, make_moderator
from toolkit.archives import read_discourse, read_json, read_stackexchange

ARCHIVES = os.environ.get("COMMUNE_ARCHIVES", "")
FORUMS = Path(ARCHIVES) / "forums"
KINDS = {"stackexchange": stackexchange, "discourse": discourse, "json": plain_forum}


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def run(kind: str, file: Path, **options) -> str:
    out = StringIO()
    where = {} if options.keys() & {"forum", "forums", "make_forums"} else {"make_forums": True}
    call_command(f"import_{kind}", str(file), stdout=out, stderr=StringIO(), **where, **options)
    return out.getvalue()


def accounts(said: str) -> dict[str, tuple[int, ...]]:
    """The table: read, imported, already there, left out. Each line is checked."""
    rows = re.findall(r"^(\w+) +(\d+) +(\d+) +(\d+) +(\d+)$", said, re.MULTILINE)
    found = {name: tuple(map(int, numbers)) for name, *numbers in rows}
    for name, (read, *others) in found.items():
        assert read == sum(others), name
    return found


def imported(kind: str, tmp_path: Path, **options) -> dict[str, tuple[int, ...]]:
    file = KINDS[kind](tmp_path / ("forum.json" if kind == "json" else "forum.zip"))
    return accounts(run(kind, file, **options))


def post_of(external_id: str) -> Post:
    return ImportedRecord.objects.get(external_id=external_id).post


# --- Stack Exchange


@pytest.fixture
def from_stackexchange(db, tmp_path):
    return imported("stackexchange", tmp_path, site=SITE)


def test_stackexchange_is_accounted_for(from_stackexchange):
    assert from_stackexchange == {
        "Questions": (2, 2, 0, 0),
        "Answers": (4, 3, 0, 1),
        "Comments": (5, 4, 0, 1),
        "Votes": (7, 4, 0, 3),
        "Revisions": (10, 8, 0, 2),
        "Tags": (4, 3, 0, 1),
        "People": (9, 6, 0, 3),
        "Descriptions": (1, 0, 0, 1),
        "Links": (1, 0, 0, 1),
        "Badges": (1, 0, 0, 1),
    }
    assert drift() == []


def test_a_question_becomes_a_topic_with_answers_and_comments_in_order(from_stackexchange):
    topic = Topic.objects.get(title="Folding names?")
    posts = list(topic.posts.order_by("position"))
    assert [post.imported_as.get().external_id for post in posts] == [
        "post 1", "comment 2", "post 3", "comment 1", "post 4", "comment 3",
    ]  # fmt: skip
    assert [post.author.name for post in posts] == ["Anne Petit", "Bob", "Bob", "Anne Petit", "user99", "user7"]
    assert [post.reply_to and post.reply_to.imported_as.get().external_id for post in posts] == [
        None, "post 1", "post 1", "post 3", "post 1", "post 4",
    ]  # fmt: skip
    assert (topic.intent, topic.accepted_post, topic.tag_names) == ("question", posts[4], ["names", "unicode"])
    assert (topic.source_url, topic.source_licence) == (f"{SITE}/questions/1", "CC BY-SA 3.0")
    assert [post.thanks_before for post in posts] == [2, 0, 1, 2, 0, 0]
    assert [post.is_wiki for post in posts] == [False] * 4 + [True, False]
    assert {(post.state, post.origin) for post in posts} == {("published", "import")}
    assert (posts[0].created_at.isoformat(), posts[0].published_at) == (
        "2012-03-02T00:00:00+00:00",
        posts[0].created_at,
    )


def test_words_are_what_was_typed_where_that_says_the_same(from_stackexchange):
    older = post_of("post 2")
    assert post_of("post 1").body == f"How does one *fold* a name?\n\nSee [this](/p/{older.pk}/)."
    assert post_of("post 3").body == "With `NFKD`."
    assert post_of("post 4").body == (f"H₂O, and see [Bob’s](/p/{post_of('post 3').pk}/) \\<b>.\n\n```py\nfold(x)\n```")
    assert list(older.quoted_in.values_list("post", flat=True)) == [post_of("post 1").pk]


def test_comments_name_those_they_speak_to_and_nobody_is_told(from_stackexchange):
    bob, anne = Member.objects.get(name="Bob"), Member.objects.get(name="Anne Petit")
    assert post_of("comment 1").body == "@bob why *that*, and `@bob`?"
    assert post_of("comment 2").body == "\\# no title, @anne-petit"
    assert post_of("comment 3").html == "<p>@nobody-here hello</p>\n"
    assert post_of("comment 1").html.startswith('<p><a href="/m/bob/" class="mention">@bob</a> why <em>that</em>')
    named = PostReference.objects.filter(member__isnull=False).values_list("post", "member")
    assert set(named) == {(post_of("comment 1").pk, bob.pk), (post_of("comment 2").pk, anne.pk)}
    before = dict(Post.objects.values_list("pk", "html"))
    Post.objects.update(renderer_version=0)
    while render_again():
        pass
    assert dict(Post.objects.values_list("pk", "html")) == before


def test_edits_and_what_was_done_keep_their_dates_and_names(from_stackexchange):
    first = post_of("post 1")
    revision = first.revisions.get()
    assert (revision.body, revision.editor.name, revision.reason) == ("How to fold a name?", "Editor", "better English")
    assert (first.version, first.edited_at.day, revision.created_at.day) == (2, 5, 5)
    lines = first.topic.events.order_by("created_at", "pk")
    assert [(e.kind, e.actor.name, e.place, e.reason) for e in lines] == [
        ("renamed", "Editor", 5, ""),
        ("retagged", "user99", 5, ""),
        ("accepted", "Anne Petit", 6, ""),
        ("closed", "Bob", 6, "Asked before."),
    ]
    assert lines[0].before == {"title": "Folding?"}
    topic = first.topic
    assert (topic.closed_by.name, topic.closed_at.day) == ("Bob", 9)
    assert topic.closed_reason == "Asked before."


def test_the_page_says_where_it_came_from_and_what_it_was_worth(from_stackexchange, client):
    page = client.get(Topic.objects.get(title="Folding names?").get_absolute_url()).content.decode()
    assert page.count("Imported from meta.example.org, under CC BY-SA 3.0:") == 1
    assert f'<a href="{SITE}/questions/1" rel="nofollow ugc noopener">as it was there</a>' in page
    assert "Thanked 2 times where it was written before" in page
    assert "How does one <em>fold</em> a name?" in page
    history = client.get(f"/p/{post_of('post 1').pk}/history/").content.decode()
    assert "better English" in history


def test_what_was_done_elsewhere_cannot_be_undone_here(from_stackexchange, client):
    client.force_login(make_moderator("mod"))
    event = TopicEvent.objects.get(kind="closed")
    page = client.get(event.topic.get_absolute_url()).content.decode()
    assert "Bob closed this topic." in page
    assert f"/events/{event.pk}/undo" not in page
    from forums.actions.undoing import undo_care
    from toolkit.verdicts import Refused

    with pytest.raises(Refused, match="cannot be undone from here"):
        undo_care(event, by=make_moderator("other"))


def test_those_without_a_name_are_one_somebody(from_stackexchange):
    nobody = post_of("post 5").author
    assert (nobody.name, nobody.state, post_of("comment 4").author) == ("somebody", "placeholder", nobody)
    assert Member.objects.filter(name="Silent").count() == 0
    names = Member.objects.filter(state="placeholder").values_list("source", flat=True)
    assert all(source.startswith("stackexchange:meta.example.org:") for source in names)


# --- Discourse


@pytest.fixture
def from_discourse(db, tmp_path):
    return imported("discourse", tmp_path, site="https://forum.example.org")


def test_discourse_is_accounted_for(from_discourse):
    assert from_discourse == {
        "Topics": (2, 2, 0, 0),
        "Posts": (10, 7, 0, 3),
        "Likes": (6, 4, 0, 2),
        "Tags": (2, 2, 0, 0),
        "People": (4, 4, 0, 0),
        "Polls": (1, 0, 0, 1),
    }
    assert (Post.objects.count(), TopicEvent.objects.count()) == (5, 2)
    assert list(Forum.objects.order_by("order").values_list("slug", "name_fr", "topic_count", "post_count")) == [
        ("support", "Support", 1, 4),
        ("lounge", "Lounge", 0, 1),  # its only topic stands in no list
    ]
    assert drift() == []


def test_quotations_and_mentions_lead_to_what_was_imported(from_discourse):
    first, second = post_of("post 101"), post_of("post 102")
    assert second.body == f"> [Zoe](/p/{first.pk}/):\n>\n> The beginning\n\nI agree, @zoe."
    assert f'<p class="said"><a href="/p/{first.pk}/">Zoe</a></p>' in second.html
    assert '<a href="/m/zoe/" class="mention">@zoe</a>' in second.html
    assert set(second.references.values_list("member__username", "target")) == {("zoe", None), (None, first.pk)}
    assert post_of("post 201").body == (
        f"See [there](/p/{post_of('post 104').pk}/) and [elsewhere](https://forum.example.org/t/other/999)."
    )


def test_states_likes_and_the_answer_come_along(from_discourse):
    topic = Topic.objects.get(title="A first topic")
    posts = list(topic.posts.order_by("position"))
    assert [post.thanks_before for post in posts] == [3, 0, 0, 1]
    assert (topic.intent, topic.accepted_post, posts[3].is_wiki) == ("question", posts[3], True)
    assert (posts[1].reply_to, posts[1].edited_at.isoformat()) == (posts[0], "2017-04-02T10:00:00+00:00")
    assert posts[2].body == "*(This post was hidden where it was written; its words did not come along.)*"
    assert posts[2].state == "published"
    assert (topic.closed_by.name, topic.closed_at.day, topic.tag_names) == ("Staff", 5, ["help", "new tag"])
    assert [(e.kind, e.place, e.reason) for e in topic.events.order_by("created_at")] == [
        ("closed", 4, ""),
        ("elsewhere", 4, "3 posts were split off"),
    ]
    assert "Psst" not in "".join(Post.objects.values_list("body", flat=True))
    other = Topic.objects.get(title="Unlisted")
    assert (other.is_listed, other.is_archived, other.intent) == (False, True, "discussion")
    assert topic.source_url == "https://forum.example.org/t/a-topic/10"


def test_an_edit_whose_earlier_words_are_not_known_says_so(from_discourse, client):
    page = client.get(f"/p/{post_of('post 102').pk}/history/").content.decode()
    assert "It was changed where it was written before; what it said then did not come along." in page


# --- JSON


@pytest.fixture
def from_json(db, tmp_path):
    return imported("json", tmp_path)


def test_json_is_accounted_for(from_json):
    assert from_json == {"Topics": (3, 2, 0, 1), "Posts": (5, 5, 0, 0), "People": (4, 4, 0, 0)}
    assert list(Forum.objects.order_by("order").values_list("slug", "post_count")) == [
        ("general", 4),
        ("offres-demploi", 1),
    ]
    assert drift() == []


def test_parents_titles_and_misread_letters(from_json):
    topic = Topic.objects.get(title="Le forum")
    posts = list(topic.posts.order_by("position"))
    assert [post.body for post in posts] == [
        "Bonjour\xa0! C’est le forum.",
        "**irc.cgi**\n\nQuelle idée",
        "(Ce message ne contient pas de texte.)",
        "```\na\nb\n```",
    ]
    assert [post.reply_to for post in posts] == [None, posts[0], None, posts[1]]
    assert [post.author.name for post in posts] == ["Zoé", "SAS", "somebody", "Zoé"]
    assert (topic.lang, topic.source_url) == ("fr", "https://old.example.org/151")


def test_a_long_title_is_cut_and_stands_whole_in_the_post(from_json):
    topic = Topic.objects.get(forum__slug="offres-demploi")
    assert (len(topic.title) <= 140, topic.title[-1]) == (True, "…")
    whole = "T" + "itle " * 40
    assert topic.posts.get().body == f"**{whole.strip()}**\n\nHello"


def test_an_address_in_the_archive_is_kept_as_a_hash_alone(from_json):
    ann = Member.objects.get(name="Ann")
    assert ann.source.startswith("mbox:")
    assert (ann.email, "example" in ann.source) == (None, False)


def test_a_post_too_long_is_cut_and_kept_whole_as_a_file(db, tmp_path):
    words = "".join(f"<p>paragraph {n} of a long post</p>" for n in range(3_000))
    posts = [{"id": 1, "author": "Ann", "uid": 1, "date": "2005-01-01", "html": words}]
    file = tmp_path / "long.json"
    file.write_text(json.dumps([{"nid": 1, "title": "Long", "posts": posts}]))
    said = run("json", file)
    post = Post.objects.get()
    assert POST_MAX_LENGTH * 0.9 < len(post.body) <= POST_MAX_LENGTH
    assert post.body.endswith("[The message goes on: all of it is in the file message.txt.]")
    assert post.attachments.get().file.read().decode().endswith("paragraph 2999 of a long post")
    assert "too long for a post" in said


# --- All of them


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_set_off(kind, db, tmp_path):
    make_member("zoe", language="en")
    make_member("bob")
    imported(kind, tmp_path)
    assert Post.objects.count() > 0
    for model in (Notification, Letter, Envelope, News, EventNews, ReadMark):
        assert model.objects.count() == 0, model
    assert PostIndex.objects.count() == Post.objects.count()
    assert TopicIndex.objects.count() == Topic.objects.count()


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_run_imports_nothing(kind, db, tmp_path):
    first = imported(kind, tmp_path)
    before = [list(model.objects.order_by("pk").values()) for model in (Post, Topic, TopicEvent, PostRevision, Member)]
    second = imported(kind, tmp_path)
    assert second == {name: (read, 0, came, left) for name, (read, came, _known, left) in first.items()}
    after = [list(model.objects.order_by("pk").values()) for model in (Post, Topic, TopicEvent, PostRevision, Member)]
    assert after == before


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_of_each_kind_can_be_read(kind, db, tmp_path, client):
    imported(kind, tmp_path)
    for topic in Topic.objects.all():
        assert client.get(topic.get_absolute_url()).status_code == 200


def test_members_keep_their_names(db, tmp_path):
    bob = make_member("bob")
    imported("stackexchange", tmp_path)
    assert Member.objects.get(name="Bob", state="placeholder").username == "bob-2"
    assert not bob.mentioned_in.exists()
    assert post_of("comment 1").body.startswith("@bob-2 why")


def test_what_a_later_dump_adds_joins_its_topic_at_the_end(db, tmp_path):
    imported("stackexchange", tmp_path)
    file = stackexchange(tmp_path / "forum.zip")
    import zipfile

    tables = {name: zipfile.ZipFile(file).read(name).decode() for name in zipfile.ZipFile(file).namelist()}
    answer = 'PostTypeId="2" ParentId="1" CreationDate="2012-03-03T12:00:00" OwnerUserId="4" Body="Late"'
    late = f'<row Id="9" {answer}/></posts>'
    posts = tables["meta/Posts.xml"].replace("</posts>", late)
    said = accounts(run("stackexchange", stackexchange(file, Posts=posts)))
    assert (said["Answers"], said["Questions"]) == ((5, 1, 3, 1), (2, 0, 2, 0))
    post = post_of("post 9")
    assert (post.position, post.topic.title, post.author.name) == (7, "Folding names?", "Silent")
    assert drift() == []


def test_what_the_database_refuses_costs_one_record_and_is_accounted_for(db, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE forums_post ADD CONSTRAINT no_bob CHECK (body NOT LIKE 'With %')")
    said = imported("stackexchange", tmp_path)
    assert (said["Answers"], said["Comments"], said["Votes"]) == ((4, 2, 0, 2), (5, 4, 0, 1), (7, 3, 0, 4))
    assert Topic.objects.count() == 2
    assert drift() == []
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE forums_post DROP CONSTRAINT no_bob;"
            " SET CONSTRAINTS ALL DEFERRED"
        )
    assert imported("stackexchange", tmp_path)["Answers"] == (4, 1, 2, 1)
    assert drift() == []


def test_forums_are_chosen_by_a_file(db, tmp_path):
    make_forum("help")
    make_forum("rest")
    toml = tmp_path / "forums.toml"
    toml.write_text('"Général" = "help"\n"*" = "rest"\n')
    imported("json", tmp_path, forums=toml)
    assert dict(Forum.objects.values_list("slug", "post_count")) == {"help": 4, "rest": 1}


def test_forums_made_are_open_to_all_and_not_made_twice(db, tmp_path):
    imported("json", tmp_path)
    imported("json", tmp_path)
    assert Forum.objects.count() == 2
    assert set(Access.objects.values_list("audience", "level")) == {("everyone", 2), ("members", 4)}


@pytest.mark.parametrize("what", ["forum", "missing", "toml", "unmapped", "site", "kind"])
def test_what_cannot_be_done_is_said_in_one_sentence(db, tmp_path, what):
    file = plain_forum(tmp_path / "forum.json")
    toml = tmp_path / "forums.toml"
    toml.write_text("= 3" if what == "toml" else '"Général" = "nowhere"')
    options = {"forum": {"forum": "nowhere"}, "toml": {"forums": toml}, "unmapped": {"forums": toml}}.get(what, {})
    options |= {"site": "ftp:x"} if what == "site" else {}
    with pytest.raises(CommandError) as error:
        run("stackexchange" if what == "kind" else "json", tmp_path / "no" if what == "missing" else file, **options)
    assert str(error.value).count("\n") == 0
    assert str(error.value).endswith(".")
    assert not Post.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_import_once(tmp_path):
    make_forum("list")
    file = stackexchange(tmp_path / "forum.zip")
    failures, told = [], []

    def one() -> None:
        try:
            told.append(accounts(run("stackexchange", file, forum="list")))
        except Exception as error:  # noqa: BLE001 - told below
            failures.append(error)
        finally:
            connections.close_all()

    runs = [threading.Thread(target=one) for _ in range(3)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join(60)
    assert failures == []
    assert [sum(one["Comments"][column] for one in told) for column in range(4)] == [15, 4, 8, 3]
    assert (Post.objects.count(), Topic.objects.count(), ImportedRecord.objects.count()) == (9, 2, 9)
    assert Member.objects.count() == 6
    assert drift() == []


def test_a_run_that_stops_between_batches_goes_on_at_the_next(db, tmp_path, monkeypatch):
    from forums.actions.imports import discussions

    monkeypatch.setattr(discussions, "BATCH", 1)
    forum = make_forum("list")
    file = stackexchange(tmp_path / "forum.zip")

    class Killed(Exception):
        pass

    def stop(_number: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        import_discussions(read_stackexchange(file), lambda _name: forum, progress=stop)
    assert (Topic.objects.count(), Post.objects.count()) == (1, 3)
    assert drift() == []
    account = import_discussions(read_stackexchange(file), lambda _name: forum)
    assert account.ledger.is_balanced
    line = account.ledger.line("questions")
    assert (line.imported, line.known) == (1, 1)
    assert (Topic.objects.count(), Post.objects.count()) == (2, 9)
    assert drift() == []


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_goes_on_at_the_next(tmp_path):
    make_forum("list")
    posts = [{"id": n, "author": f"Ann {n % 7}", "date": "2005-01-01", "html": "<p>Hi</p>" * 40} for n in range(20)]
    topics = [{"nid": n, "title": f"Topic {n}", "posts": posts} for n in range(50)]
    file = tmp_path / "forum.json"
    file.write_text(json.dumps(topics))
    script = (
        "import django; django.setup();"
        "from django.db import connection; from django.core.management import call_command;"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r};"
        f"call_command('import_json', {str(file)!r}, forum='list')"
    )
    env = {**os.environ, "MEDIA_ROOT": str(tmp_path / "media")}
    child = subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while Post.objects.count() == 0 and time.monotonic() < until and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    stored = Post.objects.count()
    assert 0 < stored < 1000
    assert drift() == []
    said = accounts(run("json", file, forum="list"))
    assert (said["Posts"], said["Topics"]) == (
        (1000, 1000 - stored, stored, 0),
        (50, 50 - stored // 20, stored // 20, 0),
    )
    assert said["People"] == (7, 0, 7, 0)
    assert (Post.objects.count(), Topic.objects.count()) == (1000, 50)
    assert drift() == []


@pytest.mark.skipif(not ARCHIVES, reason="COMMUNE_ARCHIVES names no folder")
@pytest.mark.parametrize(
    ("kind", "file", "expected", "topics"),
    [
        ("stackexchange", "french.meta.stackexchange.zip", {"Questions": 274, "Answers": 487, "Comments": 1305}, 274),
        ("discourse", "urho3d-discourse-sample.zip", {"Topics": 126, "Posts": 1541}, 126),
        ("json", "postgresqlfr-2004-2008.json", {"Topics": 1182, "Posts": 3713}, 1182),
    ],
)
def test_a_real_forum_comes_in_whole(kind, file, expected, topics, db):
    said = accounts(run(kind, FORUMS / file))
    assert {name: said[name] for name in expected} == {name: (n, n, 0, 0) for name, n in expected.items()}
    assert Topic.objects.count() == topics
    assert drift() == []
    assert Post.objects.filter(body__contains="<p>").count() == 0
    assert Notification.objects.count() + Letter.objects.count() + Envelope.objects.count() + News.objects.count() == 0
    again = accounts(run(kind, FORUMS / file))
    assert {name: again[name] for name in expected} == {name: (n, 0, n, 0) for name, n in expected.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_account_is_balanced_before_anything_is_stored_too(kind, tmp_path):
    """What a reader leaves out it says; what it hands on is exactly the rest."""
    read = {"stackexchange": read_stackexchange, "discourse": read_discourse, "json": read_json}[kind]
    archive = read(KINDS[kind](tmp_path / "forum"))
    said = [one for discussion in archive.discussions() for one in (*discussion.said, *discussion.happenings)]
    kept = {name: line.read - line.left_out.total() for name, line in archive.ledger.lines.items()}
    for name in kept.keys() & {"questions", "answers", "comments", "posts"}:
        assert sum(one.kind == name for one in said) == kept[name], name
