"""Care of a topic: a page for each verb, which says what it does, asks what it needs, and comes back to the topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from forums.actions import care as actions
from forums.actions import relocation, timers
from forums.forms import care as forms
from forums.models import Forum, Post, Topic, TopicEvent
from forums.policies import may_care_for, may_pin_everywhere, may_put_away, may_rename, may_set_status
from forums.readers import Reader
from forums.views.request import member_of, number, reader_of
from toolkit.fragments import render_page
from toolkit.verdicts import Verdict, insist

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from members.models import Member

Act = Callable[[Topic, "Member", dict[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a host can do: its name, what it means, what it asks, who may, and the action."""

    name: StrOrPromise
    meaning: StrOrPromise
    form: type[forms.CareForm]
    act: Act
    fits: Callable[[Topic], bool] = lambda topic: True
    may: Callable[[Reader, Topic], Verdict] = may_care_for


def _may_put_away(reader: Reader, topic: Topic) -> Verdict:
    """Whether it may be put away once a reason is given."""
    return may_put_away(reader, topic, reason="…")


def _topic_named(reader: Reader, number: int | None) -> Topic:
    return get_object_or_404(Topic.objects.visible_to(reader), pk=number or 0)


def _rename(topic: Topic, by: Member, data: dict[str, Any]) -> None:
    if data["title"] != topic.title:
        actions.rename_topic(topic, by=by, title=data["title"], reason=data["reason"])
    if data["tags"] != topic.tag_names:
        actions.retag_topic(topic, by=by, tags=data["tags"])


def _merge(topic: Topic, by: Member, data: dict[str, Any]) -> None:
    relocation.merge_topics(topic, into=_topic_named(data["reader"], data["into"]), by=by, reason=data["reason"])


def _split(topic: Topic, by: Member, data: dict[str, Any]) -> None:
    if data["into"] is not None:
        into = _topic_named(data["reader"], data["into"])
        relocation.move_posts(topic, data["places"], into=into, by=by, reason=data["reason"])
    else:
        relocation.split_topic(topic, data["places"], title=data["title"], by=by, reason=data["reason"])


VERBS: dict[str, Verb] = {
    "close": Verb(
        _("Close"),
        _("Nobody but hosts can reply any more; everyone reads by whom, why and until when. The author is told."),
        forms.CloseForm,
        lambda t, by, d: actions.close_topic(t, by=by, reason=d["reason"], until=d["until"]),
        lambda t: not t.is_closed,
        _may_put_away,
    ),
    "reopen": Verb(
        _("Reopen"),
        _("Everyone who may write here can reply again."),
        forms.PlainForm,
        lambda t, by, d: actions.reopen_topic(t, by=by, reason=d["reason"]),
        lambda t: t.closed_at is not None,
    ),
    "pin": Verb(
        _("Pin"),
        _("It stays at the top of its forum until the day you choose."),
        forms.PinForm,
        lambda t, by, d: actions.pin_topic(t, by=by, until=d["until"], everywhere=d["everywhere"]),
        lambda t: not t.is_pinned,
    ),
    "unpin": Verb(
        _("Unpin"),
        _("It takes its place among the others again."),
        forms.WordlessForm,
        lambda t, by, d: actions.pin_topic(t, by=by, until=None),
        lambda t: t.is_pinned,
    ),
    "rename": Verb(
        _("Title and tags"),
        _("The old title stays in the line that tells of it."),
        forms.RenameForm,
        _rename,
        may=may_rename,
    ),
    "status": Verb(
        _("Give it a status"),
        _("Everyone reads the status and your sentence; the author and whoever voted are told."),
        forms.StatusForm,
        lambda t, by, d: actions.set_status(t, d["status"], by=by, reason=d["reason"]),
        lambda t: t.intent in {"idea", "feedback"},
        may_set_status,
    ),
    "move": Verb(
        _("Move to another forum"),
        _("Its address stays the same, and the forum it leaves points to it for some days."),
        forms.MoveForm,
        lambda t, by, d: actions.move_topic(t, by=by, into=d["forum"], reason=d["reason"]),
        may=_may_put_away,
    ),
    "split": Verb(
        _("Move posts"),
        _("They go to a topic of their own or to the end of another one; their addresses keep working."),
        forms.SplitForm,
        _split,
        lambda t: t.post_count > 1,
        _may_put_away,
    ),
    "merge": Verb(
        _("Merge into another topic"),
        _("All its posts go to the end of the other one, its followers too; its address leads there."),
        forms.MergeForm,
        _merge,
        may=_may_put_away,
    ),
    "slow": Verb(
        _("Slow mode"),
        _("Everyone but hosts waits between two posts, until a moment that all can see."),
        forms.SlowForm,
        lambda t, by, d: actions.slow_topic(t, by=by, seconds=d["seconds"], until=d["until"], reason=d["reason"]),
        lambda t: not t.is_slow,
    ),
    "unslow": Verb(
        _("End slow mode"),
        _("Everyone writes as they like again."),
        forms.PlainForm,
        lambda t, by, d: actions.unslow_topic(t, by=by, reason=d["reason"]),
        lambda t: t.is_slow,
    ),
    "unlist": Verb(
        _("Take out of the lists"),
        _("Whoever has its address still reads it; lists and search no longer show it. The author is told."),
        forms.ReasonForm,
        lambda t, by, d: actions.unlist_topic(t, by=by, reason=d["reason"]),
        lambda t: t.unlisted_at is None,
        _may_put_away,
    ),
    "list": Verb(
        _("Put back into the lists"),
        _("Lists and search show it again."),
        forms.PlainForm,
        lambda t, by, d: actions.list_topic(t, by=by, reason=d["reason"]),
        lambda t: t.unlisted_at is not None,
    ),
    "timer": Verb(
        _("Set a timer"),
        _("It is closed or archived at the moment you choose, in your name."),
        forms.TimerForm,
        lambda t, by, d: timers.set_timer(t, by=by, kind=d["kind"], due_at=d["due_at"], reason=d["reason"]),
        lambda t: not t.is_archived,
        _may_put_away,
    ),
    "archive": Verb(
        _("Archive"),
        _("It becomes memory: everyone reads it, nobody writes, edits or votes in it any more."),
        forms.PlainForm,
        lambda t, by, d: actions.archive_topic(t, by=by, reason=d["reason"]),
        lambda t: not t.is_archived,
        _may_put_away,
    ),
    "unarchive": Verb(
        _("Take out of the archive"),
        _("It can be written in again."),
        forms.PlainForm,
        lambda t, by, d: actions.unarchive_topic(t, by=by, reason=d["reason"]),
        lambda t: t.is_archived,
    ),
}


