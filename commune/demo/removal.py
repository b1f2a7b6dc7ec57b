"""Taking the demo away, and nothing else.

What real people wrote stays, and so does what it stands in: a demo topic they answered keeps its posts, whose demo
authors become placeholders. Everything else that the demo made goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet

from commune.demo.script import table
from commune.demo.stage import SOURCE
from engagement.models import DigestEdition, Envelope, EventNews, Letter, News, Notification, PromptShowing
from forums.models import (
    Access,
    Appointment,
    Attachment,
    Bookmark,
    Draft,
    Forum,
    ForumGuest,
    ImportedRecord,
    Poll,
    Post,
    PostIndex,
    PostReference,
    PostRevision,
    Reaction,
    ReadMark,
    Rule,
    Seat,
    Tag,
    TagEvent,
    Tagged,
    Topic,
    TopicEvent,
    TopicIndex,
    TopicScore,
    TopicTimer,
    TopicVote,
)
from members.models import Community, Group, GroupMembership, HatGrant, Member, TakenName, TrustChange
from moderation.models import (
    Appeal,
    AutomaticRule,
    Call,
    Case,
    CaseFile,
    Colleague,
    Decision,
    DecisionText,
    Duty,
    Exemplar,
    HandOver,
    HandOverSeen,
    LetterMessage,
    MemberNote,
    Notice,
    NoticedPlace,
    Opinion,
    PostSketch,
    Report,
    RuleHit,
    RuleTrial,
    SealedReading,
    Subject,
    Summons,
    TeamLetter,
)


@dataclass(slots=True)
class Removed:
    topics: int = 0
    posts: int = 0
    members: int = 0
    forums: int = 0
    kept: list[str] = field(default_factory=list)


@transaction.atomic
def remove_demo() -> Removed:
    """Delete the demo's rows, all or nothing. Answers what went and what had to stay, and why."""
    done = Removed()
    cast = Member.objects.filter(source=SOURCE)
    demo_posts = Post.objects.filter(pk__in=ImportedRecord.objects.filter(source=SOURCE).values("post"))
    real = Post.objects.filter(topic=OuterRef("pk")).exclude(author__source=SOURCE)
    made = Q(posts__in=demo_posts) | Q(posts=None)  # without posts: merged into another one
    made |= Q(is_conversation=True)  # its own, and those opened by whoever looked around under one of its names
    mine = Topic.objects.filter(made, author__source=SOURCE).distinct()
    done.kept += [f"“{topic.title}”: somebody real wrote in it" for topic in mine.filter(Exists(real))]
    going = list(mine.filter(~Exists(real)).values_list("pk", flat=True))
    _drop_moderation(Q(subject__post__topic__in=going) | Q(subject__topic__in=going), cast)
    done.posts = _drop_topics(going)
    done.topics = len(going)
    done.forums = _drop_forums(done)
    DigestEdition.objects.filter(signed_by__source=SOURCE).delete()
    done.members = _drop_members(cast, done)
    Tag.objects.filter(tagged=None).delete()
    _forget_the_name()
    return done


def _forget_the_name() -> None:
    """The demo's name, purpose, question and house rules go where nobody changed them; decisions keep their rule."""
    said = table("forums")
    community = Community.objects.select_for_update().get(pk=1)
    for name, value in said["community"].items():
        if getattr(community, name) == value:
            setattr(community, name, "Commune" if name.startswith("name_") else "")
    community.demo_loaded_at = None
    community.contact_email = "" if community.contact_email == "equipe@example.org" else community.contact_email
    community.is_set_up = Member.objects.filter(is_superuser=True).exists()
    community.save()
    titles = [rule["title_en"] for rule in said["rule"]]
    used = Decision.objects.filter(rule=OuterRef("pk"))
    hidden = Post.objects.filter(removed_under=OuterRef("pk"))
    Rule.objects.filter(~Exists(used), ~Exists(hidden), forum=None, title_en__in=titles).delete()


def _raw(rows: QuerySet[Model]) -> int:
    """Delete without asking who points there: the order below has answered that."""
    return int(rows._raw_delete(rows.db) or 0)


