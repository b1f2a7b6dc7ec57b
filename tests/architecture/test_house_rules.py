"""Rules of the house, each with the accident that it prevents."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.mail import get_connection
from django.urls import get_resolver

from commune.celery import app as celery
from forums import signals as forum_signals
from members import signals as member_signals
from moderation import signals as moderation_signals
from moderation.gate import GATED, OPEN

ROOT = Path(__file__).parents[2]
FLOORS = ["toolkit", "members", "forums", "moderation", "engagement", "commune"]
OUR_APPS = ["members", "forums", "moderation", "engagement"]


def files(pattern: str) -> list[Path]:
    return sorted(
        path
        for a in OUR_APPS
        for path in [*ROOT.glob(f"{a}/{pattern}.py"), *ROOT.glob(f"{a}/{pattern}/*.py")]
        if path.name != "__init__.py"
    )


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_foreign_keys_point_down_or_sideways():
    """A key that points up makes the lower app impossible to migrate or test alone."""
    ours = [m for a in OUR_APPS for m in apps.get_app_config(a).get_models(include_auto_created=True)]
    upward = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in ours
        for field in [*model._meta.fields, *model._meta.many_to_many]
        if field.is_relation
        and field.related_model._meta.app_label in FLOORS
        and FLOORS.index(field.related_model._meta.app_label) > FLOORS.index(model._meta.app_label)
    ]
    assert len(ours) > 30
    assert upward == []


@pytest.mark.parametrize("path", files("views"), ids=name)
def test_views_reach_what_people_wrote_only_through_the_gate(path):
    """A bare `Topic.objects` in a view shows a sealed forum to everybody."""
    guarded = {"Topic", "Post", "Forum", "Attachment", "Case", "Decision", "Notification"}
    tree = ast.parse(path.read_text())
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    bare = [
        f"{path.name}:{node.lineno}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id in guarded
        and getattr(parents[node], "attr", None)
        not in {"visible_to", "readable_by", "listed_to", "reachable_by", "seated"}
    ]
    assert bare == []


def test_every_moderation_page_is_gated_or_open_on_purpose():
    """A page added without the gate would show the queue to everybody."""
    (moderation,) = [p for p in get_resolver().url_patterns if getattr(p, "app_name", "") == "moderation"]
    unguarded = [p.name for p in moderation.url_patterns if p.callback not in GATED | OPEN]
    assert len(moderation.url_patterns) > 8
    assert unguarded == []


def test_tasks_take_only_what_survives_a_queue():
    """A model instance in a message is stale when the worker reads it."""
    celery.loader.import_default_modules()
    ours = {n: t for n, t in celery.tasks.items() if n.split(".")[0] in OUR_APPS}
    odd = [
        f"{task_name}({parameter})"
        for task_name, task in ours.items()
        for parameter in inspect.signature(task.run).parameters.values()
        if parameter.annotation not in (int, str, bool, "int", "str", "bool")
    ]
    assert len(ours) >= 8
    assert odd == []


def test_everything_on_the_clock_is_a_task_that_exists():
    """A renamed task would never run again, and nobody would be told."""
    celery.loader.import_default_modules()
    unknown = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] not in celery.tasks]
    assert unknown == []


def test_templates_borrow_only_from_floors_below():
    """A lower floor's page that includes an upper floor's fragment breaks when that app is away."""
    upward = []
    for path in ROOT.glob("templates/*/**/*.html"):
        here = path.relative_to(ROOT / "templates").parts[0]
        for used in re.findall(r"{% (?:include|extends) [\"'](\w+)/", path.read_text()):
            if {used, here} <= set(FLOORS) and FLOORS.index(used) > FLOORS.index(here):
                upward.append(f"{name(path)} uses {used}/")
    assert upward == []


@pytest.mark.parametrize("path", files("actions"), ids=name)
def test_actions_ring_and_never_queue_directly(path):
    """A task queued before the commit looks for a row that is not there yet."""
    queued = [
        f"{path.name}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) in {"delay", "apply_async", "send_task"}
    ]
    assert queued == []


@pytest.mark.parametrize("path", files("receivers"), ids=name)
def test_receivers_are_short(path):
    """Work in a receiver hides from whoever reads the action."""
    long = [
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and len(node.body) > 4
    ]
    assert long == []


@pytest.mark.parametrize("module", [forum_signals, member_signals, moderation_signals], ids=lambda m: m.__name__)
def test_every_signal_has_somebody_who_listens(module):
    """A signal that nobody hears is a promise that nobody keeps."""
    deaf = [n for n, s in vars(module).items() if hasattr(s, "receivers") and not s.receivers]
    assert deaf == []


def test_no_room_is_called_a_cupboard():
    """utils.py is where code goes to be written twice."""
    cupboards = [
        name(p)
        for word in ("utils", "helpers", "services", "managers")
        for a in [*OUR_APPS, "toolkit", "commune"]
        for p in ROOT.glob(f"{a}/**/{word}.py")
    ]
    assert cupboards == []


def test_mail_is_written_to_our_outbox_also_in_tests():
    """pytest-django swaps the backend: tests would pass on mail that production never keeps."""
    assert type(get_connection()).__module__ == "engagement.outbox"


def test_templates_have_no_inline_script_or_style():
    """The policy forbids them: what works here would be dead in a browser."""
    pattern = re.compile(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)")
    inline = [
        name(path)
        for path in ROOT.glob("templates/**/*.html")
        if "mail" not in path.parts and pattern.search(path.read_text())
    ]
    assert inline == []


def test_no_template_asks_the_database():
    """`.all` and `.count` in a template cost a query a row."""
    asked = [
        f"{name(path)}: {found}"
        for path in ROOT.glob("templates/**/*.html")
        for found in re.findall(r"(?<!forloop)\.(?:all|count|exists|first|last)(?:\s|%|\||\})", path.read_text())
    ]
    assert asked == []
