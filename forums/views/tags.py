"""All tags, and the care of one: for the team of the whole community."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from forums.actions import tags as actions
from forums.forms.tags import DescribeForm, IntoForm, NameForm
from forums.models import Tag, TagEvent
from forums.policies import may_care_for_tags
from forums.queries.topics import tags_seen
from forums.views.request import member_of, reader_of, said
from toolkit.fragments import render_page
from toolkit.verdicts import insist

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from members.models import Member


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that is done to a tag."""

    name: StrOrPromise
    meaning: StrOrPromise
    form: type[forms.Form]
    act: Callable[[Tag, Member, dict[str, Any]], TagEvent]


VERBS = {
    "describe": Verb(
        _("Describe"),
        _("One sentence on its page, for whoever wonders whether to use it."),
        DescribeForm,
        lambda tag, by, said: actions.describe_tag(tag, by=by, **said),
    ),
    "rename": Verb(
        _("Rename"),
        _("Topics and posts show the new name; the old one keeps leading here."),
        NameForm,
        lambda tag, by, said: actions.rename_tag(tag, by=by, **said),
    ),
    "synonym": Verb(
        _("Add a synonym"),
        _("Whoever types this name means this tag."),
        NameForm,
        lambda tag, by, said: actions.add_synonym(tag, by=by, **said),
    ),
    "merge": Verb(
        _("Merge into another tag"),
        _("Its topics and followers go to the other one; its name becomes a synonym of it. This is not undone."),
        IntoForm,
        lambda tag, by, said: actions.merge_tags(tag, by=by, **said),
    ),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every tag that stands on a topic this reader may read."""
    tags, after = tags_seen(reader_of(request), after=request.GET.get("after", "")[:100])
    return render_page(request, "forums/tags.html", {"tags": tags, "after": after})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def care(request: HttpRequest, key: str) -> HttpResponse:
    """Rename, merge, describe, and what was done before."""
    reader = reader_of(request)
    insist(may_care_for_tags(reader))
    tag = get_object_or_404(Tag.objects.named(key))
    asked = request.POST.get("verb", "")
    if request.method == "POST" and asked == "no-synonym":
        actions.remove_synonym(tag, by=member_of(request), key=said(request, "synonym"))
        return redirect("forums:tag-care", tag.key)
    shown = {
        name: verb.form(request.POST if name == asked else None, **_begun(name, tag)) for name, verb in VERBS.items()
    }
    if request.method == "POST":
        if asked not in VERBS:
            raise Http404
        if shown[asked].is_valid():
            event = VERBS[asked].act(tag, member_of(request), shown[asked].cleaned_data)
            messages.success(request, gettext("Done."))
            return redirect("forums:tag-care", event.tag.key)
    context = {
        "tag": tag,
        "verbs": [(name, verb, shown[name]) for name, verb in VERBS.items()],
        "synonyms": tag.synonyms.order_by("name"),
        "events": tag.events.select_related("actor")[:50],
    }
    return render_page(request, "forums/tag_care.html", context, status=422 if request.method == "POST" else 200)


def _begun(name: str, tag: Tag) -> dict[str, Any]:
    initial = {"describe": {"fr": tag.description_fr, "en": tag.description_en}, "rename": {"name": tag.name}}
    return {"initial": initial.get(name, {}), "auto_id": f"{name}-%s"}
