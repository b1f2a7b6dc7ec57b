"""The judged set is sound, and its figures are computed as they say."""

from __future__ import annotations

import os
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from commune.search_quality import ARCHIVES as FILES
from commune.search_quality import Found, Question, figures, judge, judged
from forums.readers import reader_for
from tests.forums.archives import plain_forum
from toolkit.archives import read_discourse, read_json, read_stackexchange
from toolkit.mail import read_archive

ARCHIVES = os.environ.get("COMMUNE_ARCHIVES", "")


def test_the_set_has_forty_questions_or_more_half_of_them_french():
    questions = judged()
    by_language = Counter(question.lang for question in questions)
    assert set(by_language) == {"fr", "en"}
    assert min(by_language.values()) >= 20
    assert len({question.words for question in questions}) == len(questions)
    assert all(question.right for question in questions)


def test_figures_are_what_they_are_called():
    found = [Found(Question("en", "x", ()), rank) for rank in (1, 0, 4, 1)]
    assert figures(found) == (4, 2, (1 + 0 + 0.25 + 1) / 4)
    assert figures([]) == (0, 0, 0.0)


def test_a_question_is_answered_by_the_topic_it_names(db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    call_command("import_json", str(plain_forum(tmp_path / "forum.json")), make_forums=True, stdout=StringIO())
    questions = [
        Question("fr", "quelle idée", ("json 151/0",)),
        Question("fr", "quelle idée", ("json b/x",)),
        Question("en", "nothing of the kind", ("json 151/0", "json unknown")),
    ]
    assert [one.rank for one in judge(reader_for(None), questions)] == [1, 0, 0]


@pytest.mark.skipif(not ARCHIVES, reason="COMMUNE_ARCHIVES names no folder")
def test_every_topic_that_the_set_names_is_in_the_archives():
    files = {software: Path(ARCHIVES) / file for software, file in FILES.items()}
    there = {f"mbox {thread[0].entry.external_id}" for thread in read_archive(files["mbox"]).threads}
    for read in (read_stackexchange, read_discourse, read_json):
        software = read.__name__.removeprefix("read_")
        there |= {f"{software} {one.said[0].id}" for one in read(files[software]).discussions()}
    assert {right for question in judged() for right in question.right} - there == set()
