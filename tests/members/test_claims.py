"""Imported names come to whoever wrote under them: by mail, by a moderator's word, once, and to nobody else."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from engagement.models import Envelope, Letter, Notification
from forums.actions.claims import COLUMNS, hand_over
from forums.actions.reading import follow
from forums.actions.rendering import render_again
from forums.models import Following, Post, PostReference, PostRevision, Topic, TopicEvent
from forums.queries.counters import drift
from members.actions.blocks import block_member
from members.actions.claims import ask_by_mail, ask_moderators, confirm_by_link, confirm_claim
from members.actions.leaving import leave
from members.models import Block, Claim, Member, TakenName
from moderation.actions.decisions import Ruling, decide, undo
from moderation.models import Case, Decision
from tests.make import PASSWORD, make_community, make_forum, make_member, make_moderator, make_reply, make_topic
from toolkit.mail.archive import address_key
from toolkit.verdicts import Refused

ADDRESS = "anne@example.org"
MAILS = """From anne@example.org Mon Mar  1 10:00:00 1999
Message-ID: <m1@example.org>
From: Anne Petit <anne@example.org>
Date: 01 Mar 1999 10:00:00 +0000
Subject: The names of things

These are the words of Anne.

From bob@example.org Mon Mar  1 11:00:00 1999
Message-ID: <m2@example.org>
In-Reply-To: <m1@example.org>
From: Bob <bob@example.org>
Date: 01 Mar 1999 11:00:00 +0000
Subject: Re: The names of things

These are the words of Bob.

From anne@example.org Mon Mar  1 12:00:00 1999
Message-ID: <m3@example.org>
In-Reply-To: <m2@example.org>
From: Anne Petit <Anne@Example.org>
Date: 01 Mar 1999 12:00:00 +0000
Subject: Re: The names of things

Anne again.
"""


@pytest.fixture
def anne(db, tmp_path) -> Member:
    return imported(tmp_path)


def imported(tmp_path: Path) -> Member:
    """The placeholder of an archive's author, who wrote two of its three messages."""
    make_community()
    make_forum("list")
    file = tmp_path / "list.mbox"
    file.write_text(MAILS)
    call_command("import_mbox", str(file), forum="list", stdout=StringIO())
    return Member.objects.get(name="Anne Petit")


def link_in_mail() -> str:
    """The path of the only link in the only mail."""
    (found,) = re.findall(r"http://[^/\s]+(/claims/\S+)", Envelope.objects.get().text)
    return found


def signed_in(client, member: Member):
    client.force_login(member)
    return client


# --- By mail


def test_the_archived_address_gets_a_link_and_the_link_gives_the_name(anne, client):
    zoe = make_member("zoe")
    signed_in(client, zoe)
    page = client.get(anne.get_absolute_url()).content.decode()
    assert f'href="/m/{anne.username}/claim/"' in page
    told = client.post(reverse("members:claim", args=[anne.username]), {"address": " Anne@EXAMPLE.org "}, follow=True)
    assert "a mail is on its way there" in told.content.decode()
    mail = Envelope.objects.get()
    assert mail.recipient == "Anne@EXAMPLE.org"
    path = link_in_mail()

    asked = client.get(path)
    assert "Yes, I wrote them" in asked.content.decode()
    anne.refresh_from_db()
    assert anne.claimed_by is None  # opening is not answering

    done = client.post(path, follow=True)
    assert done.redirect_chain == [(zoe.get_absolute_url(), 302)]
    anne.refresh_from_db()
    assert anne.claimed_by == zoe
    while hand_over():
        pass
    topic = Topic.objects.get()
    assert [post.author.username for post in topic.posts.order_by("position")] == ["zoe", "bob", "zoe"]
    assert (topic.author, topic.last_author) == (zoe, zoe)
    assert TakenName.objects.get(key__startswith="anne").member == zoe
    assert Claim.objects.get().handed_over_at is not None
    assert drift() == []
    assert client.get(f"/m/{anne.username}/").url == "/m/zoe/"
    assert "These are the words of Anne." in client.get("/m/zoe/").content.decode()


@pytest.mark.parametrize("address", ["bob@example.org", "nobody@example.net"])
def test_a_wrong_address_gets_no_mail_and_the_same_answer(anne, client, address):
    signed_in(client, make_member("zoe"))
    right = client.post(reverse("members:claim", args=[anne.username]), {"address": ADDRESS}, follow=True)
    Envelope.objects.all().delete()
    wrong = client.post(reverse("members:claim", args=[anne.username]), {"address": address}, follow=True)
    assert Envelope.objects.count() == 0
    without_token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|hx-headers=\'[^\']*\'')
    assert without_token.sub("", wrong.content.decode()) == without_token.sub("", right.content.decode())


