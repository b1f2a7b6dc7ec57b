from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.utils.formats import time_format
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from forums.actions.drafts import WrittenElsewhere, keep_draft, keep_for_sign_in, move_draft
from forums.actions.remarks import hints_on
from forums.actions.schedule import unschedule_post
from forums.forms.composer import ComposerForm, DraftedForm
from forums.limits import POST_MAX_LENGTH
from forums.models import Draft, Forum, Post, Topic
from forums.queries.people import drafts_of
from forums.queries.topics import forums_seen
from forums.readers import Reader
from forums.views.request import SIGNED_OUT, VISITOR_DRAFTS, member_of, number, reader_of
from members.actions.preferences import put_composer_hint_away
from toolkit.fragments import render_page, wants_fragment
from toolkit.text import one_line, storable


@login_required
@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    reader = reader_of(request)
    startable = [forum for forum in forums_seen(reader) if forum.pk in reader.startable]
    return render_page(request, "forums/drafts.html", {"drafts": drafts_of(reader), "forums": startable})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what is in the composer, while typing. Answers when it was kept; 401 if whoever wrote is signed out; 409
    with what another device has kept since."""
    if is_new_conversation(request):
        return _left_to_the_browser(request)
    place = place_of(request)
    member = None if reader_of(request).is_visitor else member_of(request)
    if request.POST.get("as", "") != (str(member.pk) if member else ""):
        return JsonResponse({"saved": _("You are signed out: your words are kept in this browser.")}, status=401)
    try:
        draft = keep_draft(by=member, key=_key(request.POST), **place, **typed(request.POST))
    except WrittenElsewhere as newer:
        words = {name: getattr(newer.draft, name) for name in ("title", "tags", "body")}
        return JsonResponse({**_told(newer.draft), **words}, status=409)
    if draft is None:
        is_sent = any(request.POST.get(name, "").strip() for name in ("title", "body"))
        return JsonResponse({"saved": "", "seen": "", "sent": is_sent})
    if member is None:
        _know(request, draft)
        return JsonResponse(_told(draft))
    return JsonResponse({**_told(draft), "hints": hints_for(request, **place)})


@login_required
@require_POST
def discard(request: HttpRequest, key: UUID) -> HttpResponse:
    get_object_or_404(member_of(request).drafts, key=key).delete()
    return redirect("forums:drafts")


@login_required
@require_POST
def unschedule(request: HttpRequest, key: UUID) -> HttpResponse:
    """Take a post that waits for its hour back into the composer."""
    draft = get_object_or_404(member_of(request).drafts.filter(publish_at__isnull=False), key=key)
    draft = unschedule_post(draft, by=member_of(request))
    messages.info(request, _("It no longer waits: choose its hour again when you send it."))
    return redirect(draft)


@login_required
@require_POST
def move(request: HttpRequest, key: UUID) -> HttpResponse:
    """Go on writing as a new topic, where the topic it was for has closed."""
    draft = get_object_or_404(member_of(request).drafts, key=key)
    forum = get_object_or_404(Forum.objects.visible_to(reader_of(request)), slug=request.POST.get("forum", ""))
    moved = move_draft(draft, by=member_of(request), forum=forum)
    messages.success(request, _("Here are your words again: give them a title."))
    return redirect(moved)


@login_required
@require_POST
def dismiss_hint(request: HttpRequest) -> HttpResponse:
    """Put the hint of one's first posts away for good; what is in the composer stays."""
    put_composer_hint_away(by=member_of(request))
    if wants_fragment(request):
        return HttpResponse("")
    place = place_of(request)
    form = DraftedForm(request.POST)
    keep_typed(request, form, **place)
    return redirect(_where(place))


def living(reader: Reader, topic: Topic) -> Topic:
    """The topic that one writes in: where it was merged into another one, that one."""
    while topic.merged_into_id is not None:
        topics = Topic.objects.reachable_by(reader).select_related("forum")
        topic = get_object_or_404(topics, pk=topic.merged_into_id)
    return topic


def place_of(request: HttpRequest) -> dict[str, Any]:
    """What is being written, by the address: a reply in a topic, a change of a post, or a topic of a forum."""
    reader = reader_of(request)
    if (topic_id := number(request, "topic")) is not None:
        topics = Topic.objects.reachable_by(reader).select_related("forum")
        return {"topic": living(reader, get_object_or_404(topics, pk=topic_id))}
    if (post_id := number(request, "post")) is not None:
        own = Q(author_id=reader.member_id or 0) | Q(is_wiki=True)  # nobody else changes it, or hears what it names
        posts = Post.objects.reachable_by(reader).filter(own).select_related("topic__forum", "author")
        return {"post": get_object_or_404(posts, pk=post_id)}
    return {"forum": get_object_or_404(Forum.objects.visible_to(reader), slug=request.GET.get("forum", ""))}


def is_new_conversation(request: HttpRequest) -> bool:
    """Whether it is a conversation's first message: it stands nowhere yet."""
    return "conversation" in request.GET


def _left_to_the_browser(request: HttpRequest) -> JsonResponse:
    """What is written to somebody in private is kept here once it is sent, and by the browser until then."""
    reader, key = reader_of(request), _key(request.POST)
    known = key is not None and not reader.is_visitor
    is_sent = known and member_of(request).posts.filter(idempotency_key=str(key)).exists()
    return JsonResponse({"saved": "", "seen": "", "sent": True} if is_sent else {}, status=200 if is_sent else 422)


