"""Which messages of a mailbox belong together."""

from datetime import UTC, datetime
from pathlib import Path

from toolkit.mail import index, raw_messages, read_archive


def mail(number: int, *headers: str, day: int = 1, month: int = 3, body: str = "words") -> str:
    return (
        f"From a{number}@example.org Mon Mar  1 10:00:00 1999\n"
        f"Message-ID: <m{number}@example.org>\nFrom: A{number} <a{number}@example.org>\n"
        f"Date: {day} {datetime(1999, month, 1, tzinfo=UTC):%b} 1999 10:00:00 +0000\n"
        + "".join(f"{header}\n" for header in headers)
        + f"\n{body}\n\n"
    )


def threads(tmp_path: Path, *mails: str) -> list[list[int]]:
    return [[place.entry.number for place in thread] for thread in read(tmp_path, *mails).threads]


def read(tmp_path: Path, *mails: str):
    file = tmp_path / "a.mbox"
    file.write_bytes("".join(mails).encode("latin-1"))
    return read_archive(file)


def test_by_in_reply_to_also_when_the_parent_comes_later_in_the_file(tmp_path):
    archive = read(tmp_path, mail(1, "Subject: b", "In-Reply-To: <m2@example.org>", day=2), mail(2, "Subject: a"))
    assert [[p.entry.number for p in t] for t in archive.threads] == [[2, 1]]
    assert archive.threads[0][1].parent is archive.threads[0][0]


def test_by_references_where_the_parent_is_missing(tmp_path):
    refers = "References: <m1@example.org> <lost@example.org>"
    archive = read(tmp_path, mail(1, "Subject: a"), mail(2, "Subject: b", refers, day=2))
    assert [[p.entry.number for p in t] for t in archive.threads] == [[1, 2]]
    assert archive.threads[0][1].parent is None
    assert archive.threads[0][1].missing == ["lost@example.org"]


def test_two_answers_to_a_missing_message_stand_together_but_not_to_a_person(tmp_path):
    lost = "In-Reply-To: Your message of today. <lost@example.org>"
    person = "In-Reply-To: what <a9@example.org> said"
    mails = [mail(1, "Subject: a", lost), mail(2, "Subject: b", lost, day=2)]
    mails += [mail(3, "Subject: c", person), mail(4, "Subject: d", person, day=2), mail(9, "Subject: e")]
    assert threads(tmp_path, *mails) == [[1, 2], [3], [5], [4]]


def test_by_the_date_that_in_reply_to_speaks_of(tmp_path):
    spoken = 'In-Reply-To: Your message of "Mon, 01 Mar 1999 10:00:00 GMT."'
    assert threads(tmp_path, mail(1, "Subject: a"), mail(2, "Subject: b", spoken, day=2)) == [[1, 2]]


def test_by_subject_only_replies_and_only_for_sixty_days(tmp_path):
    mails = [
        mail(1, "Subject: Les noms"),
        mail(2, "Subject: les noms", day=2),  # no "Re:"
        mail(3, "Subject: R\xe9: les  noms", day=3),
        mail(4, "Subject: Re: Les noms", day=30, month=4),
        mail(5, "Subject: Re: Les noms", day=30, month=8),
    ]
    assert threads(tmp_path, *mails) == [[1], [2, 3, 4], [5]]


def test_a_subject_that_says_nothing_joins_nothing(tmp_path):
    assert threads(tmp_path, mail(1, "Subject: your mail"), mail(2, "Subject: Re: your mail", day=2)) == [[1], [2]]


def test_references_in_a_circle_are_cut_and_told(tmp_path):
    archive = read(
        tmp_path,
        mail(1, "In-Reply-To: <m2@example.org>"),
        mail(2, "In-Reply-To: <m3@example.org>", day=2),
        mail(3, "In-Reply-To: <m1@example.org>", day=3),
        mail(4, "In-Reply-To: <m4@example.org>", day=4),
    )
    assert [[p.entry.number for p in t] for t in archive.threads] == [[1, 2, 3], [4]]
    assert [odd.number for odd in archive.odd] == [3]


def test_the_same_message_again_is_left_out_another_of_its_id_is_kept(tmp_path):
    archive = read(tmp_path, mail(1), mail(1), mail(1, body="other words"))
    assert (archive.read, archive.repeated) == (3, 1)
    ids = [place.entry.external_id for thread in archive.threads for place in thread]
    assert len(set(ids)) == 2
    assert {odd.number for odd in archive.odd} == {2, 3}


def test_a_message_without_id_is_known_by_its_content_wherever_it_stands(tmp_path):
    bare = "From a@example.org Mon Mar  1 10:00:00 1999\nSubject: x\n\nwords\n\n"
    first = read(tmp_path, bare).threads[0][0].entry.external_id
    archive = read(tmp_path, mail(1), bare, mail(2))
    assert first in {place.entry.external_id for thread in archive.threads for place in thread}
    assert first.startswith("sha256:")


def test_dates_that_cannot_be_give_way_to_the_from_line_and_are_told(tmp_path):
    archive = read(tmp_path, mail(1).replace("1 Mar 1999 10:00:00 +0000", "1 Mar 2099 10:00:00 +0000"))
    assert archive.dates[1] == datetime(1999, 3, 1, 10, tzinfo=UTC)
    assert [odd.number for odd in archive.odd] == [1]


def test_from_lines_are_told_from_words_and_unquoted(tmp_path):
    body = "From here on.\n\nFrom there we went at noon\n\n>From afar\n>>From twice"
    file = tmp_path / "a.mbox"
    file.write_bytes((mail(1, body=body) + mail(2)).replace("\n", "\r\n").encode())
    entries = list(index(file))
    assert [entry.external_id for entry in entries] == ["m1@example.org", "m2@example.org"]
    raw = {entry.number: raw for entry, raw in raw_messages(file, entries)}[1]
    assert raw.partition(b"\n\n")[2].rstrip() == (
        b"From here on.\n\nFrom there we went at noon\n\nFrom afar\n>From twice"
    )


def test_the_name_used_most_is_the_author_s(tmp_path):
    mails = [mail(1), mail(2).replace("A2 <a2@", "Anne <A1@"), mail(3).replace("A3 <a3@", "Anne <a1@")]
    assert list(read(tmp_path, *mails).names.values()) == ["Anne"]
