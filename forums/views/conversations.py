"""Conversations: one's own, a new one, and who sits in one. Reading and answering are the pages of a topic."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.actions import conversations as actions
from forums.actions.rendering import rendered_for
from forums.forms.conversations import ConversationForm, addressed
from forums.forms.guests import GuestForm, members_named
from forums.limits import POST_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models import Topic
from forums.policies import may_address, may_invite_to, may_write
from forums.queries.conversations import addressees, conversations_page, seats_given_lately, table_of
from forums.queries.topics import rules_of
from forums.views.drafts import ask_back_in, was_signed_in
from forums.views.files import posted
from forums.views.request import member_of, reader_of, said
from members.models import Member
from toolkit.fragments import render_page
from toolkit.text import storable
from toolkit.verdicts import Refused, insist

WAITING = "conversations"  # the session's list of first messages that were sent after it had ended
WAITING_AT_MOST = 5


@login_required
@require_safe
def conversations(request: HttpRequest) -> HttpResponse:
    """One's conversations, the last written in first."""
    reader = reader_of(request)
    page = conversations_page(reader, after=request.GET.get("after", ""))
    context = {"page": page, "write": may_write(reader)}
    return render_page(request, "forums/conversations.html", context, fragment="list")


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_new(request: HttpRequest) -> HttpResponse:
    """Open a conversation (`?to=NAME` says with whom), or see its first message as it will look. What is refused stays
    in the form; whether somebody may be written to is said before anything is written."""
    if was_signed_in(request):
        return _ask_back_in(request)
    reader = reader_of(request)
    if reader.is_visitor:
        return redirect_to_login(request.get_full_path())
    data = posted(request)
    if data is None:
        insist(may_write(reader))
    to, waiting = _address(request), _waiting(request)
    kept = next((words for words in reversed(waiting) if words["at"] == to), {})
    form = ConversationForm(data, initial={**kept, "to": kept.get("to") or to})
    preview = refusal = ""
    if data is None:
        refusal = _refusal_of_names(request, kept.get("to") or to)
    elif form.is_valid() and "preview" not in data:
        try:
            return redirect(_opened(request, form))
        except Refused as refused:
            field = "to" if _refusal(request, form.cleaned_data["to"]) else None
            form.add_error(field, str(refused.reason))
    else:
        if form.is_valid():
            preview = rendered_for(None, form.cleaned_data["body"], by=member_of(request)).html
        if reason := _refusal(request, form.cleaned_data.get("to", [])):
            form.add_error("to", reason)
    context = {
        "form": form,
        "preview": preview,
        "refusal": refusal,
        "to": to,
        "restored": bool(kept),
        "begun": [words for words in waiting if words["at"] != to],
        "rules": rules_of(None)[:3],
    }
    return render_page(request, "forums/conversation_new.html", context, status=422 if form.errors else 200)


def _opened(request: HttpRequest, form: ConversationForm) -> Topic:
    words = form.cleaned_data
    topic = actions.open_conversation(
        by=member_of(request), with_=words["to"], title=words["subject"], body=words["body"], key=words["key"]
    )
    if WAITING in request.session:
        key = str(words["key"])
        request.session[WAITING] = [waits for waits in request.session[WAITING] if waits["key"] != key]
    return topic


def _refusal(request: HttpRequest, members: Sequence[Member]) -> str:
    """Why these members cannot be written to; nothing where they can, where it is nobody, and where the reader may not
    write at all."""
    by, reader = member_of(request), reader_of(request)
    if not members or not may_write(reader):
        return ""
    allowed = may_address(reader, addressees(members, by=by), seats=1, lately=seats_given_lately(by))
    return "" if allowed else str(allowed.reason)


def _refusal_of_names(request: HttpRequest, to: str) -> str:
    names = addressed(to)
    try:
        return _refusal(request, members_named(names)) if names else ""
    except ValidationError as unknown:
        return " ".join(unknown.messages)


def _address(request: HttpRequest) -> str:
    """To whom the address of the page says that one writes: beginnings are kept apart by it."""
    return storable(request.GET.get("to", ""))[:200]


def _ask_back_in(request: HttpRequest) -> HttpResponse:
    """Keep the words in the session of a browser that is signed out, for whoever wrote them, and ask for them."""
    fields = {"to": 2_000, "subject": TITLE_MAX_LENGTH, "body": POST_MAX_LENGTH, "key": 36, "as": 20}
    words = {name: said(request, name)[:most] for name, most in fields.items()}
    if any(words[name].strip() for name in ("to", "subject", "body")):
        earlier = [one for one in request.session.get(WAITING, []) if one["key"] != words["key"]]
        request.session[WAITING] = [*earlier, {**words, "at": _address(request)}][-WAITING_AT_MOST:]
    return ask_back_in(request, request.get_full_path())


def _waiting(request: HttpRequest) -> list[dict[str, str]]:
    """What this member sent after their session had ended, from the first to the last: `at` is their address. Nobody
    else who signs in at this browser sees it."""
    return [words for words in request.session.get(WAITING, []) if words["as"] == str(member_of(request).pk)]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation_seats(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Who is in a conversation: invite somebody by their name here, mute it, leave it."""
    topic, reader = _seated(request, topic_id), reader_of(request)
    invite = may_invite_to(reader, topic)
    form = GuestForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            seat = actions.invite_to_conversation(topic, form.cleaned_data["member"], by=member_of(request))
        except Refused as refusal:
            form.add_error("member", str(refusal.reason))
        else:
            messages.success(request, _("%(name)s is invited, and is told.") % {"name": seat.member.shown_name})
            return redirect("forums:conversation-seats", topic_id)
    context = {"topic": topic, "table": table_of(topic, reader), "form": form, "invite": invite}
    return render_page(request, "forums/conversation_seats.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def mute(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Hear of a conversation no longer, or again."""
    topic = _seated(request, topic_id)
    (actions.unmute_conversation if "back" in request.POST else actions.mute_conversation)(topic, by=member_of(request))
    messages.success(request, _("Noted."))
    return redirect("forums:conversation-seats", topic_id)


@login_required
@require_POST
def leave(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Leave a conversation for good."""
    actions.leave_conversation(_seated(request, topic_id), by=member_of(request))
    messages.success(request, _("You have left the conversation."))
    return redirect("forums:conversations")


def _seated(request: HttpRequest, topic_id: int) -> Topic:
    return get_object_or_404(Topic.objects.seated(reader_of(request)).with_seats(), pk=topic_id)
