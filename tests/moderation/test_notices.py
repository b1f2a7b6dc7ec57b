"""Notices of illegal content: anybody gives them, each has a receipt, a page and an answer (Art. 16)."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, connections, transaction
from django.utils import timezone, translation

from engagement import jobs
from engagement.models import Envelope, Letter, Notification
from forums.actions.attachments import upload_file
from forums.actions.posts import edit_post
from forums.actions.withdrawal import withdraw_post
from forums.models import Post
from forums.readers import reader_for
from members.former import Former
from moderation.actions import cases
from moderation.actions.cases import report
from moderation.actions.decisions import Ruling, appeal, decide, undo
from moderation.actions.departures import unname
from moderation.actions.notices import give_notice
from moderation.models import Case, Decision, Ground, Notice, NoticedPlace
from moderation.queries import Wanted, open_case_about, open_counts, place_at, queue
from moderation.wording import statement_of
from tests.make import (
    make_admin,
    make_community,
    make_conversation,
    make_forum,
    make_member,
    make_moderator,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"


@pytest.fixture(autouse=True)
def _community(settings, client):
    settings.SITE_URL = SITE
    client.defaults["REMOTE_ADDR"] = f"2001:db8::{uuid4().hex[:4]}"  # counts of other tests are not ours
    make_community()


def at(address, member=None, **more):
    return place_at(address, reader_for(member), **more)


def given(*addresses, **more):
    said = {
        "key": uuid4(), "ground": "insult", "explanation": "He calls my sister a thief.", "language": "en",
        "name": "Rose", "email": "rose@example.net",
    }  # fmt: skip
    places = [at(address, more.get("member")) for address in addresses]
    return give_notice(places=places, **{**said, **more})


def filled(*addresses, **more):
    return {
        "addresses": "\n".join(addresses), "ground": "insult", "explanation": "He calls my sister a thief.",
        "name": "Rose", "email": "rose@example.net", "good_faith": "on", "key": str(uuid4()), **more,
    }  # fmt: skip


def mails(to="rose@example.net"):
    return list(Envelope.objects.filter(recipient=to).order_by("pk"))


# --- What stands at an address


def test_an_address_is_what_stands_there():
    topic = make_topic()
    reply, member = make_reply(topic), make_member("ann")
    first = topic.posts.get(position=1)

    for address, post in (
        (f"{SITE}/p/{reply.pk}/", reply),
        (f"/p/{reply.pk}/", reply),
        (f"{SITE}{topic.get_absolute_url()}", first),
        (f"{SITE}{topic.get_absolute_url()}?page=1#post-{reply.pk}", reply),
        (f"{SITE}/t/{topic.pk}/print", first),
        (f"{SITE}{topic.get_absolute_url()}#post-99999999", first),
        (f"{SITE}/p/99999999/", None),
        (f"{SITE}/p/{'9' * 26}/", None),
        (f"{SITE}/p/{reply.pk}", reply),
        (f"{SITE}/nowhere/at/all", None),
    ):
        place = at(address)
        assert place is not None, address
        assert place.post == post, address
    assert at(f"{SITE}/m/Ann/").member == member
    assert at("https://forum.example/p/1/", host="forum.example") is not None


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example/t/1/",
        "javascript:alert(1)",
        "words",
        "//elsewhere.example/t/1/",
        "ftp://localhost:8000/t/1/",
        "/m/a%00b/",
        "http://[::1/t/1/",
        "/" + "x" * 500,
        "",
    ],
)
def test_an_address_elsewhere_is_none(address):
    assert at(address) is None


def test_a_file_is_the_post_that_shows_it(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    ann = make_member()
    file = upload_file(by=ann, file=ContentFile(b"abc", name="a.txt"), name="a.txt")
    post = make_reply(make_topic(), by=ann, body=file.markdown)

    assert at(f"{SITE}{file.get_absolute_url()}").post == post


# --- Given


def test_anybody_gives_notice_and_has_a_receipt_a_number_and_a_page(client):
    post = make_reply(make_topic())

    sent = client.post("/notices/new/", filled(f"{SITE}/p/{post.pk}/", f"{SITE}/nowhere/"))

    notice = Notice.objects.get()
    assert sent.status_code == 302
    assert sent["Location"] == notice.get_absolute_url() == f"/notices/{notice.secret}/"
    page = client.get(sent["Location"])
    assert page["X-Robots-Tag"] == "noindex"
    html = page.content.decode()
    assert f"Notice no. {notice.pk}" in html
    assert html.count("It is being read.") == 2
    (receipt,) = mails()
    assert receipt.subject == f"Your notice no. {notice.pk} to The Shed"
    assert f"{SITE}{notice.get_absolute_url()}" in receipt.text
    for words in ("thief", "Rose", "/p/"):  # nobody's words are carried to whom they choose
        assert words not in receipt.text + receipt.html, words
    about, unknown = Case.objects.order_by("kind")[1], Case.objects.order_by("kind")[0]
    assert (about.subject.post, about.kind, about.band, about.lane) == (post, "report", 1, "outside")
    assert (unknown.subject, unknown.kind, unknown.lane) == (None, "notice", "outside")
    post.refresh_from_db()
    assert post.state == Post.State.PUBLISHED


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"addresses": " \n "}, "Give the address of what is illegal."),
        ({"addresses": "https://elsewhere.example/"}, "is not an address of this site"),
        ({"explanation": "  "}, "Say why it is illegal."),
        ({"name": ""}, "The law asks for your name"),
        ({"email": ""}, "The law asks for your e-mail address"),
        ({"email": "rose"}, "Enter a valid email address."),
        ({"good_faith": ""}, "The law asks for this statement."),
        ({"ground": "nonsense"}, "Select a valid choice"),
        ({"website": "x"}, "This message looks automatic."),
        ({"addresses": "\n".join(f"/p/{n}/" for n in range(21))}, "at most 20 addresses"),
    ],
)
def test_what_the_law_asks_is_asked_in_a_sentence_and_nothing_is_lost(client, changed, said):
    answer = client.post("/notices/new/", {**filled("/p/1/"), **changed})

    html = answer.content.decode()
    assert answer.status_code == 422
    assert said in html
    assert ("He calls my sister a thief." in html) == ("explanation" not in changed)
    assert not Notice.objects.exists()


def test_the_abuse_of_a_child_is_told_without_a_name(client):
    post = make_reply(make_topic())
    words = filled(f"/p/{post.pk}/", ground="child", name="", email="")

    assert client.post("/notices/new/", words).status_code == 302

    assert Notice.objects.get().email == ""
    assert mails("") == []
    with pytest.raises(Refused, match="your name"):
        given("/p/1/", name="", email="")


def test_same_notice_sent_twice_is_one(client):
    words = filled(f"/p/{make_reply(make_topic()).pk}/")

    first, second = client.post("/notices/new/", words), client.post("/notices/new/", words)

    assert first["Location"] == second["Location"]
    assert (Notice.objects.count(), NoticedPlace.objects.count(), len(mails())) == (1, 1, 1)


def test_a_flood_is_stopped_in_a_sentence(client):
    for _ in range(6):
        assert client.post("/notices/new/", filled("/p/1/")).status_code == 302
    refused = client.post("/notices/new/", filled("/p/1/"))
    assert refused.status_code == 422
    assert "many notices in an hour" in refused.content.decode()
    for _ in range(4):
        given("/p/1/")
    with pytest.raises(Refused, match="many notices in a day"):
        given("/p/1/", email="ROSE@example.net")
    given("/p/1/", email="other@example.net")


def test_members_find_their_name_and_the_address_filled_in(client):
    ann = make_member("ann", name="Ann Bell")
    client.force_login(ann)

    html = client.get("/notices/new/?about=/p/7/").content.decode()
    assert ('value="Ann Bell"' in html, "http://testserver/p/7/" in html) == (True, True)
    elsewhere = client.get("/notices/new/?about=https://elsewhere.example/")
    assert elsewhere.context["form"]["addresses"].value() == ""
    client.post("/notices/new/", filled(f"/p/{make_reply(make_topic()).pk}/"))
    assert (Notice.objects.get().member, Case.objects.get().lane) == (ann, "main")


# --- Lanes, and one case of one thing


def test_notices_from_outside_wait_in_a_lane_of_their_own_until_somebody_known_says_so(client):
    post, moderator = make_reply(make_topic()), make_moderator()
    given(f"/p/{post.pk}/")
    reader = reader_for(moderator)
    assert (queue(reader), open_counts(reader)) == ([], {"main": 0, "outside": 1})
    (case,) = queue(reader, Wanted(lane="outside"))
    client.force_login(moderator)
    html = client.get("/moderation/").content.decode()
    assert "Nothing waits." in html
    assert '<a href="/moderation/?lane=outside">Notices from outside <span class="count">1</span></a>' in html
    assert "He calls my sister a thief." in client.get("/moderation/?lane=outside").content.decode()

    assert report(by=make_member(), post=post, words="Rude.").case == case
    assert queue(reader) == [case]
    other = given("/p/99999/").places.get().case
    client.post(f"/moderation/case/{other.pk}/take-in")
    assert set(queue(reader)) == {case, other}


def test_a_notice_of_what_is_reported_joins_its_case_and_a_members_lifts_it():
    post = make_reply(make_topic())
    case = report(by=make_member(), post=post, words="Rude.").case

    given(f"/p/{post.pk}/")

    case.refresh_from_db()
    assert (Case.objects.count(), case.band, case.lane) == (1, Case.Band.REST, "main")  # by a stranger: no higher
    cases.snooze(case, by=make_moderator(), until=timezone.now() + timedelta(days=3))
    given(f"/p/{post.pk}/", member=make_member("known"), email="known@example.net")
    case.refresh_from_db()
    assert (case.band, case.snoozed_until) == (Case.Band.DANGER, None)


@pytest.mark.django_db(transaction=True)
def test_eight_notices_of_one_post_at_once_are_one_case():
    post, barrier, failed = make_reply(make_topic()), threading.Barrier(8), []

    def give(number):
        try:
            barrier.wait()
            given(f"/p/{post.pk}/", f"/p/{post.pk}/#{number}", email=f"r{number}@example.net")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says so
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert (Case.objects.count(), Notice.objects.count(), NoticedPlace.objects.count()) == (1, 8, 16)


# --- Decided


def test_who_gave_notice_is_told_what_was_decided_and_how_to_contest_it(client):
    ann, moderator = make_member("ann"), make_moderator(name="Solène")
    post = make_reply(make_topic(), by=ann)
    notice = given(f"{SITE}/p/{post.pk}/")
    other = given(f"{SITE}/p/{post.pk}/", email="max@example.net", language="fr")
    case = notice.places.get().case

    made = decide(
        case,
        Ruling(
            "hide", ground="insult", why="It says that she stole.", facts="A theft is alleged.", to_sender="Agreed."
        ),
        by=moderator,
    )

    answer = mails()[-1]
    assert answer.subject == f"Notice no. {notice.pk} to The Shed: a decision"
    signed = "Solène, for the moderation"
    assert signed not in answer.text
    for words in ("It was hidden.", "Agreed.", "within six months", f"{SITE}/p/{post.pk}/"):
        assert words in answer.text, words
    assert "It says that she stole." not in answer.text  # that is for the author
    assert "Cela a été masqué." in mails("max@example.net")[-1].text
    assert f"{other.pk}" in mails("max@example.net")[-1].subject
    page = client.get(notice.get_absolute_url()).content.decode()
    for words in ("It was read and decided.", "It was hidden.", "Agreed.", "If you disagree"):
        assert words in page, words
    undo(made, by=moderator, reason="A mistake.")
    assert "The decision before was undone." in mails()[-1].text
    page = client.get(notice.get_absolute_url()).content.decode()
    assert ("The decision before was undone." in page, "It is being read." in page) == (True, True)
    assert "It was read and decided." not in page


def test_doing_nothing_needs_a_sentence_for_whoever_gave_notice(client):
    post, moderator = make_reply(make_topic()), make_moderator()
    case = given(f"/p/{post.pk}/").places.get().case
    client.force_login(moderator)

    refused = client.post(case.get_absolute_url(), {"measure": "keep"})
    assert refused.status_code == 422
    assert "why nothing is done" in refused.content.decode()
    with pytest.raises(Refused, match="why nothing is done"):
        decide(case, Ruling("keep"), by=moderator)
    assert client.post(case.get_absolute_url(), {"measure": "keep", "to_sender": "A joke."}).status_code == 302
    assert "It stays as it is." in mails()[-1].text
    assert "A joke." in mails()[-1].text


def test_a_place_where_nothing_is_known_is_answered_too(client):
    case = given(f"{SITE}/p/99999/").places.get().case
    client.force_login(make_moderator())

    html = client.get(case.get_absolute_url()).content.decode()
    assert "at an address where nothing is known" in html
    assert client.post(case.get_absolute_url(), {"measure": "keep", "to_sender": "It is gone."}).status_code == 302
    assert "It is gone." in mails()[-1].text
    assert "Nothing was done." in mails()[-1].text


def test_the_author_reads_the_ground_of_law_and_why_and_not_who_gave_notice():
    ann, moderator = make_member("ann"), make_moderator()
    post = make_reply(make_topic(), by=ann)
    case = given(f"/p/{post.pk}/").places.get().case
    with pytest.raises(Refused, match="why the facts are against the law"):
        decide(case, Ruling("hide", ground="insult", facts="x"), by=moderator)

    made = decide(case, Ruling("hide", ground="insult", why="It says so.", facts="A theft."), by=moderator)

    points = dict(statement_of(made, language="en").points)
    assert (points["Ground of law"], points["Why"]) == ("public insult or defamation", "It says so.")
    assert points["Where it came from"] == "a notice of illegal content"
    Letter.objects.update(not_before=timezone.now())  # half a minute in which it can be taken back
    jobs.send_letters()
    (to_author,) = mails("ann@example.org")
    assert ("It says so." in to_author.text, "Rose" in to_author.text) == (True, False)
    post.refresh_from_db()
    assert (post.state, post.removed_under) == (Post.State.REMOVED, None)


def test_hiding_needs_a_rule_or_a_law_in_the_database_too():
    moderator, case = make_moderator(), report(by=make_member(), post=make_reply(make_topic()), words="x").case
    with pytest.raises(Refused, match="Name the rule, or the ground of law"):
        decide(case, Ruling("hide", facts="x"), by=moderator)
    with pytest.raises(IntegrityError), transaction.atomic():
        Decision.objects.create(measure="hide", actor=moderator, origin="own", made_at=timezone.now())
    assert decide(case, Ruling("hide", rule=make_rule(), facts="x"), by=moderator).ground == ""


def test_an_appeal_that_is_right_is_told_to_whoever_gave_notice(client):
    ann, first, second = make_member("ann"), make_moderator("first"), make_moderator("second")
    notice = given(f"/p/{make_reply(make_topic(), by=ann).pk}/")
    made = decide(notice.places.get().case, Ruling("hide", ground="insult", why="x", facts="x"), by=first)
    asked = appeal(made, by=ann, happened="It was a quotation.", wanted="Put it back.")

    decide(asked.case, Ruling("undo", message="You are right.", to_sender="It was a quotation."), by=second)

    assert "The decision before was undone." in mails()[-1].text
    assert "It was a quotation." in mails()[-1].text
    assert "The decision before was undone." in client.get(notice.get_absolute_url()).content.decode()


def test_an_undo_while_the_same_thing_waits_again_leaves_the_notice_to_the_open_case():
    post, moderator = make_reply(make_topic()), make_moderator()
    notice = given(f"/p/{post.pk}/")
    made = decide(notice.places.get().case, Ruling("warn", rule=make_rule(), facts="x"), by=moderator)
    twin = report(by=make_member(), post=post, words="Again.").case

    undo(made, by=moderator, reason="A mistake.")
    assert notice.places.get().case == twin
    decide(twin, Ruling("hide", rule=make_rule(), facts="x"), by=moderator)

    assert "It was hidden." in mails()[-1].text


@pytest.mark.django_db(transaction=True)
def test_a_notice_that_comes_while_it_is_decided_opens_another_case():
    posts, moderator = [make_reply(make_topic()) for _ in range(3)], make_moderator()
    cases_ = [given(f"/p/{post.pk}/").places.get().case for post in posts]
    barrier, failed = threading.Barrier(6), []

    def do(act):
        try:
            barrier.wait()
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says so
            failed.append(error)
        finally:
            connections.close_all()

    acts = [lambda case=case: decide(case, Ruling("keep", to_sender="No."), by=moderator) for case in cases_]
    every = [f"/p/{post.pk}/" for post in posts]
    acts += [lambda n=n: given(*every, email=f"r{n}@example.net") for n in range(3)]
    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
    assert Notice.objects.count() == 6
    assert all(Case.objects.filter(subject__post=post, closed_at=None).count() <= 1 for post in posts)


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sent_twice_at_once_is_one_notice():
    post, key, barrier, got = make_reply(make_topic()), uuid4(), threading.Barrier(3), []

    def give():
        try:
            barrier.wait()
            got.append(given(f"/p/{post.pk}/", key=key).pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=give) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 3
    assert len(set(got)) == Notice.objects.count() == 1


def test_a_changed_form_under_the_same_key_is_another_notice(client):
    words = filled(f"/p/{make_reply(make_topic()).pk}/")
    first = client.post("/notices/new/", words)
    second = client.post("/notices/new/", {**words, "explanation": "And another thing."})
    assert first["Location"] != second["Location"]
    assert Notice.objects.count() == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"explanation": "\u3164\u200b"},
        {"name": "\u3164"},
        {"email": "a" * 250 + "@example.net"},
        {"addresses": "/m/a%00b/"},
    ],
)
def test_what_is_blank_or_too_long_is_refused_in_a_sentence(client, changed):
    assert client.post("/notices/new/", {**filled("/p/1/"), **changed}).status_code == 422
    assert client.post("/notices/new/", filled("/p/1/", name="\u0958" * 80)).status_code == 302
    assert client.get("/notices/new/?about=//[").status_code == 200


# --- What nobody learns


def test_a_stranger_opens_no_private_conversation_and_nothing_withdrawn():
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_conversation(ann, bob)
    private = topic.posts.get()
    gone = make_reply(make_topic(), by=ann)
    withdraw_post(gone, by=ann)

    for address in (f"/p/{private.pk}/", f"/conversations/{topic.pk}/", f"/t/{topic.pk}/", f"/p/{gone.pk}/"):
        assert at(address).post is None, address
        assert at(address, make_moderator()).post is None, address
    assert at(f"/p/{private.pk}/", bob).post == private
    case = given(f"/p/{private.pk}/", f"/p/{gone.pk}/").places.first().case
    assert (case.kind, case.subject) == ("notice", None)


def test_a_moderator_reads_no_notice_that_names_them_and_decides_none_of_their_own():
    named, other = make_moderator("named"), make_moderator("other")
    post = make_reply(make_topic(), by=named)
    notice = given(f"/p/{post.pk}/", f"/p/{make_reply(make_topic()).pk}/", "/nowhere/")
    assert Case.objects.visible_to(reader_for(named)).count() == 0
    assert Case.objects.visible_to(reader_for(other)).count() == 3
    own = given("/nowhere/else/", member=other, email="other@example.net").places.get().case
    with pytest.raises(Refused, match="You gave notice of this"):
        decide(own, Ruling("keep", to_sender="No."), by=other)
    assert notice.places.count() == 3


def test_notices_by_strangers_keep_nobody_from_closing_their_account():
    ann = make_member("ann")
    given("/m/ann/")
    assert open_case_about(ann) is None
    report(by=make_member(), member=ann, words="x")
    assert open_case_about(ann) is not None


def test_who_left_is_named_in_no_notice(client):
    ann, moderator = make_member("ann", name="Ann Bell"), make_moderator()
    notice = given("/m/ann/", explanation="Ann Bell is a crook.")
    decide(notice.places.get().case, Ruling("keep", to_sender="Ann Bell is not."), by=moderator)

    unname(ann, Former(username="ann", name="Ann Bell", email="ann@example.org", pseudonym="former-member-1"))
    unname(make_member(), Former(username="x", name="Rose", email="rose@example.net", pseudonym="former-member-2"))

    notice.refresh_from_db()
    place, made = notice.places.get(), notice.places.get().case.decisions.get()
    assert (place.address, notice.explanation) == ("/m/former-member-1/", "former-member-1 is a crook.")
    assert made.text.to_sender == "former-member-1 is not."
    assert (notice.name, notice.email) == ("former-member-2", "")


def test_notice_of_what_one_may_not_read_tells_nothing_of_it(client):
    hidden = make_topic(make_forum(audience="team"), by=make_moderator(), title="Hidden plans")
    secret = make_reply(hidden, by=hidden.author, body="Secret words.")
    notice = given(f"{SITE}/p/{secret.pk}/")

    html = client.get(notice.get_absolute_url()).content.decode()

    assert ("Hidden plans" in html, "Secret words" in html) == (False, False)
    assert client.get(f"/notices/{'x' * 43}/").status_code == 404
    assert client.get(f"/notices/{notice.pk}/").status_code == 404


def test_a_noticed_private_message_is_read_as_it_stood_then(client):
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_conversation(ann, bob)
    bad = make_reply(topic, by=ann, body="You are a pumpkin.")
    case = given(f"/p/{bad.pk}/", member=bob).places.get().case
    edit_post(bad, by=ann, body="A secret of another kind.", version=1)
    client.force_login(make_moderator())

    html = client.get(case.get_absolute_url()).content.decode()

    assert ("pumpkin" in html, "another kind" in html) == (True, False)
    assert case.readings.count() == 1


def test_moderator_sees_what_was_said_by_whom_and_the_admin_reads_and_changes_nothing(client):
    notice = given(f"/p/{make_reply(make_topic()).pk}/")
    client.force_login(make_moderator())
    html = client.get(notice.places.get().case.get_absolute_url()).content.decode()
    for words in ("He calls my sister a thief.", "Rose", "rose@example.net", "public insult or defamation"):
        assert words in html, words
    client.force_login(make_admin())
    assert client.get("/admin/moderation/notice/").context["cl"].result_count == 1
    assert client.post(f"/admin/moderation/notice/{notice.pk}/change/", {"name": "x"}).status_code == 403


def test_grounds_are_said_in_both_languages():
    for language in ("fr", "en"):
        with translation.override(language):
            labels = [str(label) for label in Ground.labels]
        assert len(set(labels)) == len(Ground.values)


def test_whoever_gave_notice_contests_that_nothing_was_done_and_is_answered_not_the_author(client):
    ann, tom, aicha = make_member("ann"), make_moderator(), make_moderator()
    post = make_reply(make_topic(), by=ann)
    notice = given(f"/p/{post.pk}/")
    case = notice.places.get().case
    kept = decide(case, Ruling("keep", to_sender="It is a quotation."), by=tom)
    link = f"/notices/{notice.secret}/contest/{kept.pk}/"
    assert link in client.get(notice.get_absolute_url()).content.decode()

    client.post(link, {"happened": "It is no quotation.", "wanted": "Hide it."})

    waiting = Case.objects.open().get(kind="appeal")
    assert (waiting.appeal.notice, waiting.appeal.member) == (notice, None)
    assert link not in client.get(notice.get_absolute_url()).content.decode()
    verdict = decide(waiting, Ruling("maintain", message="I compared it with the book."), by=aicha)
    assert verdict.concerned is None
    assert not Notification.objects.filter(member=ann).exists()
    assert "I compared it with the book." in client.get(notice.get_absolute_url()).content.decode()
