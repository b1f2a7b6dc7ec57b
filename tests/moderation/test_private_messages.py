"""What the team reads of conversations: what was reported, and nothing else; and that it did is written down."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from forums.actions.attachments import upload_file
from forums.actions.posts import edit_post
from forums.actions.withdrawal import withdraw_post
from forums.models import Seat
from forums.queries.counters import drift
from moderation.actions.cases import report
from moderation.actions.decisions import Ruling, decide, undo
from moderation.models import Report, SealedReading
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
SECRET = "rhubarb"


@pytest.fixture(autouse=True)
def _community(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_community()


def picture() -> ContentFile:
    out = io.BytesIO()
    Image.new("RGB", (900, 600), (200, 80, 40)).save(out, "PNG")
    return ContentFile(out.getvalue(), name="x.png")


def opened(by, *with_, **more):
    return make_conversation(by, *with_, title=f"About {SECRET}", body=f"Nobody else reads {SECRET}.", **more)


def reported():
    ann, bob, moderator = make_member("ann"), make_member("bob"), make_moderator("solene")
    topic = opened(ann, bob)
    bad = make_reply(topic, by=ann, body="You are a pumpkin.")
    case = report(by=bob, post=bad, words="Rude.").case
    return topic, bad, case, moderator


def test_moderator_reads_the_reported_message_only_and_that_is_written_down(client):
    topic, bad, case, moderator = reported()
    client.force_login(moderator)
    queue = client.get(reverse("moderation:queue")).content.decode()
    assert "Ann in “a private conversation”" in queue
    assert "pumpkin" not in queue
    assert SealedReading.objects.count() == 0

    opened_case = client.get(case.get_absolute_url())
    page = opened_case.content.decode()

    assert opened_case.context["page"].context == [bad]
    assert "pumpkin" in page
    assert SECRET not in page
    assert f"/t/{topic.pk}/" not in page
    assert [(one.case, one.post, one.reader) for one in SealedReading.objects.all()] == [(case, bad, moderator)]
    assert "Who has read it here before" not in page
    assert "Who has read it here before" in client.get(case.get_absolute_url()).content.decode()
    assert client.get(bad.get_absolute_url()).status_code == 404


def test_admin_sees_who_read_and_not_what(client):
    _topic, _bad, case, moderator = reported()
    client.force_login(moderator)
    client.get(case.get_absolute_url())
    client.force_login(make_admin())

    page = client.get("/admin/moderation/sealedreading/").content.decode()

    assert "solene" in page
    assert "pumpkin" not in page


def test_moderator_of_a_forum_has_no_part_in_it(client):
    _topic, _bad, case, _moderator = reported()
    client.force_login(make_moderator(forum=make_forum()))

    assert client.get(case.get_absolute_url()).status_code == 404
    assert SealedReading.objects.count() == 0


def test_hidden_message_leaves_a_tombstone_and_its_undo_brings_it_back(client):
    topic, bad, case, moderator = reported()
    made = decide(case, Ruling("hide", rule=make_rule(), facts="An insult."), by=moderator)
    client.force_login(Seat.objects.get(topic=topic, member__username="bob").member)

    page = client.get(topic.get_absolute_url()).content.decode()

    assert "pumpkin" not in page
    assert "A post was hidden by the moderation" in page
    assert made.forum is None
    assert drift() == []
    client.force_login(moderator)
    for address in (made.get_absolute_url(), reverse("moderation:log")):
        shown = client.get(address).content.decode()
        assert (SECRET in shown, "a private conversation" in shown) == (False, True)


# --- A conversation reported as a whole: by the messages one chooses


def test_who_reports_a_conversation_chooses_what_the_team_reads(client):
    ann, bob = make_member("ann", name="Ann"), make_member("bob")
    topic = opened(ann, bob)
    bad = [make_reply(topic, by=ann, body=f"You are a {word}.") for word in ("pumpkin", "turnip")]
    own = make_reply(topic, by=bob, body="Please stop.")
    gone = make_reply(topic, by=ann, body="A withdrawn marrow.")
    withdraw_post(gone, by=ann)
    address = reverse("moderation:report-topic", args=[topic.pk])
    client.force_login(bob)

    html = client.get(address).content.decode()
    assert ("pumpkin" in html, "Please stop" in html, "marrow" in html) == (True, False, False)
    for chosen in ([], [own.pk], [gone.pk], [make_topic().posts.get().pk]):
        refused = client.post(address, {"messages": chosen, "reason": "other", "words": "Rude."})
        assert refused.status_code == 422
        assert "Rude." in refused.content.decode()
    assert not Report.objects.exists()

    sent = client.post(address, {"messages": [post.pk for post in bad], "reason": "other", "words": "Rude."})
    assert sent["Location"] == reverse("forums:conversation-seats", args=[topic.pk])
    assert {(one.case.subject.post, one.words) for one in Report.objects.all()} == {(post, "Rude.") for post in bad}
    again = client.post(address, {"messages": [post.pk for post in bad], "reason": "other", "words": "Rude."})
    assert again.status_code == 403
    third = make_reply(topic, by=ann, body="A leek, too.")
    client.post(address, {"messages": [bad[0].pk, third.pk], "reason": "other", "words": "Still."})
    assert [one.case.subject.post for one in Report.objects.filter(words="Still.")] == [third]
    client.force_login(make_moderator())
    for post in (*bad, third):
        page = client.get(post.subject.cases.get().get_absolute_url()).content.decode()
        assert (SECRET in page, "Please stop" in page) == (False, False)


def test_form_promises_of_a_private_message_no_more_than_it_can(client):
    ann, bob = make_member("ann"), make_member("bob")
    private, public = make_reply(opened(ann, bob), by=ann), make_topic(by=ann).posts.get()
    client.force_login(bob)

    def sentences(address):
        page = client.get(address).content.decode()
        return (
            "and the author does not learn who reported." in page,
            "reads the messages that you report and nothing else of the conversation" in page,
            "In a conversation of two, the other may guess it." in page,
        )

    assert sentences(reverse("moderation:report-topic", args=[private.topic.pk])) == (False, True, True)
    assert sentences(reverse("moderation:report-post", args=[private.pk])) == (False, True, True)
    assert sentences(reverse("moderation:report-post", args=[public.pk])) == (True, False, False)


def test_the_last_messages_are_offered_and_an_empty_table_says_so(client):
    ann, bob = make_member("ann"), make_member("bob")
    topic = opened(ann, bob)
    client.force_login(ann)
    page = client.get(reverse("moderation:report-topic", args=[topic.pk]))
    assert "Nobody else has written here." in page.content.decode()
    for number in range(33):
        make_reply(topic, by=ann, body=f"Number {number}.")
    client.force_login(bob)
    offered = [post.body for post in client.get(page.request["PATH_INFO"]).context["form"].said.values()]
    assert offered == [f"Number {number}." for number in range(3, 33)]


# --- Files of what a case shows


@pytest.fixture
def pictured():
    """A reported message with a picture: (topic, post, file, case, moderator)."""
    ann, bob = make_member("ann"), make_member("bob")
    topic = opened(ann, bob)
    file = upload_file(by=ann, file=picture(), name="rude.png")
    post = make_reply(topic, by=ann, body=f"Look. {file.markdown}")
    file.refresh_from_db()
    return topic, post, file, report(by=bob, post=post, words="Rude.").case, make_moderator("solene")


def test_a_case_shows_the_pictures_of_the_reported_message_by_its_own_address(client, pictured):
    topic, _post, file, case, moderator = pictured
    other = upload_file(by=topic.author, file=picture(), name="other.png")
    make_reply(topic, by=topic.author, body=f"Not reported. {other.markdown}")
    client.force_login(moderator)

    html = client.get(case.get_absolute_url()).content.decode()
    own = reverse("moderation:case-file", args=[case.pk, file.pk, file.name])
    assert f'href="{own}' in html
    assert f'"{file.get_absolute_url()}' not in html
    sent = client.get(own)
    assert (sent.status_code, sent["Content-Type"], sent["Content-Security-Policy"]) == (
        200, "image/png", "default-src 'none'; sandbox",
    )  # fmt: skip
    assert client.get(file.get_absolute_url()).status_code == 404
    assert client.get(reverse("moderation:case-file", args=[case.pk, other.pk, other.name])).status_code == 404
    assert SealedReading.objects.count() == 1  # the page; its picture comes with it
    SealedReading.objects.update(read_at=timezone.now() - timedelta(hours=1))
    client.get(own)
    assert SealedReading.objects.count() == 2


@pytest.mark.parametrize("who", ["visitor", "member", "author", "other forum"])
def test_nobody_else_is_sent_them(client, pictured, who):
    topic, _post, file, case, _moderator = pictured
    asking = {
        "visitor": lambda: None, "member": make_member, "author": lambda: topic.author,
        "other forum": lambda: make_moderator(forum=make_forum()),
    }[who]()  # fmt: skip
    if asking is not None:
        client.force_login(asking)
    assert client.get(reverse("moderation:case-file", args=[case.pk, file.pk, file.name])).status_code in {
        302,
        403,
        404,
    }
    assert not SealedReading.objects.exists()


def test_pictures_of_a_hidden_post_are_seen_by_whoever_judges_it(client):
    moderator, author = make_moderator(), make_member()
    file = upload_file(by=author, file=picture(), name="x.png")
    post = make_reply(make_topic(), by=author, body=file.markdown)
    case = report(by=make_member(), post=post, words="Rude.").case
    decide(case, Ruling("hide", rule=make_rule(), facts="Rude."), by=moderator)
    client.force_login(moderator)
    assert client.get(reverse("moderation:case-file", args=[case.pk, file.pk, file.name])).status_code == 200


# --- What was reported stays what it was


def test_a_message_that_was_changed_since_is_read_as_it_was_reported_and_no_further(client):
    topic, bad, case, moderator = reported()
    edit_post(bad, by=bad.author, body="A secret of another kind.", version=1)
    client.force_login(moderator)

    page = client.get(case.get_absolute_url()).content.decode()
    assert ("pumpkin" in page, "another kind" in page) == (True, False)
    assert "what it says now was not reported" in page
    words = {"measure": "edit", "body": "Mild.", "version": "1", "facts": "An insult.", "why": "It is."}
    refused = client.post(case.get_absolute_url(), {**words, "ground": "insult"})
    assert refused.status_code == 422
    bad.refresh_from_db()
    assert bad.body == "A secret of another kind."
    report(by=make_seated(topic), post=bad, words="Again.")
    page = client.get(case.get_absolute_url()).content.decode()
    assert ("pumpkin" in page, "another kind" in page) == (True, True)


def make_seated(topic):
    seat = Seat.objects.create(topic=topic, member=make_member(), since=timezone.now())
    return seat.member


def test_a_closed_case_shows_what_was_judged(client):
    _topic, bad, case, moderator = reported()
    made = decide(case, Ruling("keep"), by=moderator)
    edit_post(bad, by=bad.author, body="A secret of another kind.", version=1)
    client.force_login(moderator)

    page = client.get(case.get_absolute_url()).content.decode()

    assert made.version == 1
    assert ("pumpkin" in page, "another kind" in page) == (True, False)


def test_an_edit_of_a_reported_post_is_compared_with_what_was_reported(client):
    ann, bob, moderator = make_member("ann"), make_member("bob"), make_moderator()
    post = make_reply(make_topic(), by=ann, body="You are a pumpkin.\n\nReally.")
    case = report(by=bob, post=post, words="Rude.").case
    edit_post(post, by=ann, body="You are lovely.\n\nReally.", version=1)
    client.force_login(moderator)

    page = client.get(case.get_absolute_url()).content.decode()

    assert "As it was reported (version 1)" in page
    assert "<del><span" in page
    assert page.count("You are a pumpkin.") == 2
    assert page.count("You are lovely.") == 3  # in its topic, in the difference, in the form


def test_a_picture_taken_out_after_the_report_is_still_shown_with_the_words(client, pictured):
    _topic, post, file, case, moderator = pictured
    edit_post(post, by=post.author, body="Nothing to see.", version=1)
    client.force_login(moderator)

    html = client.get(case.get_absolute_url()).content.decode()

    own = reverse("moderation:case-file", args=[case.pk, file.pk, file.name])
    assert f'href="{own}' in html
    assert client.get(own).status_code == 200


# --- The title, and who judges


def test_an_insult_in_the_title_is_read_with_the_first_message_and_hidden_with_it(client):
    ann, bob, moderator = make_member("ann"), make_member("bob"), make_moderator()
    topic = opened(ann, bob)
    case = report(by=bob, post=topic.posts.get(), words="Rude.").case
    client.force_login(moderator)
    assert SECRET in client.get(case.get_absolute_url()).content.decode()

    made = decide(case, Ruling("hide", rule=make_rule(), facts="An insult."), by=moderator)

    addresses = ["/conversations/", topic.get_absolute_url(), f"/t/{topic.pk}/print", f"/conversations/{topic.pk}/"]
    addresses.append("/notifications/")
    client.force_login(bob)
    for address in addresses:
        assert SECRET not in client.get(address, follow=True).content.decode(), address
    assert "Hidden by the moderation" in client.get("/conversations/").content.decode()
    client.force_login(ann)
    assert SECRET in client.get("/conversations/").content.decode()
    undo(made, by=moderator, reason="A misunderstanding.")
    client.force_login(bob)
    assert SECRET in client.get("/conversations/").content.decode()


def test_who_sat_in_a_conversation_does_not_judge_it_where_others_can():
    ann, judge = make_member("ann"), make_moderator("judge")
    topic = opened(ann, judge)
    case = report(by=judge, post=topic.posts.get(), words="Rude.").case
    assert decide(case, Ruling("keep"), by=judge).measure == "keep"  # there is nobody else
    again = report(by=make_seated(topic), post=make_reply(topic, by=ann), words="Rude.").case
    make_moderator("other")
    with pytest.raises(Refused, match="You took part in this conversation"):
        decide(again, Ruling("hide", rule=make_rule(), facts="An insult."), by=judge)
