"""Thousands of script injections, posted as body, title, tag, display name and purpose, in a real browser under the
site's own policy. None may run, and none may even try: an attempt that the policy stops is a fault of the markup."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.cache import cache

from forums.actions.posts import reply_to_topic
from forums.actions.topics import start_topic
from forums.limits import POST_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models import Forum
from members.models import Member
from tests.browser.conftest import WAYS
from tests.make import make_community, make_forum, make_member, make_moderator
from toolkit.text import one_line, storable

ARCHIVE = Path(os.environ.get("COMMUNE_ARCHIVES", "")) / "robustness" / "xss-payloads.txt"
LONG = "COMMUNE_TEST_LONG" in os.environ
OURS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "javascript:alert(1)",
    "[x](javascript:alert(1))",
    '![x](x" onerror="alert(1))',
    "{{7*7}}<b onmouseover=alert(1)>x</b>",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "'-alert(1)-'",
]
WATCH = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "print"]) {
  window[name] = (...said) => { window.ran.push(name + said); };
}
document.addEventListener("securitypolicyviolation", (event) => window.ran.push("policy: " + event.blockedURI));
"""


def payloads() -> list[str]:
    lines = ARCHIVE.read_text(errors="replace").splitlines() if ARCHIVE.is_file() else []
    return OURS + [line for line in map(storable, lines) if line.strip()]


def pages_of(world: dict[str, list[str]]) -> list[str]:
    return [path for paths in world.values() for path in paths]


@pytest.fixture
def world() -> dict[str, list[str]]:
    """Every payload as (part of) a body; a spread of them (all, in the long run) as title, tag, name and purpose."""
    make_community()
    forum = make_forum("payloads")
    lines = payloads()
    author = make_member("author")
    bodies, body = [], ""
    for line in lines:
        if len(body) + len(line) + 2 > POST_MAX_LENGTH // 6:
            bodies, body = [*bodies, body], ""
        body += line[: POST_MAX_LENGTH // 8] + "\n\n"
    topic = start_topic(forum, by=author, title="Bodies", body="First.", key=uuid4())
    for text in [*bodies, body]:
        reply_to_topic(topic, by=author, body=text, key=uuid4())
    topic.refresh_from_db()
    chosen = lines if LONG else lines[:: max(1, len(lines) // 90)]
    others = [_short_ones(forum, line, number) for number, line in enumerate(chosen)]
    make_moderator("tom")
    return {
        "bodies": [f"{topic.get_absolute_url()}?page={n}" for n in range(1, topic.pages + 1)],
        "titles": ["/", *(t for t, _ in others[:: 1 if LONG else 10])],
        "names": [n for _, n in others[:: 1 if LONG else 10]],
        "purposes": ["/forums/", "/f/payloads/"],
    }


def _short_ones(forum: Forum, line: str, number: int) -> tuple[str, str]:
    """A topic with this title and tag, by somebody with this name, and a forum with this purpose."""
    member = make_member(f"x{number}", name=one_line(line)[:60] or "x", bio=line[:600])
    title = one_line(line)[:TITLE_MAX_LENGTH] or "x"
    topic = start_topic(forum, by=member, title=title, body=line[:500], key=uuid4(), tags=[line[:40], line[-40:]])
    if number < 40 or LONG:
        make_forum(f"p{number}", name_fr=title[:60], name_en=title[:60], purpose_fr=line[:140], purpose_en=line[:140])
    return topic.get_absolute_url(), member.get_absolute_url()


def test_no_payload_runs_as_body_title_tag_name_or_purpose(somebody, world):
    person = somebody(WAYS[2])
    person.page.add_init_script(WATCH)
    asked: list[str] = []
    person.page.on("request", lambda request: asked.append(request.url))
    seen = 0
    for path in pages_of(world):
        cache.clear()
        person.goes(path)
        person.page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        schemes = person.page.evaluate("[...document.querySelectorAll('a[href]')].map((a) => a.protocol)")
        assert set(schemes) <= {"http:", "https:", "mailto:", "tel:", "xmpp:", "geo:", "magnet:", ":"}, path
        assert person.page.evaluate("window.ran") == [], path
        seen += 1
    foreign = [url for url in asked if not url.startswith((person.base, "data:"))]
    assert foreign == []
    assert seen >= 6
    assert Member.objects.count() > 5


def test_the_watch_sees_a_script_that_runs(somebody):
    """The test above would be worth nothing if its eyes were shut."""
    person = somebody(WAYS[2])
    person.page.add_init_script(WATCH)
    person.page.route("**/open-door", lambda r: r.fulfill(body="<script>alert(1)</script>", content_type="text/html"))
    person.goes("/open-door")

    assert person.page.evaluate("window.ran") == ["alert1"]


def test_pages_carry_the_policy(client, world):
    for path in ("/", world["bodies"][0], "/healthz", "/accounts/login/", "/admin/login/", "/nowhere/"):
        policy = client.get(path)["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert "unsafe" not in policy