def typed(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a composer holds, as an action keeps it: valid or not, so that a rejected form loses nothing."""
    words = {name: data.get(name, "") for name in ("title", "tags", "body", "intent", "lang")}
    lists = data.lists() if isinstance(data, MultiValueDict) else [(name, [value]) for name, value in data.items()]
    poll = {name: found if len(found) > 1 else found[0] for name, found in lists if name.startswith("poll_") and found}
    version = str(data.get("version", ""))
    answered = str(data.get("reply_to", ""))
    return {
        **words,
        "poll": poll,
        "version": int(version) if version.isdecimal() and len(version) < 9 else None,
        "reply_to": int(answered) if answered.isdecimal() and len(answered) < 10 else None,
        "seen": _moment(str(data.get("seen", ""))),
    }


def hints_for(request: HttpRequest, **place: Any) -> list[str]:
    """What is to be said of the words that were sent, while they are written."""
    said = request.POST
    title, body = one_line(said.get("title", "")), storable(said.get("body", ""))[:POST_MAX_LENGTH]
    return hints_on(place, by=member_of(request), title=title, body=body, key=_key(said))


def keep_typed(request: HttpRequest, form: DraftedForm, **place: Any) -> None:
    """Keep what was sent and could not be taken. What another device has kept since stays too, as `form.elsewhere`; the
    form, which shows it, may be sent again."""
    try:
        draft = keep_draft(by=member_of(request), key=_key(form.data), **place, **typed(form.data))
    except WrittenElsewhere as newer:
        draft = form.elsewhere = newer.draft
    form.went_on(seen=draft.saved_at.isoformat() if draft is not None else "")


def draft_of(request: HttpRequest, **place: Any) -> Draft | None:
    """What this member, or this visitor's session, has begun there. One query, none for a visitor who wrote nothing."""
    drafts = Draft.objects.unfinished().filter(**place)
    if not reader_of(request).is_visitor:
        return drafts.filter(member=member_of(request)).first()
    known = request.session.get(VISITOR_DRAFTS)
    return drafts.filter(member=None, key__in=known).first() if known else None


def words_of(draft: Draft | None) -> dict[str, Any]:
    """A draft as a form's initial values."""
    if draft is None:
        return {}
    words = {name: getattr(draft, name) for name in ("title", "tags", "body", "intent", "lang", "key", "version")}
    return {**draft.poll, **words, "reply_to": draft.reply_to_id, "seen": draft.saved_at.isoformat()}


def remember_for_later(
    request: HttpRequest, form: ComposerForm, *, topic: Topic | None = None, forum: Forum | None = None
) -> HttpResponse:
    """A visitor pressed Reply: keep the words, then ask them to sign up or sign in; both lead back here."""
    draft = keep_draft(by=None, key=_key(form.data), topic=topic, forum=forum, **typed(form.data))
    if draft is not None:
        _know(request, draft)
    place: dict[str, Any] = {"topic": topic} if topic is not None else {"forum": forum}
    return _to_the_door(request, "account_signup", _where(place))


def was_signed_in(request: HttpRequest) -> bool:
    """Whether this was sent from a member's page, by a browser whose session has ended since."""
    return reader_of(request).is_visitor and bool(request.POST.get("as"))


def ask_back_in(request: HttpRequest, back: str, **place: Any) -> HttpResponse:
    """Keep the words, then ask whoever wrote them to sign in again, which leads back to them."""
    key = _key(request.POST)
    draft = keep_for_sign_in(key, **place, **typed(request.POST))
    if draft is not None:
        _know(request, draft)
        whose = str(request.POST["as"])
        signed_out = request.session.get(SIGNED_OUT, {})
        owner = [int(whose) if whose.isdecimal() and len(whose) < 19 else 0, str(key)]
        request.session[SIGNED_OUT] = {**signed_out, str(draft.key): owner}
    messages.info(request, _("You were signed out meanwhile. Your words are kept: sign in, and send them again."))
    return _to_the_door(request, "account_login", back)


def _to_the_door(request: HttpRequest, name: str, back: str) -> HttpResponse:
    request.session["after_login"] = back
    door = f"{reverse(name)}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(door) if wants_fragment(request) else redirect(door)


def _where(place: Mapping[str, Any]) -> str:
    """Where one goes on writing."""
    if (topic := place.get("topic")) is not None:
        return f"{topic.get_absolute_url()}?page={topic.pages}#reply"
    if (post := place.get("post")) is not None:
        return reverse("forums:edit", args=[post.pk])
    return reverse("forums:topic-new", args=[place["forum"].slug])


def _told(draft: Draft) -> dict[str, Any]:
    """What the page is told of a draft: a sentence, and what it goes on from."""
    at = time_format(localtime(draft.saved_at), "H:i")
    return {"saved": _("Draft saved at %(time)s") % {"time": at}, "seen": draft.saved_at.isoformat()}


def _key(data: Mapping[str, Any]) -> UUID | None:
    try:
        return UUID(str(data.get("key", "")))
    except ValueError:
        return None


def _moment(said: str) -> datetime | None:
    try:
        return parse_datetime(said)
    except ValueError:
        return None


def _know(request: HttpRequest, draft: Draft) -> None:
    known = request.session.get(VISITOR_DRAFTS, [])
    if str(draft.key) not in known:
        request.session[VISITOR_DRAFTS] = [*known, str(draft.key)][-20:]
