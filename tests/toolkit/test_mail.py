"""Reading mail: charsets, headers, dates, parts. The texts are ours; real archives are read where they are at hand."""

import os
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from toolkit.mail import Damaged, body_of, decoded, header_text, language_of, markdown_of_html, parse, subject_of
from toolkit.mail.dates import date_of
from toolkit.mail.headers import ids_in, sender_of, subject_key
from toolkit.mail.message import safe_name

ARCHIVES = os.environ.get("COMMUNE_ARCHIVES", "")
with_archives = pytest.mark.skipif(not ARCHIVES, reason="COMMUNE_ARCHIVES names no folder")


@pytest.mark.parametrize("codec", ["utf-8", "cp1252", "mac_roman", "cp850"])
def test_unlabelled_french_is_read_in_the_charset_that_gives_french(codec):
    said = "Déjà relevé : la fenêtre où ça gêne, très simple à gérer."
    assert decoded(said.encode(codec)) == (said, "")


def test_a_wrong_label_is_told_and_overruled():
    text, odd = decoded("un été".encode("cp1252"), "utf-8")
    assert text == "un été"
    assert "utf-8" in odd
    assert "cp1252" in odd


@pytest.mark.parametrize("label", ["x-unknown", "rot13", "idna", "utf-7", "nul\x00", "", None, "base64"])
def test_labels_that_are_no_charset_do_no_harm(label):
    assert decoded("un été".encode(), label)[0] == "un été"


def test_latin_1_with_quotes_of_windows_is_windows():
    assert decoded(b"\x93oui\x94 \x96 l\x92\xe9t\xe9", "iso-8859-1") == ("“oui” – l’été", "")


def test_letters_left_in_quoted_printable_are_read_but_code_is_not():
    assert decoded(b"le Lyc=E9e, l'=E9cran")[0] == "le Lycée, l'écran"
    assert decoded(b"if x=E9 then y=A0")[0] == "if x=E9 then y=A0"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"=?iso-8859-1?Q?R=E9union?= =?iso-8859-1?Q?_d'=E9quipe?=", "Réunion d'équipe"),
        (b"=?utf-8?Q?R=C3=A9u?=\n =?utf-8?Q?nion?=", "Réunion"),
        (b"Nombre al\xe9atoire", "Nombre aléatoire"),
        (b"synth=?iso-8859-1?Q?\xe8?=se", "synthèse"),
        (b"=?utf-8?B?w6l0w6k?=", "été"),
        (b"=?nowhere?Q?=E9t=E9?=", "été"),
        (b"two\n  lines\x00", "two lines"),
        (b"=?utf-8?B?!!!?=", "=?utf-8?B?!!!?="),
    ],
)
def test_headers_are_read(raw, said):
    assert header_text(raw) == said


@pytest.mark.parametrize(
    ("raw", "address", "name"),
    [
        (b"Anne Petit <Anne@Example.org>", "anne@example.org", "Anne Petit"),
        (b"anne@example.org (Anne Petit)", "anne@example.org", "Anne Petit"),
        (b'"Petit, Anne" <anne@example.org>', "anne@example.org", "Petit, Anne"),
        (b"anne@example.org", "anne@example.org", ""),
        (b'"anne@example.org" <anne@example.org>', "anne@example.org", ""),
        (b"", "", ""),
        (b"<<>", "", ""),
    ],
)
def test_senders_are_read(raw, address, name):
    sender = sender_of(raw)
    assert (sender.address, sender.name) == (address, name)


@pytest.mark.parametrize(
    ("subject", "title", "is_reply"),
    [
        ("Re: RE: Ré : [list] Réf : les noms", "les noms", True),
        ("[list] Re: names", "names", True),
        ("Fwd: names", "names", False),
        ("Re[2]: names (fwd)", "names", True),
        ("Regarding names", "Regarding names", False),
        ("[ANN] release", "[ANN] release", False),
        ("Re:", "", True),
    ],
)
def test_subjects_lose_their_prefixes(subject, title, is_reply):
    assert subject_of(subject) == (title, is_reply)


def test_subjects_that_say_nothing_match_nothing():
    assert subject_key("your mail") == subject_key("(no subject)") == subject_key("???") == ""
    assert subject_key("Les  Noms ?") == subject_key("les noms")


def test_ids_are_found_in_free_text():
    assert ids_in('Your message of "Thu, 01 Oct 92".\n <a.1@example.org> and <b@example.org') == [
        "a.1@example.org",
        "b@example.org",
    ]


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("Wed, 30 Sep 92 08:12:24 MET DST", (1992, 9, 30, 6, 12, 24)),
        ("Fri, 7 May 93 13:19:52 METDST", (1993, 5, 7, 11, 19, 52)),
        ("Mon, 13 Nov 1995 9:11:56 MET", (1995, 11, 13, 8, 11, 56)),
        ("Thu, 13 Mar 97 10:52 MET", (1997, 3, 13, 9, 52, 0)),
        ("Sun, 29 Dec 1996 13:50:20 +-100", (1996, 12, 29, 12, 50, 20)),
        ("Thu, 8 Jun 95 12:17:13 GMT-1:00", (1995, 6, 8, 13, 17, 13)),
        ("Tue, 3 Jan 1995 10:00:00 +0100 (MET)", (1995, 1, 3, 9, 0, 0)),
        ("Tue, 3 Jan 1995 10:00:00 -0500", (1995, 1, 3, 15, 0, 0)),
        ("Tue Oct  6 10:59:15 MET 1992", (1992, 10, 6, 9, 59, 15)),
        ("Tue, 24 Nov 92 15:21:59 N", (1992, 11, 24, 15, 21, 59)),
        ("2001-02-03T04:05:06+02:00", (2001, 2, 3, 2, 5, 6)),
    ],
)
def test_dates_of_the_nineties_are_read(said, moment):
    assert date_of(said) == datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    "said", ["", "yesterday", "Tue, 99 Foo 1995 10:00:00", "31 Feb 1995 10:00", "\x00", "::", "9" * 99]
)
def test_dates_that_are_none_are_none(said):
    assert date_of(said) is None


