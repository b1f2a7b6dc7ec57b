"""Limits are settings with a unit and a default, and the page that lists them is true."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import commune.live.limits  # noqa: F401 - makes them known
import forums.limits  # noqa: F401
from toolkit.limits import KNOWN

ROOT = Path(__file__).parents[2]


def test_page_of_limits_lists_each_with_its_default_and_unit():
    rows = re.findall(r"\| `LIMIT_(\w+)` \| ([\d,]+) \| (.+?) \|", (ROOT / "docs/limits.md").read_text())
    assert rows == [(limit.name, f"{limit.default:,}", limit.unit) for limit in sorted_limits(rows)]
    assert {name for name, _default, _unit in rows} == set(KNOWN)


def sorted_limits(rows):
    return [KNOWN[name] for name, _default, _unit in rows if name in KNOWN]


def asked(**environment):
    """What a fresh process says the limit of a post's length is."""
    code = "from forums.limits import POST_MAX_LENGTH; print(POST_MAX_LENGTH)"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env={"PATH": "/usr/bin", **environment}
    )


def test_a_limit_is_set_by_its_variable_and_refused_when_it_makes_no_sense():
    assert asked().stdout.strip() == "60000"
    assert asked(LIMIT_POST_LENGTH="5000").stdout.strip() == "5000"
    refused = asked(LIMIT_POST_LENGTH="3")
    assert refused.returncode == 1
    assert "LIMIT_POST_LENGTH is 3 characters: give a number from 1000 to 500000." in refused.stderr
