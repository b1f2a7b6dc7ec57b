"""Conversations: one's own, a new one, and who sits in one. Reading and answering are the pages of a topic."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.actions import conversations as actions
from forums.actions.rendering import rendered_for
from forums.forms.conversations import ConversationForm
from forums.forms.guests import GuestForm
from forums.models import Topic
from forums.policies import may_invite_to, may_write
from forums.queries.conversations import conversations_page, table_of
from forums.queries.topics import rules_of
from forums.views.files import posted
from forums.views.request import member_of, reader_of
from toolkit.fragments import render_page
from toolkit.verdicts import Refused, insist


@login_required
@require_safe
def conversations(request: HttpRequest) -> HttpResponse:
    """One's conversations, the last written in first."""
    reader = reader_of(request)
    page = conversations_page(reader, after=request.GET.get("after", ""))
    context = {"page": page, "write": may_write(reader)}
    return render_page(request, "forums/conversations.html", context, fragment="list")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def conversation_new(request: HttpRequest) -> HttpResponse:
    """Open a conversation (`?to=NAME` says with whom), or see its first message as it will look. What is refused stays
    in the form."""
    insist(may_write(reader_of(request)))
    to = request.GET.get("to", "")[:200]
    data = posted(request)
    form = ConversationForm(data, initial={"to": to})
    preview = ""
    if data is not None and form.is_valid():
        said = form.cleaned_data
        if "preview" in data:
            preview = rendered_for(None, said["body"], by=member_of(request)).html
        else:
            try:
                return redirect(
                    actions.open_conversation(
                        by=member_of(request),
                        with_=said["to"],
                        title=said["subject"],
                        body=said["body"],
                        key=said["key"],
                    )
                )
            except Refused as refusal:
                form.add_error(None, str(refusal.reason))
    context = {"form": form, "preview": preview, "to": to, "rules": rules_of(None)[:3]}
    return render_page(request, "forums/conversation_new.html", context, status=422 if form.errors else 200)


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
            form.add_error(None, str(refusal.reason))
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
