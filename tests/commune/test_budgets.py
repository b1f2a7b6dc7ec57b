"""What a first visit may cost, and that the command which measures it can say no."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

from commune.embedded import ROOT
from commune.run import budgets


def costs(**changed: float) -> dict[str, float]:
    return {**dict.fromkeys(budgets.ALLOWED, 0.0), **changed}


def test_what_is_over_is_named_and_marked():
    measured = {"home": costs(**{"JS kB": 25.1, "requests": 8}), "topic": costs(CLS=0.01)}

    assert budgets.over(measured["home"]) == ["JS kB"]
    assert budgets.over(measured["topic"]) == []
    lines = budgets.table(measured).splitlines()
    assert "*25.1*" in lines[1]
    assert "*" not in lines[2]
    assert lines[3].split() == ["at", "most", "8", "20.0", "15.0", "25.0", "45.0", "0.010", "300"]


def test_images_of_posts_and_avatars_are_not_counted_and_sizes_go_where_they_belong():
    visit = budgets.Visit()
    visit.add("Document", "http://x/", 1000)
    visit.add("Script", "http://x/static/a.js", 2500)
    visit.add("Script", "http://x/static/b.js", 500)
    visit.add("Image", "http://x/a/7/cat.png", 90_000)
    visit.add("Image", "http://x/static/icons.svg", 700)

    assert visit.costs == costs(**{"requests": 4, "HTML kB": 1, "JS kB": 3})


def test_of_several_visits_the_largest_size_and_the_shortest_time_count():
    one, two = (
        budgets.Visit(costs(**{"CSS kB": 9, "LCP ms": 400})),
        budgets.Visit(costs(**{"CSS kB": 8, "LCP ms": 200})),
    )

    assert budgets.together([one, two]) == costs(**{"CSS kB": 9, "LCP ms": 200})


def test_scripts_and_styles_of_every_page_weigh_what_they_may():
    """A quick look at the files themselves, so that a heavy one is seen at once."""
    import django_htmx

    scripts = [Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js", ROOT / "static/js/commune.js"]
    weight = {kind: sum(len(gzip.compress(p.read_bytes(), 9)) for p in files) for kind, files in {
        "JS kB": scripts, "CSS kB": [ROOT / "static/css/commune.css"],
    }.items()}  # fmt: skip

    assert {kind for kind, size in weight.items() if size / 1000 > budgets.ALLOWED[kind]} == set(), weight


@pytest.mark.only_long  # a minute and a half
def test_the_budgets_hold():
    done = subprocess.run(
        [sys.executable, "-m", "commune.run.budgets"], cwd=ROOT, capture_output=True, text=True, timeout=400
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(", member") == 4