def test_a_stolen_link_a_used_link_and_an_old_link_give_nothing(anne, client):
    zoe, thief = make_member("zoe"), make_member("thief")
    claim = ask_by_mail(anne, by=zoe, address=ADDRESS)
    path = link_in_mail()
    answer = signed_in(client, thief).post(path)
    assert answer.status_code == 403
    assert "for the member who asked for it" in answer.content.decode()
    assert client.get(path[:-2] + "x/").status_code == 404
    client.logout()
    assert client.get(path).url.startswith("/accounts/login/")

    Claim.objects.update(asked_at=timezone.now() - timedelta(hours=25))
    assert signed_in(client, zoe).post(path).status_code == 403
    assert Member.objects.filter(claimed_by__isnull=False).count() == 0
    Claim.objects.update(asked_at=timezone.now())
    assert client.post(path).status_code == 302
    assert client.post(path).status_code == 403
    claim.refresh_from_db()
    assert claim.state == Claim.State.CONFIRMED


def test_asking_has_its_limits(anne):
    zoe = make_member("zoe")
    for _ in range(5):
        ask_by_mail(anne, by=zoe, address="other@example.org")
    with pytest.raises(Refused, match="You have asked often today"):
        ask_by_mail(anne, by=zoe, address=ADDRESS)
    # Wrong addresses of others keep nobody from the right one; but several members cannot have mail sent all day.
    assert Envelope.objects.count() == 0
    for number in range(7):
        ask_by_mail(anne, by=make_member(f"yan{number}"), address=ADDRESS)
    assert Envelope.objects.count() == 5
    Claim.objects.update(asked_at=timezone.now() - timedelta(days=2))
    ask_by_mail(anne, by=zoe, address=ADDRESS)
    assert Envelope.objects.count() == 6


def test_no_mail_goes_to_an_address_that_only_folds_to_the_archived_one(anne):
    Member.objects.filter(pk=anne.pk).update(source=address_key("kevin@example.org"))
    ask_by_mail(anne, by=make_member("zoe"), address="\N{KELVIN SIGN}evin@example.org")
    assert Envelope.objects.count() == 0
    ask_by_mail(anne, by=make_member("yan"), address=" Kevin@Example.org")
    assert Envelope.objects.get().recipient == "Kevin@Example.org"


def test_who_may_not_claim_is_told_why(anne):
    zoe = make_member("zoe")
    said = {
        "not an imported name": (make_member("real"), zoe),
        "You are suspended": (anne, make_member("sus", suspended_until=timezone.now() + timedelta(days=1))),
        "Once you are a member": (anne, make_member("new", state=Member.State.APPLYING)),
    }
    for sentence, (name, by) in said.items():
        with pytest.raises(Refused, match=sentence):
            ask_by_mail(name, by=by, address=ADDRESS)
        with pytest.raises(Refused, match=sentence):
            ask_moderators(name, by=by, words="It was me.")
    confirm_by_link(ask_by_mail(anne, by=zoe, address=ADDRESS), by=zoe)
    with pytest.raises(Refused, match="yours already"):
        ask_by_mail(anne, by=zoe, address=ADDRESS)
    with pytest.raises(Refused, match="Somebody has claimed this name already"):
        ask_moderators(anne, by=make_member("yan"), words="It was me.")
    assert Claim.objects.count() == 1


def test_somebody_without_an_account_is_led_to_one_and_back(anne, client):
    page = client.get(anne.get_absolute_url()).content.decode()
    assert "These are my posts" in page
    asked = client.get(reverse("members:claim", args=[anne.username]))
    assert asked.url == f"/accounts/login/?next=/m/{anne.username}/claim/"
    login = client.get(asked.url).content.decode()
    assert f"/accounts/signup/?next=%2Fm%2F{anne.username}%2Fclaim%2F" in login
    make_member("zoe")
    done = client.post(asked.url, {"login": "zoe", "password": PASSWORD, "next": f"/m/{anne.username}/claim/"})
    assert done.url == f"/m/{anne.username}/claim/"


def test_the_mail_speaks_the_claimants_language(anne):
    ask_by_mail(anne, by=make_member("zoe", language="fr"), address=ADDRESS)
    mail = Envelope.objects.get()
    assert mail.subject == "Ces messages sont-ils de vous\u202f?"
    assert "Bonjour" in mail.text
    assert "Anne Petit" in mail.text


# --- By a moderator