def _drop_moderation(about: Q, cast: QuerySet[Member]) -> None:
    """Cases, reports and decisions about what goes, and those among the demo's own members."""
    letters = TeamLetter.objects.filter(Q(member__in=cast) | Q(email__endswith="@example.org"))
    cases = Case.objects.filter(about | Q(subject__member__in=cast) | Q(letter__in=letters))
    ids = list(cases.values_list("pk", flat=True))
    decisions = list(
        Decision.objects.filter(Q(case__in=ids) | Q(subject__member__in=cast) | about).values_list("pk", flat=True)
    )
    notices = list(NoticedPlace.objects.filter(case__in=ids).values_list("notice", flat=True))
    Notice.objects.filter(member__in=cast).update(member=None)
    AutomaticRule.objects.filter(owner__in=cast).update(owner=None)
    RuleTrial.objects.filter(asked_by__in=cast).update(asked_by=None)
    Notification.objects.filter(decision__in=decisions).delete()
    Letter.objects.filter(decision__in=decisions).delete()
    _drop_the_team(ids, cast)
    for rows in (
        Appeal.objects.filter(Q(case__in=ids) | Q(decision__in=decisions)),
        LetterMessage.objects.filter(Q(letter__case__in=ids) | Q(decision__in=decisions)),
        DecisionText.objects.filter(decision__in=decisions),
        Decision.objects.filter(undoes__in=decisions),
        Decision.objects.filter(pk__in=decisions),
        Report.objects.filter(case__in=ids),
        SealedReading.objects.filter(case__in=ids),
        TeamLetter.objects.filter(case__in=ids),
        NoticedPlace.objects.filter(case__in=ids),
        RuleHit.objects.filter(Q(case__in=ids) | Q(author__in=cast)),
        Notice.objects.filter(pk__in=notices, places=None),
        Case.objects.filter(pk__in=ids),
        CaseFile.objects.filter(owner__in=cast, cases=None),
    ):
        _raw(rows)


def _drop_the_team(cases: list[int], cast: QuerySet[Member]) -> None:
    """The rota, notes and examples of the demo's own team, and whom its cases called."""
    called = Summons.objects.filter(Q(call__case__in=cases) | Q(member__in=cast))
    Notification.objects.filter(summons__in=called).delete()
    Letter.objects.filter(summons__in=called).delete()
    Case.objects.filter(snoozed_by__in=cast).update(snoozed_by=None)
    asked = Opinion.objects.filter(Q(case__in=cases) | Q(member__in=cast) | Q(asked_by__in=cast))
    Notification.objects.filter(opinion__in=asked).delete()
    for rows in (
        called,
        asked,
        Call.objects.filter(case__in=cases),
        Exemplar.objects.filter(Q(case__in=cases) | Q(marked_by__in=cast)),
        HandOverSeen.objects.filter(Q(member__in=cast) | Q(note__author__in=cast)),
        HandOver.objects.filter(author__in=cast),
        MemberNote.objects.filter(Q(member__in=cast) | Q(author__in=cast)),
        Duty.objects.filter(member__in=cast),
        Colleague.objects.filter(member__in=cast),
    ):
        _raw(rows)


