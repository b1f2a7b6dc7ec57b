"""Redis refused and Redis silent: the reply neither fails nor waits, and its notification arrives afterwards."""

from __future__ import annotations

import socket
import threading
import time

import pytest
from celery import current_app
from django.core.cache import caches

from engagement import jobs
from engagement.models import News, Notification
from tests.make import make_community, make_member, make_topic
from toolkit import ring as ring_module

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 0.2  # seconds a reply may lose to a Redis that is away


@pytest.fixture
def silent_port():
    """Accepts connections and never says a word."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(50)
    kept = []

    def accept():
        while True:
            try:
                kept.append(server.accept())
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield server.getsockname()[1]
    server.close()


@pytest.fixture
def refused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def redis_at(port, settings, monkeypatch):
    url = f"redis://127.0.0.1:{port}/0"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": url}}
    settings.REDIS_URL, settings.LIVE_URL = url, "/live/"
    monkeypatch.setattr(current_app.conf, "broker_url", url)
    ring_module.forget_connection()
    for cache in caches.all():
        cache.close()


@pytest.mark.parametrize("mood", ["refused", "silent"])
def test_reply_with_redis_away_is_neither_lost_nor_slow_nor_untold(client, mood, request, settings, monkeypatch):
    make_community()
    ann, bob = make_member(), make_member()
    topic = make_topic(by=ann)
    client.force_login(bob)
    address = f"/t/{topic.pk}/reply"

    def reply(number):
        start = time.perf_counter()
        response = client.post(address, {"body": f"Reply {number}", "key": f"{number:032d}"})
        assert response.status_code == 302
        return time.perf_counter() - start

    reply(1)
    usual = min(reply(n) for n in range(2, 5))
    assert ring_module._silent_until == 0  # the bell has rung so far
    redis_at(request.getfixturevalue(f"{mood}_port"), settings, monkeypatch)

    tries = []
    for number in range(5, 8):
        monkeypatch.setattr(ring_module, "_silent_until", 0)
        tries.append(reply(number))
        assert ring_module._silent_until > 0  # it was tried, and failed
    assert min(tries) - usual < PATIENCE
    assert topic.posts.count() == 8
    assert News.objects.filter(told_at=None).count() == 8
    monkeypatch.undo()
    ring_module.forget_connection()
    jobs.spread_news()  # what beat calls once Redis is back
    assert Notification.objects.filter(member=ann).count() == 7


def test_ring_says_nothing_for_five_seconds_after_a_failure(refused_port, settings, monkeypatch):
    redis_at(refused_port, settings, monkeypatch)
    tried = []
    original = current_app.send_task
    monkeypatch.setattr(
        current_app._get_current_object(), "send_task", lambda *a, **k: (tried.append(1), original(*a, **k))
    )

    for _ in range(3):
        ring_module.ring("engagement.spread_news")

    assert len(tried) == 1