def verbs_for(reader: Reader, topic: Topic) -> list[tuple[str, StrOrPromise]]:
    """What this reader can do for this topic now: (address, name)."""
    if reader.is_visitor or topic.merged_into_id is not None or topic.is_withdrawn or topic.is_waiting:
        return []
    hosts = bool(may_care_for(reader, topic))
    return [
        (slug, verb.name)
        for slug, verb in VERBS.items()
        if (hosts or verb.may is may_rename and may_rename(reader, topic)) and verb.fits(topic)
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def care(request: HttpRequest, topic_id: int, verb: str) -> HttpResponse:
    """The page of one verb: what it means, its form, and doing it."""
    topic, reader, known = _topic(request, topic_id), reader_of(request), VERBS.get(verb)
    if known is None:
        raise Http404
    hosted = list(Forum.objects.visible_to(reader).filter(archived_at=None)) if verb == "move" else []
    form = known.form(request.POST or None, topic=topic, forums=[f for f in hosted if reader.hosts(f.pk)])
    if verb == "pin" and not may_pin_everywhere(reader):
        form.fields.pop("everywhere")
    if verb == "split" and (place := number(request, "from")):
        form.initial["places"] = str(place)
    allowed = known.may(reader, topic)
    if request.method == "POST" and form.is_valid():
        insist(allowed)
        known.act(topic, member_of(request), {"everywhere": False, **form.cleaned_data, "reader": reader})
        return redirect(_topic(request, topic_id))
    context = {"topic": topic, "verb": known, "form": form, "allowed": allowed, "needs_status": _needs_status(topic)}
    return render_page(request, "forums/care.html", context, status=422 if form.errors else 200)


def _needs_status(topic: Topic) -> bool:
    return topic.intent == "feedback" and not topic.status


def _topic(request: HttpRequest, topic_id: int) -> Topic:
    return get_object_or_404(Topic.objects.visible_to(reader_of(request)).select_related("forum"), pk=topic_id)


@login_required
@require_POST
def take_off_timer(request: HttpRequest, topic_id: int, kind: str) -> HttpResponse:
    topic = _topic(request, topic_id)
    timers.take_off_timer(topic, by=member_of(request), kind=kind)
    return redirect(topic)


@login_required
@require_POST
def undo(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take back what a quiet line tells."""
    event = get_object_or_404(TopicEvent.objects.visible_to(reader_of(request)).select_related("topic"), pk=event_id)
    relocation.undo_event(event, by=member_of(request))
    messages.success(request, gettext("Undone."))
    return redirect(event.topic)


@login_required
@require_POST
def accept(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.visible_to(reader_of(request)).select_related("topic"), pk=post_id)
    chosen = None if post.topic.accepted_post_id == post.pk else post
    actions.accept_answer(post.topic, chosen, by=member_of(request))
    return redirect(post)


@login_required
@require_POST
def wiki(request: HttpRequest, post_id: int) -> HttpResponse:
    """Open a post to everybody's edits, or leave it to its author again."""
    post = get_object_or_404(Post.objects.visible_to(reader_of(request)).select_related("topic"), pk=post_id)
    (actions.close_to_others if post.is_wiki else actions.open_to_all)(post, by=member_of(request))
    return redirect(post)