def test_a_moderator_believes_and_the_claimant_is_told(anne, client):
    zoe, ann = make_member("zoe"), make_moderator("mod")
    signed_in(client, zoe)
    client.post(reverse("members:claim", args=[anne.username]), {"words": "My page says so: https://zoe.example"})
    case = Case.objects.get()
    assert (case.kind, case.subject.member, case.claim.placeholder) == (Case.Kind.CLAIM, zoe, anne)
    signed_in(client, ann)
    assert "zoe says they wrote as Anne Petit" in client.get("/moderation/").content.decode().replace("Zoe", "zoe")
    page = client.get(case.get_absolute_url()).content.decode()
    assert "My page says so" in page
    assert client.post(case.get_absolute_url(), {"measure": "hand_over"}).status_code == 302
    anne.refresh_from_db()
    assert anne.claimed_by == zoe
    decision = Decision.objects.get()
    assert (decision.concerned, decision.origin) == (zoe, "claim")
    assert [(n.member, n.decision) for n in Notification.objects.all()] == [(zoe, decision)]
    assert "welcome home" in decision.text.message
    while hand_over():
        pass
    assert Post.objects.filter(author=zoe).count() == 2
    with pytest.raises(Refused, match="cannot be told apart"):
        undo(decision, by=ann, reason="A mistake.")


def test_a_moderator_declines_with_a_reason_and_it_can_be_undone(anne, client):
    zoe, ann = make_member("zoe"), make_moderator("mod")
    claim = ask_moderators(anne, by=zoe, words="It was me.")
    with pytest.raises(Refused, match="are reading what you wrote"):
        ask_moderators(anne, by=zoe, words="Really.")
    case = Case.objects.get()
    signed_in(client, ann)
    assert client.post(case.get_absolute_url(), {"measure": "not_over"}).status_code == 422
    with pytest.raises(Refused, match="Write what you want to say"):
        decide(case, Ruling("not_over"), by=ann)
    decision = decide(case, Ruling("not_over", message="The page you name is another Anne's."), by=ann)
    claim.refresh_from_db()
    anne.refresh_from_db()
    assert (claim.state, anne.claimed_by) == (Claim.State.DECLINED, None)
    assert Notification.objects.get().member == zoe
    undo(decision, by=ann, reason="I had looked at the wrong page.")
    claim.refresh_from_db()
    case.refresh_from_db()
    assert (claim.state, case.closed_at) == (Claim.State.WAITING, None)


def test_moderators_decide_on_others_claims_only(anne, client):
    ann = make_moderator("mod")
    ask_moderators(anne, by=ann, words="It was me.")
    case = Case.objects.get()
    assert signed_in(client, ann).get(case.get_absolute_url()).status_code == 404
    with pytest.raises(Refused, match="about you"):
        decide(case, Ruling("hand_over"), by=ann)


def test_two_claims_wait_side_by_side_and_one_is_confirmed(anne):
    ann = make_moderator("mod")
    for name in ("zoe", "yan"):
        ask_moderators(anne, by=make_member(name), words="It was me.")
    first, second = Case.objects.order_by("pk")
    decide(first, Ruling("hand_over"), by=ann)
    with pytest.raises(Refused, match="Somebody has claimed this name already"):
        decide(second, Ruling("hand_over"), by=ann)
    decide(second, Ruling("not_over", message="Somebody else has shown that it was them."), by=ann)
    assert sorted(Claim.objects.values_list("claimant__username", "state")) == [
        ("yan", "declined"),
        ("zoe", "confirmed"),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_two_claimants_at_once_one_gets_the_name(tmp_path):
    anne = imported(tmp_path)
    claims = [ask_moderators(anne, by=make_member(f"member{n}"), words="Me.") for n in range(4)]
    outcomes = []

    def one(claim: Claim) -> None:
        try:
            confirm_claim(claim)
            outcomes.append("confirmed")
        except Refused:
            outcomes.append("refused")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=[claim]) for claim in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["confirmed", "refused", "refused", "refused"]
    anne.refresh_from_db()
    assert Claim.objects.get(state="confirmed").claimant == anne.claimed_by


# --- Handing over


def test_everything_under_the_name_goes_along_in_steps_and_once(anne):
    zoe, topic = make_member("zoe"), Topic.objects.get()
    bobs = topic.posts.get(position=2)
    PostRevision.objects.create(
        post=bobs, version=1, body="Before.", editor=anne, source="elsewhere", created_at=timezone.now()
    )
    TopicEvent.objects.create(topic=topic, kind="closed", actor=anne, place=3, created_at=timezone.now())
    Topic.objects.update(closed_at=timezone.now(), closed_by=anne)
    Post.objects.filter(pk=bobs.pk).update(body=f"Hello @{anne.username} and @zoe.")
    PostReference.objects.create(post=bobs, member=anne)
    PostReference.objects.create(post=topic.posts.get(position=1), member=anne)
    PostReference.objects.create(post=topic.posts.get(position=1), member=zoe)
    other = make_topic(topic.forum, by=make_member("yan"))
    make_reply(other, by=zoe)
    confirm_by_link(ask_by_mail(anne, by=zoe, address=ADDRESS), by=zoe)

    assert hand_over(topics=1) == 1
    assert Claim.objects.get().handed_over_at is None
    assert hand_over(topics=1) == 1
    assert hand_over() == 0
    for model, column, _topic in COLUMNS:
        assert model._default_manager.filter(**{column: anne}).count() == 0, model
    topic.refresh_from_db()
    assert (topic.author, topic.last_author, topic.closed_by) == (zoe, zoe, zoe)
    assert (bobs.revisions.get().editor, topic.events.get().actor) == (zoe, zoe)
    assert PostReference.objects.filter(member=zoe).count() == 2
    while render_again():
        pass
    bobs.refresh_from_db()
    assert (
        bobs.html
        == '<p>Hello <a href="/m/zoe/" class="mention">@zoe</a> and <a href="/m/zoe/" class="mention">@zoe</a>.</p>\n'
    )
    assert drift() == []
    assert Letter.objects.count() == 0


