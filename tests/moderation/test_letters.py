"""Letters to the team: one conversation in one case, answered in one name, on a page of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from engagement.models import Envelope
from forums.readers import reader_for
from members.former import Former
from moderation.actions.cases import claim, open_letter, snooze
from moderation.actions.decisions import Ruling, decide, seen_of
from moderation.actions.departures import unname
from moderation.actions.letters import write_again
from moderation.limits import LETTER_RECEIPTS_PER_DAY, MESSAGES_PER_LETTER_PER_DAY
from moderation.models import Case, Decision, LetterMessage, TeamLetter
from moderation.queries import queue
from tests.make import make_community, make_member, make_moderator
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
SITE = "http://localhost:8000"
ANSWER = Decision.Measure.ANSWER


@pytest.fixture(autouse=True)
def _community(settings, client):
    settings.SITE_URL = SITE
    client.defaults["REMOTE_ADDR"] = f"2001:db8::{uuid4().hex[:4]}"  # counts of other tests are not ours
    make_community()


def written(**more):
    said = {"name": "Rose", "email": "rose@example.net", "body": "When are you open?", "language": "en"}
    return open_letter(**{**said, "member": None, **more})


def answered(letter, by, words="On Saturdays."):
    return decide(letter.case, Ruling(ANSWER, message=words), by=by)


def mails(to="rose@example.net"):
    return list(Envelope.objects.filter(recipient=to).order_by("pk"))


def case_of(letter):
    return Case.objects.get(letter=letter)


# --- The page and the mails


def test_letter_has_a_receipt_without_a_word_of_its_sender_and_a_page(client):
    sent = {"name": "Rosalind", "email": "rose@example.net", "body": "Buy pills", "website": ""}

    page = client.get("/contact/").content.decode()
    assert client.post("/contact/", sent).status_code == 302

    assert "You receive the address of a page at once by e-mail" in page
    letter = TeamLetter.objects.get()
    (receipt,) = mails()
    assert receipt.subject == "Your letter to The Shed has arrived"
    assert f"{SITE}/letters/{letter.secret}/" in receipt.text
    assert f"{SITE}/letters/{letter.secret}/" in receipt.html
    assert "Replies to this e-mail are not read: write here." in receipt.text
    for said in ("Rosalind", "Buy pills"):
        assert said not in receipt.subject + receipt.text + receipt.html
    shown = client.get(letter.get_absolute_url())
    assert (shown["X-Robots-Tag"], shown["Cache-Control"]) == ("noindex", "private, no-store")
    assert "Buy pills" in shown.content.decode()
    assert "It has arrived; a person of the team reads it." in shown.content.decode()
    assert client.get("/letters/nothing-known/").status_code == 404


def test_many_letters_with_one_address_are_cases_without_more_receipts():
    for _ in range(LETTER_RECEIPTS_PER_DAY + 2):
        written()

    assert len(mails()) == LETTER_RECEIPTS_PER_DAY
    assert Case.objects.count() == LETTER_RECEIPTS_PER_DAY + 2


@pytest.mark.parametrize(("language", "signed"), [("fr", "— L’équipe de L’Atelier"), ("en", "— The team of The Shed")])
def test_answer_is_given_in_one_name_and_the_team_sees_whose_it_is(client, language, signed):
    letter, tom = written(language=language), make_moderator("tom", name="Tom Moderator")

    answered(letter, tom)

    answer = mails()[-1]
    assert signed in answer.text.replace("\u00a0", " ")
    assert "On Saturdays." in answer.text
    assert f"{SITE}/letters/{letter.secret}/" in answer.text
    assert "Tom Moderator" not in answer.subject + answer.text + answer.html
    page = client.get(letter.get_absolute_url(), HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "The team of The Shed" in page
    assert "On Saturdays." in page
    assert "The team has answered." in page
    assert "Tom Moderator" not in page
    client.force_login(make_moderator("aicha", language="en"))
    case = client.get(letter.case.get_absolute_url()).content.decode()
    assert "written by Tom Moderator" in case
    assert "When are you open?" in case
    assert "Tom Moderator" in client.get(letter.messages.get().decision.get_absolute_url()).content.decode()


def test_letter_without_an_address_any_more_is_answered_on_its_page_alone(client):
    letter = written(email="")

    answered(letter, make_moderator())

    assert Envelope.objects.count() == 0
    assert "On Saturdays." in client.get(letter.get_absolute_url()).content.decode()


# --- It goes on


def test_writing_again_opens_the_same_case_again_and_it_is_answered_again(client):
    letter, tom, aicha = written(), make_moderator("tom"), make_moderator("aicha", language="en")
    answered(letter, tom)
    assert case_of(letter).closed_at is not None

    sent = client.post(letter.get_absolute_url(), {"body": "And on Sundays?", "key": str(uuid4()), "website": ""})

    assert sent.status_code == 302
    case = Case.objects.get()
    assert (case.closed_at, case.band, case.kind) == (None, Case.Band.PEOPLE, Case.Kind.LETTER)
    assert queue(reader_for(aicha)) == [case]
    assert "It has arrived; a person of the team reads it." in client.get(letter.get_absolute_url()).content.decode()
    answered(letter, aicha, "Never.")
    assert [decision.origin for decision in case.decisions.all()] == [Decision.Origin.LETTER] * 2
    assert [(one.author, one.body) for one in letter.messages.order_by("pk")] == [
        (tom, "On Saturdays."), (None, "And on Sundays?"), (aicha, "Never."),
    ]  # fmt: skip
    assert [mail.subject for mail in mails()] == [
        "Your letter to The Shed has arrived", "Your letter to The Shed", "Your letter to The Shed",
    ]  # fmt: skip


def test_a_reopened_letter_waits_from_the_moment_it_was_written_again():
    with clock.at(timezone.now() - timedelta(days=30)):
        letter = written()
        answered(letter, make_moderator())
    other = written()

    write_again(letter, body="Thanks, but …", key=uuid4())

    assert queue(reader_for(make_moderator())) == [other.case, letter.case]


def test_writing_again_wakes_what_was_put_off_and_leaves_whoever_is_on_it():
    letter, tom = written(), make_moderator()
    snooze(letter.case, by=tom, until=timezone.now() + timedelta(days=1))
    claim(letter.case, by=tom)
    assert queue(reader_for(tom)) == []

    write_again(letter, body="It is urgent.", key=uuid4())

    (case,) = queue(reader_for(tom))
    assert case.claimed_by == tom
    assert case.is_claimed


def test_an_answer_to_a_page_that_lacks_the_last_message_is_refused():
    letter, tom = written(), make_moderator()
    seen = seen_of(letter.case)
    write_again(letter, body="Forget it.", key=uuid4())

    with pytest.raises(Refused, match=r"Whoever wrote the letter has written again\."):
        decide(letter.case, Ruling(ANSWER, message="On Saturdays.", seen=seen), by=tom)

    assert Decision.objects.count() == 0
    decide(letter.case, Ruling(ANSWER, message="Well.", seen=seen_of(letter.case)), by=tom)


def test_a_form_sent_twice_is_one_message_also_after_the_answer(client):
    letter = written()
    said = {"body": "And on Sundays?", "key": str(uuid4())}
    client.post(letter.get_absolute_url(), said)
    client.post(letter.get_absolute_url(), said)
    assert letter.messages.count() == 1

    answered(letter, make_moderator())
    client.post(letter.get_absolute_url(), said)
    assert case_of(letter).closed_at is not None
    client.post(letter.get_absolute_url(), {**said, "body": "Other words."})

    assert letter.messages.filter(author=None).count() == 2
    assert case_of(letter).closed_at is None


@pytest.mark.parametrize(
    "said", [{"body": " "}, {"body": "\u200b"}, {"body": "x" * 5001}, {"body": "Buy.", "website": "http://x"}]
)
def test_what_is_no_message_is_refused(client, said):
    letter = written()

    assert client.post(letter.get_absolute_url(), said).status_code == 422

    assert LetterMessage.objects.count() == 0


def test_messages_of_a_day_have_a_measure_and_what_was_typed_stays(client):
    letter = written()
    for n in range(MESSAGES_PER_LETTER_PER_DAY):
        write_again(letter, body=f"Message {n}", key=uuid4())

    refused = client.post(letter.get_absolute_url(), {"body": "One too many", "key": str(uuid4())})

    assert refused.status_code == 422
    assert refused["X-Robots-Tag"] == "noindex"
    assert "please write again tomorrow" in refused.content.decode()
    assert "One too many" in refused.content.decode()
    with clock.at(timezone.now() + timedelta(days=1, minutes=1)):
        write_again(letter, body="Tomorrow", key=uuid4())


@pytest.mark.django_db(transaction=True)
def test_messages_and_an_answer_at_once_leave_one_case_and_lose_nothing():
    letter, tom, key = written(), make_moderator(), uuid4()
    together = Barrier(5)

    def at_once(does):
        try:
            together.wait(10)
            does()
        except Refused:
            pass
        finally:
            connections.close_all()

    acts = [lambda n=n: write_again(letter, body=f"Message {n % 3}", key=key) for n in range(4)]
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(at_once, [*acts, lambda: answered(letter, tom)]))

    case = Case.objects.get()
    assert sorted(one.body for one in letter.messages.filter(author=None)) == ["Message 0", "Message 1", "Message 2"]
    last = letter.messages.order_by("pk").last()
    assert (case.closed_at is not None) == last.is_answer


# --- Who finds it, what it costs, what is left of it


def test_member_finds_their_letters_beside_their_reports_and_nobody_elses(client):
    ann = make_member("ann", language="en")
    mine, other = written(member=ann), written(member=make_member())
    client.force_login(ann)

    page = client.get("/settings/reports/").content.decode()

    assert mine.get_absolute_url() in page
    assert other.get_absolute_url() not in page


def test_exchange_costs_the_same_however_long_it_is(client):
    letter, aicha = written(), make_moderator("aicha", language="en")
    costs = []
    for rounds in (1, 4):
        for n in range(rounds):
            answered(letter, make_moderator())
            write_again(letter, body=f"Round {rounds} {n}", key=uuid4())
        client.logout()
        public = cost(client, letter)
        client.force_login(aicha)
        cost(client, letter.case)
        costs.append((public, cost(client, letter.case)))

    assert costs[0] == costs[1]


def cost(client, shown):
    with CaptureQueriesContext(connection) as queries:
        assert client.get(shown.get_absolute_url()).status_code == 200
    return len(queries)


def test_whoever_left_is_named_in_no_message():
    zelda, tom = make_member("zelda", name="Zelda Quick", email="zelda@example.org"), make_moderator()
    letter = written(member=zelda, name="Zelda Quick", email="zelda@example.org")
    write_again(letter, body="It is Zelda Quick again.", key=uuid4())
    answered(letter, tom, "Hello Zelda Quick.")

    unname(zelda, Former("zelda", "Zelda Quick", "zelda@example.org", pseudonym="former-member-1"))

    letter.refresh_from_db()
    assert letter.email == ""
    assert [one.body for one in letter.messages.all() if "Zelda" in one.body] == []
    assert letter.messages.count() == 2


def test_letters_of_the_previous_release_have_a_secret_each():
    case = Case.objects.create(kind="letter", band=2, opened_at=timezone.now())
    other = Case.objects.create(kind="letter", band=2, opened_at=timezone.now())
    with connection.cursor() as cursor:
        for one in (case, other):
            cursor.execute(
                "INSERT INTO moderation_teamletter (case_id, name, email, body, language, created_at) "
                "VALUES (%s, 'Rose', 'rose@example.net', 'Hello', 'en', now())",
                [one.pk],
            )

    secrets = set(TeamLetter.objects.values_list("secret", flat=True))

    assert sorted(len(secret) for secret in secrets) == [36, 36]
