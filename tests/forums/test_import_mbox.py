"""A mailing list comes in: what it becomes, twice, interrupted, later, damaged. The mails are of our own writing."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from engagement.models import Envelope, Letter, Notification
from forums.actions.imports import files
from forums.limits import POST_MAX_LENGTH
from forums.models import Access, Attachment, Forum, ImportedRecord, Post, PostIndex, ReadMark, Topic, TopicIndex
from members.models import Member
from toolkit.mail import read_archive

ARCHIVES = os.environ.get("COMMUNE_ARCHIVES", "")
ARCHIVE = Path(ARCHIVES) / "mail" / "caml-list-1992-1998.mbox"
START = datetime(1999, 3, 1, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def forum(db) -> Forum:
    return make_forum("list")


def make_forum(slug: str) -> Forum:
    forum = Forum.objects.create(slug=slug, name_fr="Liste", name_en="List")
    Access.objects.create(forum=forum, audience=Access.Audience.EVERYONE, level=Access.Level.READ)
    return forum


def mail(
    number: int, *headers: str, sender: str = "Anne Petit <anne@example.org>", hours: int | None = None, body: str = ""
) -> str:
    date = START + timedelta(hours=number if hours is None else hours)
    lines = [
        f"From anne@example.org {date:%a %b %d %H:%M:%S %Y}",
        f"Message-ID: <m{number}@example.org>",
        f"From: {sender}",
        f"Date: {date:%d %b %Y %H:%M:%S} +0000",
        *headers,
        "",
        body or f"These are the words of message {number}.",
    ]
    return "\n".join(lines) + "\n\n"


def write(tmp_path: Path, *mails: str) -> Path:
    file = tmp_path / "list.mbox"
    file.write_bytes("".join(mails).encode("latin-1"))
    return file


def run(file: Path, forum: str = "list", **options) -> str:
    out = StringIO()
    call_command("import_mbox", str(file), forum=forum, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def figures(said: str) -> dict[str, int]:
    lines = [line.rsplit(None, 1) for line in said.splitlines() if not line.startswith("Message ")]
    return {name.strip(): int(count) for name, count in lines}


A_THREAD = [
    mail(1, "Subject: [list] Les noms"),
    mail(2, "Subject: Re: Les noms", "In-Reply-To: <m1@example.org>", sender="Bob <bob@example.org>"),
    mail(3, "Subject: Re: Les noms", "In-Reply-To: <m2@example.org>"),
]


@pytest.fixture(autouse=True)
def _english():
    from django.utils import translation

    with translation.override("en"):
        yield


def test_a_thread_becomes_a_topic_with_its_authors_and_dates(forum, tmp_path):
    said = run(write(tmp_path, *A_THREAD))
    topic = Topic.objects.get()
    assert (topic.title, topic.slug, topic.forum, topic.lang) == ("Les noms", "les-noms", forum, "en")
    posts = list(topic.posts.order_by("position"))
    assert [post.position for post in posts] == [1, 2, 3]
    assert [post.published_at for post in posts] == [START + timedelta(hours=n) for n in (1, 2, 3)]
    assert [post.created_at for post in posts] == [post.published_at for post in posts]
    assert [post.reply_to for post in posts] == [None, posts[0], posts[1]]
    assert {(post.state, post.origin) for post in posts} == {("published", "import")}
    assert [post.author.name for post in posts] == ["Anne Petit", "Bob", "Anne Petit"]
    assert posts[0].html == "<p>These are the words of message 1.</p>\n"
    assert (topic.post_count, topic.last_position, topic.last_post) == (3, 3, posts[2])
    assert topic.last_author == posts[2].author
    assert (topic.published_at, topic.last_post_at) == (posts[0].published_at, posts[2].published_at)
    forum.refresh_from_db()
    assert (forum.topic_count, forum.post_count) == (1, 3)
    assert (PostIndex.objects.count(), TopicIndex.objects.count()) == (3, 1)
    assert figures(said) == {
        "Read": 3, "Imported": 3, "Already there": 0, "Repeated in the file": 0, "Damaged": 0, "Threads": 1,
        "New topics": 1, "New authors": 2, "Authors known before": 0, "Odd cases": 0,
    }  # fmt: skip


def test_authors_are_placeholders_without_an_address_one_for_each_address(forum, tmp_path):
    mails = [mail(1), mail(2, sender="ANNE@Example.org (A. P.)"), mail(3, sender="Anne <anne@other.example>"), mail(4)]
    run(write(tmp_path, *mails))
    members = Member.objects.order_by("pk")
    assert [(member.name, member.state, member.email) for member in members] == [
        ("Anne Petit", "placeholder", None),
        ("Anne", "placeholder", None),
    ]
    assert not any(member.has_usable_password() or member.mail != "nothing" for member in members)
    assert not any("example" in member.source or "@" in member.source for member in members)
    assert [post.author_id for post in Post.objects.order_by("published_at")] == [members[n].pk for n in (0, 0, 1, 0)]


def test_nothing_is_set_off(forum, tmp_path):
    reader = Member.objects.create(username="m1", email="m1@example.org", language="en")
    run(write(tmp_path, *A_THREAD, mail(4, body="Hello @m1, see m1@example.org")))
    assert Post.objects.count() == 4
    for model in (Notification, Letter, Envelope, ReadMark):
        assert model.objects.count() == 0
    assert not reader.mentioned_in.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM engagement_notification")
        assert cursor.fetchone() == (0,)


def test_a_second_run_imports_nothing(forum, tmp_path):
    file = write(tmp_path, *A_THREAD)
    run(file)
    before = list(Post.objects.order_by("pk").values())
    said = figures(run(file))
    assert (said["Read"], said["Imported"], said["Already there"], said["New topics"]) == (3, 0, 3, 0)
    assert list(Post.objects.order_by("pk").values()) == before
    forum.refresh_from_db()
    assert (forum.topic_count, forum.post_count) == (1, 3)


def test_what_a_longer_archive_adds_joins_its_topic_at_the_end(forum, tmp_path):
    run(write(tmp_path, *A_THREAD))
    late = mail(4, "Subject: Re: Les noms", "References: <m1@example.org>", hours=1, sender="Bob <bob@example.org>")
    said = figures(run(write(tmp_path, late, *A_THREAD)))
    assert (said["Imported"], said["Already there"], said["New topics"]) == (1, 3, 0)
    assert (said["New authors"], said["Authors known before"]) == (0, 1)
    topic = Topic.objects.get()
    post = topic.posts.get(position=4)
    assert (topic.post_count, topic.last_post, topic.last_post_at) == (4, post, post.published_at)
    assert post.reply_to == topic.posts.get(position=1)
    assert post.author == topic.posts.get(position=2).author


def test_the_next_month_finds_its_topics_by_id_and_by_subject(forum, tmp_path):
    run(write(tmp_path, *A_THREAD, mail(5, "Subject: Autre chose")))
    by_id = mail(6, "Subject: x", "In-Reply-To: <m3@example.org>", hours=50)
    by_subject = mail(7, "Subject: Re: autre chose", hours=51)
    too_late = mail(8, "Subject: Re: autre chose", hours=24 * 70)
    run(write(tmp_path, by_id, by_subject, too_late))
    where = {post.body.split()[-1]: (post.topic.title, post.position) for post in Post.objects.select_related("topic")}
    assert (where["6."], where["7."], where["8."]) == (("Les noms", 4), ("Autre chose", 2), ("autre chose", 1))
    assert Post.objects.get(body__endswith=" 6.").reply_to == Post.objects.get(body__endswith=" 3.")


def test_damaged_and_odd_messages_are_named_and_cost_nothing_else(forum, tmp_path):
    empty = "From x@example.org Mon Mar  1 12:00:00 1999\n\n\n"
    odd_date = mail(2).replace("Date: 01 Mar 1999", "Date: 01 Mar 1899")
    said = run(
        write(
            tmp_path,
            mail(1),
            empty,
            odd_date,
            mail(1),
            mail(4, body="\x00nul \ud800".encode("utf-8", "replace").decode("latin-1")),
        )
    )
    counts = {line.rsplit(None, 1)[0].strip(): line.rsplit(None, 1)[1] for line in said.splitlines()[:10]}
    assert (counts["Read"], counts["Imported"], counts["Damaged"], counts["Repeated in the file"]) == (
        "5",
        "3",
        "1",
        "1",
    )
    named = [line.split(":")[0] for line in said.splitlines()[10:]]
    assert [line.split()[1] for line in named] == ["2", "2", "2", "3", "4"]
    assert "Damaged, not imported. It is empty." in said
    assert Post.objects.get(body__contains="message 2").published_at == START + timedelta(hours=2)


def test_what_the_database_refuses_costs_one_message(forum, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE forums_post ADD CONSTRAINT no_twos CHECK (body NOT LIKE '%message 2.')")
    said = run(write(tmp_path, *A_THREAD, mail(4)))
    assert sorted(Post.objects.values_list("body", flat=True)) == [
        f"These are the words of message {n}." for n in (1, 3, 4)
    ]
    assert "The database refused it" in said
    assert Topic.objects.count() == 2
    assert Topic.objects.get(title="Les noms").post_count == 2


def test_attachments_are_kept_or_named(forum, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "FILE_MAX_SIZE", 100)
    part = "--x\nContent-Type: application/x-thing\nContent-Disposition: attachment; filename={}\n\n{}\n"
    body = "--x\n\nLook.\n" + part.format("../../etc/passwd", "root") + part.format("big.bin", "b" * 200) + "--x--"
    said = run(write(tmp_path, mail(1, "Content-Type: multipart/mixed; boundary=x", body=body)))
    kept = Attachment.objects.get()
    assert (kept.name, kept.content_type, kept.size) == ("passwd", "application/x-thing", 4)
    assert kept.file.read() == b"root"
    assert Path(kept.file.path).is_relative_to(tmp_path / "media")
    assert Post.objects.get().html.startswith("<p>Look.</p>\n<p>[The file “big.bin” (0 MB) was too large to be kept.]")
    assert "big.bin" in said


def test_a_body_too_long_is_cut_and_kept_whole_as_a_file(forum, tmp_path):
    words = "\n\n".join(f"paragraph {n} of a long message" for n in range(4000))
    run(write(tmp_path, mail(1, body=words)))
    post = Post.objects.get()
    assert POST_MAX_LENGTH * 0.8 < len(post.body) <= POST_MAX_LENGTH
    assert "message.txt" in post.body[-80:]
    kept = post.attachments.get()
    assert (kept.name, kept.file.read().decode()) == ("message.txt", words)


def test_the_language_is_given_or_found(forum, tmp_path):
    french = mail(1, body="Est-ce que vous avez la liste des exemples pour le cours ?")
    run(write(tmp_path, french, mail(2, body="Where is the list of the examples?"), mail(3, body="42")))
    assert list(Post.objects.order_by("published_at").values_list("lang", flat=True)) == ["fr", "en", "en"]
    make_forum("other")
    run(write(tmp_path, french), forum="other", language="en")
    assert Post.objects.get(topic__forum__slug="other").lang == "en"


def test_a_message_without_subject_gets_words_for_one(forum, tmp_path):
    run(write(tmp_path, mail(1), mail(2, "Subject: " + "long " * 60)))
    assert Topic.objects.order_by("pk").first().title == "(no subject)"
    assert len(Topic.objects.order_by("pk").last().title) <= 140


@pytest.mark.parametrize("what", ["forum", "missing", "folder", "program", "empty"])
def test_what_cannot_be_done_is_said_in_one_sentence(forum, tmp_path, what):
    file = write(tmp_path, *A_THREAD)
    place = {"missing": tmp_path / "no.mbox", "folder": tmp_path, "program": Path(__file__), "empty": tmp_path / "e"}
    (tmp_path / "e").touch()
    with pytest.raises(CommandError) as error:
        run(place.get(what, file), forum="nowhere" if what == "forum" else "list")
    assert str(error.value).count("\n") == 0
    assert str(error.value).endswith(".")
    assert error.value.returncode == 1
    assert not Post.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_import_once(tmp_path):
    make_forum("list")
    file = write(tmp_path, *[mail(n, f"Subject: s{n % 7}", f"References: <m{n % 7}@example.org>") for n in range(60)])
    failures, told = [], []

    def one() -> None:
        try:
            told.append(figures(run(file)))
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
    assert [sum(one[name] for one in told) for name in ("Imported", "Already there", "Damaged")] == [60, 120, 0]
    assert (Post.objects.count(), ImportedRecord.objects.count(), Forum.objects.get().post_count) == (60, 60, 60)
    assert Member.objects.count() == 1


def check_counters(forum: Forum) -> None:
    forum.refresh_from_db()
    topics = list(forum.topics.all())
    assert (forum.topic_count, forum.post_count) == (len(topics), Post.objects.filter(topic__forum=forum).count())
    for topic in topics:
        posts = list(topic.posts.order_by("position"))
        assert [post.position for post in posts] == list(range(1, len(posts) + 1))
        assert (topic.post_count, topic.last_position, topic.last_post_id) == (len(posts), len(posts), posts[-1].pk)
        assert (topic.last_post_at, topic.last_author_id) == (posts[-1].published_at, posts[-1].author_id)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_goes_on_at_the_next(tmp_path):
    forum = make_forum("list")
    mails = [mail(n, f"Subject: s{n // 9}", f"References: <m{n // 9 * 9}@example.org>") for n in range(1500)]
    file = write(tmp_path, *mails)
    script = (
        "import django; django.setup();"
        "from django.db import connection; from django.core.management import call_command;"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r};"
        f"call_command('import_mbox', {str(file)!r}, forum='list')"
    )
    env = {**os.environ, "MEDIA_ROOT": str(tmp_path / "media")}
    child = subprocess.Popen([sys.executable, "-c", script], env=env, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while Post.objects.count() == 0 and time.monotonic() < until and child.poll() is None:
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    stored = Post.objects.count()
    assert 0 < stored < 1500
    check_counters(forum)
    said = figures(run(file))
    assert (said["Imported"], said["Already there"]) == (1500 - stored, stored)
    assert Post.objects.count() == 1500
    check_counters(forum)


@pytest.mark.skipif(not ARCHIVES, reason="COMMUNE_ARCHIVES names no folder")
def test_a_real_list_comes_in_whole(forum):
    said = figures("\n".join(line for line in run(ARCHIVE).splitlines() if not line.startswith("Message")))
    assert (said["Read"], said["Imported"], said["Damaged"]) == (1601, 1601, 0)
    archive = read_archive(ARCHIVE)
    starting = [thread[0] for thread in archive.threads if thread[0].entry.has_reply_header]
    assert sum(p.entry.has_reply_header for thread in archive.threads for p in thread) == 698
    assert len(starting) <= 38
    check_counters(forum)
    again = figures("\n".join(line for line in run(ARCHIVE).splitlines() if not line.startswith("Message")))
    assert (again["Imported"], again["Already there"]) == (0, 1601)
    assert "\ufffd" not in "".join(Post.objects.values_list("body", flat=True))