def test_who_follows_or_blocks_the_name_follows_or_blocks_the_person(anne):
    zoe, yan, xenia, both = (make_member(name) for name in ("zoe", "yan", "xenia", "both"))
    follow(anne, by=yan, level="all")
    follow(anne, by=zoe, level="all")
    follow(anne, by=both, level="all")
    follow(zoe, by=both, level="nothing")
    block_member(anne, by=xenia)
    block_member(anne, by=zoe)
    confirm_by_link(ask_by_mail(anne, by=zoe, address=ADDRESS), by=zoe)
    while hand_over():
        pass
    assert sorted(Following.objects.values_list("member__username", "person__username", "level")) == [
        ("both", "zoe", "nothing"),
        ("yan", "zoe", "all"),
    ]
    assert list(Block.objects.values_list("member__username", "blocked__username")) == [("xenia", "zoe")]


def test_who_leaves_takes_the_names_along_that_they_had_claimed(anne, client):
    zoe, yan = make_member("zoe"), make_member("yan")
    ask_moderators(anne, by=zoe, words="My name was Anne Petit.")
    confirm_by_link(ask_by_mail(anne, by=zoe, address=ADDRESS), by=zoe)
    waiting = ask_moderators(Member.objects.get(name="Bob"), by=yan, words="I was Bob.")
    for member in (zoe, yan):
        Member.objects.filter(pk=member.pk).update(state=Member.State.LEAVING, leaves_at=timezone.now())
        assert leave(member.pk)
    anne.refresh_from_db()
    assert (anne.username, anne.name, anne.claimed_by) == (f"former-name-{anne.pk}", "", zoe)
    assert set(Claim.objects.values_list("words", flat=True)) == {""}
    assert client.get("/m/anne-petit/").status_code == 404
    with pytest.raises(Refused, match="takes no part any more"):
        confirm_claim(waiting)


def test_what_is_imported_later_comes_to_the_claimant_at_once(anne, tmp_path):
    zoe = make_member("zoe")
    confirm_by_link(ask_by_mail(anne, by=zoe, address=ADDRESS), by=zoe)
    more = MAILS.replace("<m", "<n").replace("1999", "2001")
    file = tmp_path / "later.mbox"
    file.write_text(more)
    call_command("import_mbox", str(file), forum="list", stdout=StringIO())
    later = Post.objects.filter(published_at__gte=datetime(2001, 1, 1, tzinfo=UTC)).order_by("published_at")
    assert [post.author.username for post in later] == ["zoe", "bob", "zoe"]


def test_every_column_for_a_member_is_handed_over_or_never_a_placeholders():
    """A new column that names a member would otherwise leave words behind."""
    from django.apps import apps

    never = {
        "AllRead.member", "Appointment.member", "Attachment.member", "Bookmark.member", "Draft.member",
        "Following.member",
        "ForumGuest.invited_by", "ForumGuest.member", "PollVote.member",
        "Reaction.member", "ReadMark.member", "Seat.invited_by", "Seat.member", "TagEvent.actor", "TopicTimer.set_by",
        "TopicVote.member",
    }  # fmt: skip
    named = {
        f"{model.__name__}.{field.name}"
        for model in apps.get_app_config("forums").get_models()
        for field in model._meta.fields
        if field.is_relation and field.related_model is Member
    }
    of_the_person = {"Following.person"}  # handed over at the end, by `_carry_followers`
    assert named == never | of_the_person | {f"{model.__name__}.{column}" for model, column, _topic in COLUMNS}


@pytest.mark.parametrize("asked", [1, 8])
def test_the_page_costs_the_same_however_many_claims_there_are(anne, client, asked, django_assert_num_queries):
    for number in range(asked):
        ask_moderators(anne, by=make_member(f"member{number}"), words="Me.")
    signed_in(client, make_member("zoe"))
    path = reverse("members:claim", args=[anne.username])
    client.get(path)
    with django_assert_num_queries(6):
        assert client.get(path).status_code == 200
