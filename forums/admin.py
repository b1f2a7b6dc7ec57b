"""Forums and rules are set here; topics and posts are read here and changed on their pages, by their actions."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.actions.forums import archive_forum, merge_forum, unarchive_forum
from forums.actions.rendering import names_changed
from forums.models import Access, Appointment, Forum, Post, ReactionKind, Rule, SearchMiss, Tag, Topic
from members.admin import BilingualForm, ReadOnlyAdmin, see
from toolkit.verdicts import Refused


class AccessInline(admin.TabularInline[Access, Forum]):
    model = Access
    extra = 0


class RuleInline(admin.TabularInline[Rule, Forum]):
    model = Rule
    form = BilingualForm
    extra = 0
    fields = ("order", "title_fr", "title_en", "text_fr", "text_en", "retired_at")


class HostInline(admin.TabularInline[Appointment, Forum]):
    model = Appointment
    autocomplete_fields = ("member",)
    extra = 0


@admin.action(description=gettext_lazy("Archive: read-only memory, nothing is lost"))
def archive(modeladmin: Any, request: HttpRequest, forums: QuerySet[Forum]) -> None:
    for forum in forums:
        archive_forum(forum)


@admin.action(description=gettext_lazy("Open again"))
def unarchive(modeladmin: Any, request: HttpRequest, forums: QuerySet[Forum]) -> None:
    for forum in forums:
        unarchive_forum(forum)


@admin.action(description=gettext_lazy("Merge: all topics into the one that has most"))
def merge(modeladmin: Any, request: HttpRequest, forums: QuerySet[Forum]) -> None:
    chosen = list(forums.order_by("-topic_count", "pk"))
    if len(chosen) < 2:
        messages.error(request, _("Choose at least two forums to merge."))
        return
    target, *sources = chosen
    for source in sources:
        try:
            moved = merge_forum(source, into=target)
        except Refused as refusal:
            messages.error(request, str(refusal.reason))
            return
        messages.success(
            request,
            _("%(n)d topics moved from %(source)s to %(target)s.") % {"n": moved, "source": source, "target": target},
        )


@admin.register(Forum)
class ForumAdmin(admin.ModelAdmin[Forum]):
    form = BilingualForm
    list_display = ("__str__", "slug", "kind", "languages", "topic_count", "archived_at", "effect")
    list_filter = ("kind",)
    prepopulated_fields = {"slug": ("name_en",)}
    readonly_fields = ("effect",)
    inlines = (AccessInline, RuleInline, HostInline)
    actions = (archive, unarchive, merge)
    fields = (
        ("name_fr", "name_en"),
        ("purpose_fr", "purpose_en"),
        "slug",
        "kind",
        "languages",
        "default_intent",
        ("tags_needed", "tags_are_limited"),
        "sends_automatic",
        "reads_first",
        ("parent", "order", "colour", "icon"),
        "effect",
    )

    @admin.display(description="")
    def effect(self, forum: Forum) -> SafeString | str:
        return see(forum.get_absolute_url()) if forum.pk else ""

    def has_delete_permission(self, request: HttpRequest, obj: Forum | None = None) -> bool:
        """A forum that has topics is archived or merged, never deleted."""
        return super().has_delete_permission(request, obj) and (obj is not None and not obj.topics.exists())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A new forum without access rows would be invisible: everybody reads it and members write."""
        super().save_related(request, form, formsets, change)
        forum: Forum = form.instance
        if not change and not forum.access.exists():
            if forum.kind == Forum.Kind.COMMUNITY:
                Access.objects.create(forum=forum, audience=Access.Audience.EVERYONE, level=Access.Level.READ)
                Access.objects.create(forum=forum, audience=Access.Audience.MEMBERS, level=Access.Level.START)
            else:
                Access.objects.create(forum=forum, audience=Access.Audience.TEAM, level=Access.Level.START)
        names_changed(forum=forum)  # who may read it decides where its topics' titles are shown


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin[Rule]):
    form = BilingualForm
    list_display = ("__str__", "forum", "order", "retired_at")
    list_filter = ("forum",)
    readonly_fields = ("effect",)
    fields = ("forum", "order", ("title_fr", "title_en"), "text_fr", "text_en", "retired_at", "effect")

    @admin.display(description="")
    def effect(self, rule: Rule) -> SafeString:
        return see(rule.forum.get_absolute_url() if rule.forum is not None else "/rules/")


@admin.register(Appointment)
class AppointmentAdmin(admin.ModelAdmin[Appointment]):
    list_display = ("member", "role", "forum", "since", "until")
    list_filter = ("role",)
    autocomplete_fields = ("member",)


@admin.register(Topic)
class TopicAdmin(ReadOnlyAdmin):
    list_display = ("title", "forum", "author", "post_count", "last_post_at")
    list_filter = ("forum", "intent")
    search_fields = ("title",)
    fields = ("title", "forum", "author", "intent", "post_count", "created_at", "published_at", "closed_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Conversations are read by those who sit in them, not here."""
        return super().get_queryset(request).filter(is_conversation=False)


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "author", "state", "created_at")
    list_filter = ("state", "origin")
    list_select_related = ("author",)
    fields = ("topic", "author", "position", "state", "lang", "words", "created_at", "published_at", "edited_at")
    readonly_fields = ("words",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Conversations are read by those who sit in them, not here."""
        return super().get_queryset(request).filter(topic__is_conversation=False)

    @admin.display(description=gettext_lazy("text"))
    def words(self, post: Post) -> str:
        """What was withdrawn is nobody's to read here."""
        return _("Withdrawn by its author.") if post.is_withdrawn else post.body


@admin.register(ReactionKind)
class ReactionKindAdmin(admin.ModelAdmin[ReactionKind]):
    form = BilingualForm
    list_display = ("__str__", "order", "retired_at")
    fields = ("order", ("name_fr", "name_en"), "retired_at")

    def has_delete_permission(self, request: HttpRequest, obj: ReactionKind | None = None) -> bool:
        """What was given stays counted: a word is retired, never deleted."""
        return False


@admin.register(Tag)
class TagAdmin(admin.ModelAdmin[Any]):
    """Which forums take a tag is set here; it is renamed, merged and described on its own page, with a history."""

    list_display = ("name", "key", "effect")
    search_fields = ("name",)
    fields = ("name", "forums", "effect")
    readonly_fields = ("name", "effect")
    filter_horizontal = ("forums",)

    @admin.display(description="")
    def effect(self, tag: Tag) -> SafeString:
        return see(reverse("forums:tag-care", args=[tag.key]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A tag is merged into another, with a history; deleting would take it from topics in silence."""
        return False


@admin.register(SearchMiss)
class SearchMissAdmin(ReadOnlyAdmin):
    """What people looked for and did not find, the most frequent first."""

    list_display = ("words", "times", "last_at", "try_it")
    search_fields = ("words",)
    ordering = ("-times", "-last_at")

    @admin.display(description="")
    def try_it(self, miss: SearchMiss) -> SafeString:
        return see(f"{reverse('forums:search')}?{urlencode({'q': miss.words})}")

    def has_delete_permission(self, request: HttpRequest, obj: SearchMiss | None = None) -> bool:
        """Somebody may have typed what is nobody's business."""
        return bool(request.user.is_active and request.user.is_staff)