def test_of_alternatives_the_plain_one_is_read_and_files_are_kept_under_harmless_names():
    message = parse(
        b"Subject: deux\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: multipart/alternative; boundary=y\n\n"
        b"--y\nContent-Type: text/html\n\n<p>html</p>\n--y\nContent-Type: text/plain\n\nplain\n--y--\n"
        b"--x\nContent-Type: text/plain\n\nafter\n"
        b'--x\nContent-Type: application/pdf\nContent-Disposition: attachment; filename="../../etc/passwd"\n'
        b"Content-Transfer-Encoding: base64\n\naGVsbG8=\n--x--\n"
    )
    assert [text.text.strip() for text in message.texts] == ["plain", "after"]
    assert [(file.name, file.content_type, file.data) for file in message.files] == [
        ("passwd", "application/pdf", b"hello")
    ]


def test_an_uuencoded_file_in_the_text_is_kept_as_a_file():
    message = parse(b"Subject: x\n\nhere\n\nbegin 644 note.txt\n%:&5L;&\\\n`\nend\n\nbye\n")
    assert [(file.name, file.data) for file in message.files] == [("note.txt", b"hello")]
    assert body_of(message, limit=1000).markdown == "here\n\n\\[note.txt\\]\n\nbye"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/passwd", "passwd"),
        ("..", "file.txt"),
        ("", "file.txt"),
        ('a<b>:"|?*.txt', "a-b-.txt"),
        ("x\u202egpj.exe", "xgpj.exe"),
        ("é" * 200 + ".tar", "é" * 116 + ".tar"),
    ],
)
def test_file_names_lead_nowhere(name, safe):
    assert safe_name(name, "text/plain") == safe


def test_an_empty_message_is_damaged_and_says_so():
    with pytest.raises(Damaged, match=r"\w"):
        parse(b"\n\n")


def test_html_becomes_markdown_that_means_the_same():
    html = (
        "<head><title>no</title></head><p>un &amp; <b>deux</b> *trois*<br>quatre</p><script>alert(1)</script>"
        "<blockquote><p>dit</p><ul><li>a<li>b</ul></blockquote><pre>x  =\n 1</pre>"
        '<a href="https://example.org/x">ici</a> <a href="javascript:y()">là</a>'
    )
    assert markdown_of_html(html) == (
        "un & deux \\*trois\\*\\\nquatre\n\n> dit\n>\n> - a\n>\n> - b\n>\n```\nx  =\n 1\n```\n\n"
        "ici (https://example.org/x) là"
    )


def test_the_language_is_found_by_small_words():
    assert language_of("Est-ce que vous avez un exemple pour la liste ?", "en") == "fr"
    assert language_of("Do you have an example for the list?", "fr") == "en"
    assert language_of("ok", "fr") == "fr"
    twice = (
        "Voici la liste des noms que vous avez dans le cours. " * 11
        + "Here is the list of the names in a course. " * 20
    )
    assert language_of(twice, "en") == "fr"


def test_a_long_body_is_cut_at_a_line_and_kept_whole():
    lines = "\n".join(f"line {n} of a * long text" for n in range(500))
    body = body_of(parse(b"Subject: x\n\n" + lines.encode()), limit=2000)
    assert len(body.markdown) <= 2000
    assert len(body.markdown) > 1500
    assert body.whole == lines
    assert body.markdown.endswith("of a \\* long text")


def _messages_of(path: Path):
    if path.suffix == ".tar":
        with tarfile.open(path) as tar:
            for member in tar:
                if member.isfile():
                    yield member.name, tar.extractfile(member).read()
    else:
        for file in sorted(path.rglob("*")):
            if file.is_file():
                yield file.name, file.read_bytes()


@with_archives
@pytest.mark.parametrize("name", ["mime4j-testmsgs.tar", "talon-fixtures.tar", "bounces"])
def test_whatever_the_bytes_are_nothing_but_damaged_is_raised(name):
    from toolkit.markup import render

    seen = 0
    for _name, raw in _messages_of(Path(ARCHIVES) / "mail" / name):
        seen += 1
        for part in (raw, raw[: len(raw) // 2], raw[:60]):
            try:
                message = parse(part)
            except Damaged:
                continue
            body = body_of(message, limit=60_000)
            assert len(body.markdown) <= 60_000
            assert "\x00" not in render(body.markdown).html
            assert markdown_of_html(part.decode("latin-1")) is not None
    assert seen > 50
