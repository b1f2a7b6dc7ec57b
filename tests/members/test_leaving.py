"""Closing an account: three clicks, fourteen days, then a pseudonym and nothing personal in any column of any table."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections, models
from django.test import Client
from django.utils import timezone

from engagement import jobs as mail_jobs
from engagement.models import Envelope, Letter, Notification
from forums import jobs
from forums.actions import departures
from forums.actions.attachments import upload_file
from forums.actions.care import accept_answer
from forums.actions.drafts import keep_draft
from forums.actions.keeping import give_reaction, keep_bookmark
from forums.actions.posts import edit_post, reply_to_topic
from forums.actions.reading import follow, mark_all_read
from forums.actions.voting import PollPlan
from forums.models import (
    AllRead,
    Appointment,
    Attachment,
    Bookmark,
    Draft,
    Following,
    Poll,
    Post,
    ReactionKind,
    ReadMark,
)
from members import jobs as member_jobs
from members.actions.blocks import block_member
from members.actions.community import write_to_team
from members.actions.leaving import close_account, keep_account, leave
from members.actions.pictures import upload_picture
from members.actions.profiles import describe_self
from members.actions.standing import grant_hat, set_trust
from members.models import Block, Hat, Member, ProfileField, TakenName
from moderation.actions.cases import report, take_up
from moderation.actions.decisions import Ruling, appeal, decide
from moderation.models import Decision, TeamLetter
from tests.make import (
    PASSWORD,
    make_admin,
    make_community,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_reply,
    make_rule,
    make_topic,
)
from tests.members.test_profiles import picture
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
NAMES = ("zelda", "wilhelmina", "zelda.w@mail.example", "i whittle spoons", "whittlers-guild")


@pytest.fixture(autouse=True)
def _community(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_community()


def make_zelda(**more) -> Member:
    return make_member("zelda", name="Wilhelmina Quick", email="zelda.w@mail.example", bio="I whittle spoons.", **more)


def day_has_come(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(leaves_at=timezone.now() - timedelta(seconds=1))
    jobs.close_accounts()
    jobs.render_again()
    member_jobs.sweep_pictures()
    member.refresh_from_db()


def where_named(names=NAMES, *, but: tuple[str, ...] = ("members.TakenName",)) -> list[str]:
    """Every text column of every table that still holds one of these names."""
    held = []
    for model in apps.get_models(include_auto_created=True):
        texts = [
            f.name
            for f in model._meta.concrete_fields
            if isinstance(f, (models.CharField, models.TextField, models.JSONField, models.FileField))
        ]
        if model._meta.label in but:
            continue
        for row in model.objects.values_list(*texts) if texts else []:
            for column, value in zip(texts, row, strict=True):
                held += [f"{model._meta.label}.{column}: {value}" for n in names if n in str(value).lower()]
    with connections["default"].cursor() as cursor:  # what Django has no text column for: the search index
        cursor.execute("SELECT words::text FROM forums_postindex UNION ALL SELECT words::text FROM forums_topicindex")
        held += [f"index: {words}" for (words,) in cursor.fetchall() for n in names if n in words]
    return held


# --- Asking, and changing one's mind


def test_account_is_closed_in_three_clicks_and_a_mail_says_until_when(client):
    zelda = make_zelda()
    client.force_login(zelda)
    make_reply(make_topic(by=zelda), by=zelda)

    assert 'href="/settings/close/"' in client.get("/settings/").content.decode()  # 1
    page = client.get("/settings/close/").content.decode()
    assert ("1 topic<" in page, "2 posts<" in page, "0 accepted answers<" in page) == (True, True, True)
    assert 'value="stay"' in page.split("checked")[0][-120:]  # the default needs no click
    assert client.post("/settings/close/", {"posts": "stay"})["Location"] == "/settings/close/"  # 2, 3

    zelda.refresh_from_db()
    assert (zelda.state, zelda.leaves_with_posts) == (Member.State.LEAVING, False)
    assert timedelta(days=13.9) < zelda.leaves_at - timezone.now() <= timedelta(days=14)
    envelope = Envelope.objects.get()
    assert envelope.recipient == "zelda.w@mail.example"
    assert "closes on" in envelope.subject
    assert "/settings/close/" in envelope.text
    assert "Your account closes on" in client.get("/settings/close/").content.decode()


def test_who_is_leaving_is_signed_out_elsewhere_reads_and_does_not_write(client):
    zelda, elsewhere = make_zelda(), Client()
    topic = make_topic(by=zelda, title="Spoons")
    client.force_login(zelda)
    elsewhere.force_login(zelda)
    assert elsewhere.get("/settings/").status_code == 200

    client.post("/settings/close/", {"posts": "stay"})

    assert elsewhere.get("/settings/")["Location"].startswith("/accounts/login/")
    home = client.get("/").content.decode()
    assert ("Keep my account" in home, "Spoons" in home) == (True, True)
    with pytest.raises(Refused):
        reply_to_topic(topic, by=Member.objects.get(pk=zelda.pk), body="One more.", key=uuid4())
    for path, said in (("/settings/profile/", {"name": "Z"}), ("/settings/picture/", {"file": picture()})):
        assert client.post(path, said).status_code in {403, 422}
    assert elsewhere.login(username="zelda", password=PASSWORD)
    assert "Keep my account" in elsewhere.get("/").content.decode()


def test_one_click_keeps_the_account_as_it_was(client):
    zelda = make_zelda(digest="weekly")
    client.force_login(zelda)
    client.post("/settings/close/", {"posts": "go"})

    assert client.post("/settings/close/keep").status_code == 302
    jobs.close_accounts()

    zelda.refresh_from_db()
    assert (zelda.state, zelda.leaves_at, zelda.leaves_with_posts) == (Member.State.ACTIVE, None, False)
    assert (zelda.name, zelda.digest) == ("Wilhelmina Quick", "weekly")
    assert "Keep my account" not in client.get("/").content.decode()


def test_nothing_changes_before_the_day_and_it_is_too_late_after_it():
    zelda = make_zelda()
    close_account(by=zelda, with_posts=True)
    jobs.close_accounts()
    zelda.refresh_from_db()
    assert zelda.state == Member.State.LEAVING

    Member.objects.update(leaves_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Refused, match="at this moment"):
        keep_account(by=zelda)


def test_suspended_member_may_close_and_one_who_is_still_asking_may_not():
    suspended = make_member(suspended_until=timezone.now() + timedelta(days=5))
    assert close_account(by=suspended, with_posts=False).state == Member.State.LEAVING
    with pytest.raises(Refused, match="being read"):
        close_account(by=make_member(state=Member.State.APPLYING), with_posts=False)


@pytest.mark.parametrize("who", ["host", "moderator", "admin"])
def test_roles_are_handed_over_first(client, who):
    forum = make_forum("shed")
    member = {"host": lambda: make_host(forum), "moderator": make_moderator, "admin": make_admin}[who]()
    said = {"host": "host (The shed forum)", "moderator": "moderator (everywhere)", "admin": "the only admin"}[who]
    client.force_login(member)

    page = client.get("/settings/close/").content.decode()
    assert said in page
    assert "<form" not in page.split("<main")[1].split("</main")[0]
    with pytest.raises(Refused):
        close_account(by=member, with_posts=False)

    Appointment.objects.update(until=timezone.now() - timedelta(days=1), since=timezone.now() - timedelta(days=9))
    make_admin("other")
    assert close_account(by=member, with_posts=False).state == Member.State.LEAVING


def test_closing_waits_while_the_team_has_something_to_decide(client):
    zelda, tom, rule = make_zelda(), make_moderator("tom"), make_rule()
    case = report(by=make_member(), post=make_reply(make_topic(), by=zelda)).case
    client.force_login(zelda)
    assert "The team still has something to decide" in client.get("/settings/close/").content.decode()
    close_account(by=zelda, with_posts=False)

    day_has_come(zelda)

    assert zelda.state == Member.State.LEAVING
    assert zelda.leaves_at > timezone.now()
    decide(case, Ruling(Decision.Measure.WARN, rule=rule, facts="x", message="y"), by=tom)
    day_has_come(zelda)
    assert zelda.state == Member.State.LEFT


# --- What is left


def _life(zelda: Member) -> dict[str, Post]:
    """Everything somebody can leave behind."""
    forum, bob, tom, solene = make_forum(), make_member("bob"), make_moderator("tom"), make_admin("solene")
    rule = make_rule(forum)
    field = ProfileField.objects.create(name_en="Guild", name_fr="Guilde")
    describe_self(
        by=zelda, name=zelda.name, pronouns="zelda/zeldas", bio=zelda.bio, answers={field.pk: "whittlers-guild"},
        hat=grant_hat(Hat.objects.create(name_en="Guild"), to=zelda, by=solene, reason="Zelda showed the letter."),
    )  # fmt: skip
    upload_picture(by=zelda, file=picture())
    topic = make_topic(forum, by=zelda, title="Spoons", body="My first spoon.", poll=PollPlan(["Oak", "Ash"]))
    reply = make_reply(topic, by=zelda, body="A spoon of oak.")
    mention = make_reply(make_topic(forum, by=bob, title="Other"), by=bob, body="Ask @zelda about it, @Zelda!")
    quote = make_reply(topic, by=bob, body=f"> [Wilhelmina Quick](/p/{reply.pk}/):\n>\n> A spoon of oak.\n\nYes!")
    edit_post(mention, by=bob, body="Better ask @zelda about it.", version=1)
    question = make_topic(forum, by=bob, intent="question", title="How?")
    answer = make_reply(question, by=zelda, body="With a knife.")
    accept_answer(question, answer, by=bob)
    give_reaction(answer, ReactionKind.objects.first(), by=bob)
    keep_bookmark(mention, by=zelda, note="zelda: read this")
    follow(forum, by=zelda, level="all")
    follow(zelda, by=bob, level="all")
    mark_all_read(by=zelda)
    block_member(make_member("nuisance"), by=zelda)
    keep_draft(by=zelda, key=None, topic=topic, body="zelda was here")
    upload_file(by=zelda, file=SimpleUploadedFile("zelda.txt", b"hello"), name="zelda.txt")
    write_to_team(
        name="Wilhelmina Quick", email="zelda.w@mail.example", body="Zelda here.", language="en", member=zelda
    )
    hidden = make_reply(topic, by=zelda, body="A rude word.")
    decision = decide(
        take_up(hidden, by=tom),
        Ruling(Decision.Measure.HIDE, rule=rule, facts="Zelda was rude.", message="Hello Wilhelmina Quick, no."),
        by=tom,
    )
    contested = appeal(decision, by=zelda, happened="zelda: it was a joke", wanted="put it back")
    decide(contested.case, Ruling(Decision.Measure.MAINTAIN, message="Hello Wilhelmina Quick."), by=make_moderator())
    case = report(by=bob, member=zelda, words="That zelda is odd.").case
    decide(case, Ruling(Decision.Measure.KEEP), by=tom)
    decide(TeamLetter.objects.get().case, Ruling(Decision.Measure.ANSWER, message="Hello Zelda."), by=tom)
    set_trust(zelda, "regular", by=solene, reason="Zelda helps a lot.")
    mail_jobs.spread_news()
    Letter.objects.update(not_before=timezone.now())
    mail_jobs.send_letters()
    mail_jobs.send_envelopes()
    return {"reply": reply, "mention": mention, "quote": quote, "answer": answer, "hidden": hidden}


@pytest.mark.parametrize("with_posts", [False, True], ids=["posts stay", "posts go too"])
def test_member_who_left_leaves_no_personal_data_in_any_column_of_any_table(client, with_posts):
    zelda = make_zelda()
    posts = _life(zelda)
    client.post("/accounts/login/", {"login": "zelda", "password": PASSWORD})
    client.force_login(make_member("solene2", is_staff=True, is_superuser=True))
    client.post(f"/admin/members/member/{zelda.pk}/change/", {
        "name": "Wilhelmina Quick", "trust": "regular", "language": "fr", "time_zone": "Europe/Paris", "why": "",
    })  # fmt: skip
    named = {line.partition(":")[0] for line in where_named()}
    assert {"members.Member.username", "moderation.DecisionText.message", "forums.Post.body", "index"} <= named
    files = [row.path("small") for row in zelda.pictures.all()]
    close_account(by=zelda, with_posts=with_posts)

    day_has_come(zelda)

    assert where_named() == []
    assert (zelda.state, zelda.username, zelda.email) == (Member.State.LEFT, f"former-member-{zelda.pk}", None)
    assert zelda.shown_name == f"Former member {zelda.pk}"
    for model in (Draft, Bookmark, ReadMark, AllRead, Following, Block, Notification, Letter):
        assert model.objects.filter(member=zelda).count() == 0, model
    assert Following.objects.filter(person=zelda).count() == 0
    assert [default_storage.exists(path) for path in files] == [False] * len(files)
    assert not TakenName.is_free("zelda")
    assert not Client().login(username="zelda", password=PASSWORD)
    call_command("verify")
    for post in posts.values():
        post.refresh_from_db()
    mention, quote = posts["mention"], posts["quote"]
    assert mention.body == f"Better ask @former-member-{zelda.pk} about it."
    assert (mention.version, mention.edited_at) == (2, None)  # nobody has edited it
    assert f"former-member-{zelda.pk}</a></p>" in quote.html
    assert "A spoon of oak." in quote.html
    if with_posts:
        assert (posts["reply"].state, posts["reply"].body) == (Post.State.WITHDRAWN, "")
        assert (posts["hidden"].state, posts["hidden"].body) == (Post.State.REMOVED, "")
        assert posts["answer"].topic.accepted_post is None
        assert (Poll.objects.count(), Attachment.objects.count()) == (0, 0)
        assert posts["reply"].topic.title == "Spoons"
    else:
        assert (posts["reply"].state, posts["reply"].body) == (Post.State.PUBLISHED, "A spoon of oak.")
        assert posts["answer"].topic.accepted_post == posts["answer"]
        assert Poll.objects.count() == 1


def test_topic_that_nobody_else_wrote_in_leaves_the_lists_with_its_title(client):
    zelda = make_zelda()
    alone, answered = make_topic(by=zelda, title="Alone with spoons"), make_topic(by=zelda, title="Answered spoons")
    make_reply(alone, by=zelda)
    make_reply(answered)
    close_account(by=zelda, with_posts=True)
    assert "Alone with spoons" in client.get("/").content.decode()

    day_has_come(zelda)

    home = client.get("/").content.decode()
    assert ("Alone with spoons" in home, "Answered spoons" in home) == (False, True)
    assert where_named(("alone with spoons",)) == []
    assert "Withdrawn by its author." in client.get(answered.get_absolute_url()).content.decode()
    call_command("verify")


def test_page_of_somebody_who_left_says_so_and_lists_nothing(client):
    zelda = make_zelda()
    make_topic(by=zelda, title="Spoons")
    close_account(by=zelda, with_posts=False)
    day_has_come(zelda)

    html = client.get(f"/m/former-member-{zelda.pk}/?show=topics").content.decode()

    assert ("has left" in html, "This person has left" in html, "Spoons" in html) == (True, True, False)
    assert client.get("/m/zelda/").status_code == 404


@pytest.mark.parametrize("name", ["zelda", "Zélda", "former-member-1", "Former-Member-9999"])
def test_nobody_takes_the_old_name_nor_a_pseudonym(client, name):
    zelda = make_zelda()
    close_account(by=zelda, with_posts=False)
    day_has_come(zelda)

    said = {"email": "new@example.org", "username": name.replace("é", "e"), "password1": "a long enough phrase"}
    assert client.post("/accounts/signup/", said).status_code == 200

    assert Member.objects.filter(state=Member.State.APPLYING).count() == 0


def test_sessions_of_somebody_who_left_are_gone(client):
    zelda, bob = make_zelda(), make_member("bob")
    client.force_login(zelda)
    Client().force_login(bob)
    close_account(by=zelda, with_posts=False)

    day_has_come(zelda)

    assert [s.get_decoded()["_auth_user_id"] for s in Session.objects.all()] == [str(bob.pk)]


# --- Races and accidents


class Killed(BaseException):
    """As a worker that is killed: nothing catches it."""


@pytest.mark.parametrize("at", ["withdraw", "files", "unname", "leave"])
def test_nightly_job_killed_in_the_middle_goes_on_the_next_night(monkeypatch, at):
    zelda = make_zelda()
    _life(zelda)
    close_account(by=zelda, with_posts=True)
    Member.objects.filter(pk=zelda.pk).update(leaves_at=timezone.now() - timedelta(seconds=1))
    monkeypatch.setattr(departures.withdraw_words, "__defaults__", (1,))  # one post a batch
    calls = {"n": 0}

    def killer(real):
        def killed(*args, **kwargs):
            calls["n"] += 1
            if calls["n"] > 1 or at != "withdraw":
                raise Killed
            return real(*args, **kwargs)

        return killed

    place, name = {
        "withdraw": (departures, "withdraw_words"), "files": (departures, "remove_files"),
        "unname": (departures, "unname"), "leave": (jobs, "leave"),
    }[at]  # fmt: skip
    with monkeypatch.context() as patched:
        patched.setattr(place, name, killer(getattr(place, name)))
        with pytest.raises(Killed):
            jobs.close_accounts()
    zelda.refresh_from_db()
    assert zelda.state == Member.State.LEAVING
    call_command("verify")

    jobs.close_accounts()
    jobs.close_accounts()
    jobs.render_again()
    member_jobs.sweep_pictures()

    zelda.refresh_from_db()
    assert zelda.state == Member.State.LEFT
    assert where_named() == []
    call_command("verify")


def test_account_that_fails_does_not_keep_the_others(monkeypatch):
    zelda, other = make_zelda(), make_member("other")
    for member in (zelda, other):
        close_account(by=member, with_posts=False)
    Member.objects.filter(pk__in=[zelda.pk, other.pk]).update(leaves_at=timezone.now() - timedelta(seconds=1))
    broken = zelda.pk

    def breaks(member_id: int) -> bool:
        if member_id == broken:
            raise OSError("the storage is away")
        return leave(member_id)

    monkeypatch.setattr(jobs, "leave", breaks)
    jobs.close_accounts()

    assert Member.objects.get(pk=other.pk).state == Member.State.LEFT
    assert Member.objects.get(pk=broken).state == Member.State.LEAVING


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_close_once():
    zelda, barrier = make_zelda(), threading.Barrier(4)

    def confirm(_):
        try:
            barrier.wait(10)
            return close_account(by=zelda, with_posts=False).leaves_at
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        moments = set(pool.map(confirm, range(4)))

    assert len(moments) == 1
    assert Envelope.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_close_at_once_one_stays():
    admins, barrier = [make_admin(), make_admin()], threading.Barrier(2)

    def confirm(admin):
        try:
            barrier.wait(10)
            close_account(by=admin, with_posts=False)
        except Refused:
            return "refused"
        finally:
            connections.close_all()
        return "closed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, admins)) == ["closed", "refused"]