def _drop_topics(going: list[int]) -> int:
    posts = Post.objects.filter(topic__in=going)
    Draft.objects.filter(topic__in=going).delete()
    Topic.objects.filter(Q(pk__in=going) | Q(merged_into__in=going)).update(merged_into=None)
    PostReference.objects.filter(Q(target__in=posts) | Q(topic__in=going)).delete()
    told = Q(event__topic__in=going) | Q(bookmark__post__in=posts) | Q(seat__topic__in=going)
    Notification.objects.filter(told).delete()
    EventNews.objects.filter(event__topic__in=going).delete()
    Poll.objects.filter(post__in=posts).delete()
    PromptShowing.objects.filter(topic__in=going).delete()
    Notification.objects.filter(post__in=posts).delete()
    Letter.objects.filter(post__in=posts).delete()
    Topic.objects.filter(pk__in=going).update(last_post=None, accepted_post=None, published_at=None)
    posts.update(reply_to=None)
    for rows in (
        Subject.objects.filter(Q(post__in=posts) | Q(topic__in=going)),
        ImportedRecord.objects.filter(post__in=posts),
        PostRevision.objects.filter(post__in=posts),
        PostReference.objects.filter(Q(post__in=posts) | Q(target__in=posts) | Q(topic__in=going)),
        PostIndex.objects.filter(post__in=posts),
        Attachment.objects.filter(post__in=posts),
        TopicIndex.objects.filter(topic__in=going),
        Tagged.objects.filter(content_object__in=going),
        TopicEvent.objects.filter(topic__in=going, undoes__isnull=False),
        TopicEvent.objects.filter(topic__in=going),
        TopicTimer.objects.filter(topic__in=going),
        TopicVote.objects.filter(topic__in=going),
        Reaction.objects.filter(post__in=posts),
        Bookmark.objects.filter(post__in=posts),
        ReadMark.objects.filter(topic__in=going),
        Seat.objects.filter(topic__in=going),
        TopicScore.objects.filter(topic__in=going),
        News.objects.filter(post__in=posts),
        PostSketch.objects.filter(post__in=posts),
    ):
        _raw(rows)
    gone = _raw(posts)
    _raw(Topic.objects.filter(pk__in=going))
    return gone


def _drop_forums(done: Removed) -> int:
    slugs = [said["slug"] for said in table("forums")["forum"]]
    gone = 0
    for forum in Forum.objects.filter(slug__in=slugs).order_by(F("parent").desc(nulls_last=True)):
        left = forum.topics.count()
        if left or forum.children.exists():
            done.kept.append(f"“{forum}”: {left} topics of real people stand in it")
            Forum.objects.filter(pk=forum.pk).update(
                topic_count=forum.topics.filter(is_listed=True).count(),
                post_count=Post.objects.filter(topic__forum=forum, state=Post.State.PUBLISHED).count(),
            )
            continue
        Access.objects.filter(forum=forum).delete()
        Appointment.objects.filter(forum=forum).delete()
        Rule.objects.filter(forum=forum).delete()
        forum.delete()
        gone += 1
    return gone


def _drop_members(cast: QuerySet[Member], done: Removed) -> int:
    """Those of the demo whom nothing real refers to; the others become placeholders, who cannot sign in."""
    ids = list(cast.values_list("pk", flat=True))
    Attachment.objects.filter(member__in=ids, post=None).delete()
    for rows in (Draft.objects, Letter.objects, Notification.objects, PromptShowing.objects, ReadMark.objects):
        rows.filter(member__in=ids).delete()
    Envelope.objects.filter(recipient__in=list(cast.exclude(email=None).values_list("email", flat=True))).delete()
    Appointment.objects.filter(member__in=ids).delete()
    GroupMembership.objects.filter(member__in=ids).delete()
    Group.objects.filter(name_en="Tool-library trial", memberships=None).delete()
    EmailAddress.objects.filter(user__in=ids).delete()
    gone = 0
    for member in cast:
        sits = Seat.objects.filter(Q(member=member) | Q(invited_by=member)).exists()
        if sits or Post.objects.filter(author=member).exists() or Decision.objects.filter(actor=member).exists():
            done.kept.append(f"@{member.username}: their posts stand in topics that stay")
            member.state, member.email = Member.State.PLACEHOLDER, None
            member.is_staff = member.is_superuser = False
            member.set_unusable_password()
            member.save()
            continue
        Subject.objects.filter(member=member).delete()
        TakenName.objects.filter(member=member).delete()
        ForumGuest.objects.filter(Q(member=member) | Q(invited_by=member)).delete()
        TagEvent.objects.filter(actor=member).delete()
        TrustChange.objects.filter(Q(member=member) | Q(by=member)).delete()
        HatGrant.objects.filter(Q(member=member) | Q(granted_by=member) | Q(withdrawn_by=member)).delete()
        member.delete()
        gone += 1
    return gone
