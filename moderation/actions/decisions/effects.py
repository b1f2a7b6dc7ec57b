"""What each measure does, and how it is undone. Inside the decision's transaction; the case is locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from forums.actions.care import close_topic, move_topic, slow_topic, unlist_topic
from forums.actions.posts import (
    hide_post,
    hold_again,
    refuse_held_post,
    release_held_post,
    revise_post,
    show_post_again,
)
from forums.actions.undoing import undo_care
from forums.limits import REASON_MAX_LENGTH
from forums.models import Post, Topic, TopicEvent
from members.actions.claims import confirm_claim, decline_claim, put_claim_back
from members.actions.joining import admit, decline, put_back_to_waiting
from members.actions.sanctions import (
    block_signups,
    exclude,
    hold_posts_of,
    lift_block,
    put_standing_back,
    suspend,
)
from members.models import Member
from moderation.actions.decisions.rulings import Ruling
from moderation.limits import SWEPT_POSTS
from moderation.models import AllowedDomain, Case, Decision, Subject
from moderation.policies import M
from toolkit.verdicts import Refused

Change = tuple[dict[str, Any], dict[str, Any]]


def apply(case: Case, ruling: Ruling, by: Member, *, ends: datetime | None) -> Change:
    """Do what the measure says; against an account until `ends`. Answers what stood before and after, for the undo."""
    post = case.subject.post if case.subject else None
    member = case.subject.member if case.subject else None
    measure = ruling.measure
    if post is not None and measure in {M.HIDE, M.REMOVE}:
        hide_post(post, rule=ruling.rule, note=_note(ruling), sealed=measure == M.REMOVE)
        return {"state": Post.State.PUBLISHED}, {"state": Post.State.REMOVED}
    if post is not None and measure == M.EDIT:
        before = {"body": post.body, "version": post.version}
        changed = revise_post(post, by=by, body=ruling.body, version=ruling.version, reason=_note(ruling))
        return before, {"version": changed.version}
    if measure in {M.MOVE, M.CLOSE, M.SLOW} or (measure == M.REMOVE and post is None):
        return {}, _to_topic(_topic_of(case), ruling, by)
    if measure in {M.HOLD, M.SUSPEND, M.EXCLUDE}:
        return to_account(measure, _person(case), ends)
    if measure == M.SWEEP:
        return _sweep(_person(case), ruling, ends)
    if measure == M.BLOCK:
        block = block_signups(ruling.block_kind, ruling.block_value, until=_end(ruling))
        if case.kind == Case.Kind.SIGNUP and member is not None:
            decline(member)
        return {}, {"block": block.pk, "kind": block.kind, "value": block.value}
    was = {"joined_at": member.joined_at.isoformat()} if measure == M.ADMIT and member is not None else {}
    _to_waiting(case, ruling, by)
    return was, {}


def _to_waiting(case: Case, ruling: Ruling, by: Member) -> None:
    """Measures about what waits: a held post, somebody who asks to join, a claim."""
    post = case.subject.post if case.subject else None
    member = case.subject.member if case.subject else None
    if ruling.measure == M.APPROVE and post is not None:
        release_held_post(post)
        for domain in ruling.allow_domains:
            AllowedDomain.objects.get_or_create(domain=domain, defaults={"added_by": by})
    elif ruling.measure == M.REFUSE and post is not None:
        refuse_held_post(post)
    elif ruling.measure == M.ADMIT and member is not None:
        admit(member)
    elif ruling.measure == M.DECLINE and member is not None:
        decline(member)
    elif ruling.measure == M.HAND_OVER and case.claim is not None:
        confirm_claim(case.claim)
    elif ruling.measure == M.NOT_OVER and case.claim is not None:
        decline_claim(case.claim)


def _note(ruling: Ruling) -> str:
    return ruling.facts[:REASON_MAX_LENGTH]


def _end(ruling: Ruling) -> datetime:
    if ruling.until is None:
        raise Refused(_("Say until when."))
    return ruling.until


def _person(case: Case) -> Member:
    person: Member | None = case.subject.accountable if case.subject is not None else None
    if person is None:
        raise Refused(_("This measure does not fit this case."))
    return person


def _topic_of(case: Case) -> Topic:
    subject = case.subject
    topic = None if subject is None else subject.topic if subject.topic is not None else subject.post.topic  # type: ignore[union-attr]
    if topic is None:
        raise Refused(_("This measure does not fit this case."))
    return topic


def _public_reason(ruling: Ruling) -> str:
    """What the topic's quiet line says to everybody: the rule, and the facts."""
    if ruling.rule is None:
        return _note(ruling)
    said = _("Rule “%(rule)s”. %(facts)s") % {"rule": ruling.rule.title, "facts": ruling.facts}
    return said[:REASON_MAX_LENGTH]


def _to_topic(topic: Topic, ruling: Ruling, by: Member) -> dict[str, Any]:
    """What the undo needs: each line that was written in the topic, the first first, and the post that was hidden."""
    reason = _public_reason(ruling)
    if ruling.measure == M.MOVE and ruling.into is not None:
        why = reason or ruling.message[:REASON_MAX_LENGTH]
        return {"events": [move_topic(topic, by=by, into=ruling.into, reason=why).pk]}
    if ruling.measure == M.SLOW:
        return {"events": [slow_topic(topic, by=by, seconds=ruling.pause, until=_end(ruling), reason=reason).pk]}
    if ruling.measure == M.CLOSE:
        return {"events": [close_topic(topic, by=by, reason=reason, until=ruling.until).pk]}
    events, hidden = [], []
    if topic.closed_at is None:
        events.append(close_topic(topic, by=by, reason=reason).pk)
    if topic.unlisted_at is None:
        events.append(unlist_topic(topic, by=by, reason=reason).pk)
    first = topic.posts.filter(position=1).first()
    if first is not None and first.state == Post.State.PUBLISHED:
        hidden.append(hide_post(first, rule=ruling.rule, note=_note(ruling), sealed=True).pk)
    if not events and not hidden:
        raise Refused(_("This topic is removed already."))
    return {"events": events, "hidden": hidden}


def to_account(measure: str, person: Member, ends: datetime | None) -> Change:
    """Restrict an account until a moment (an exclusion: for good, where there is none)."""
    if measure == M.HOLD and ends is not None:
        return hold_posts_of(person, until=ends)
    if measure == M.SUSPEND and ends is not None:
        return suspend(person, until=ends)
    if measure in {M.EXCLUDE, M.SWEEP}:
        return exclude(person, until=ends)
    return {}, {}


def _sweep(person: Member, ruling: Ruling, ends: datetime | None) -> Change:
    """All that a spammer wrote in the forums goes, published or waiting, and the account is excluded. Raises Refused
    for somebody with more posts than a spammer has."""
    before, after = exclude(person, until=ends)
    posts = Post.objects.filter(author=person, topic__is_conversation=False).select_related("topic")
    posts = posts.filter(state__in=[Post.State.PUBLISHED, Post.State.HELD]).order_by("topic_id", "pk")
    found = list(posts[: SWEPT_POSTS + 1])
    if len(found) > SWEPT_POSTS:
        raise Refused(_("This account has written so much that it cannot be taken for a spammer’s in one go."))
    hidden, refused = [], []
    for post in found:
        if post.is_held:
            refused.append(refuse_held_post(post).pk)
        else:
            hidden.append(hide_post(post, rule=ruling.rule, note=_note(ruling), sealed=True).pk)
    return before, {**after, "hidden": hidden, "refused": refused}


def others_of(person: Member, but: Case) -> list[Case]:
    """The other open cases about what somebody wrote or about them, locked, by id: a sweep answers them too."""
    about = Case.objects.open().filter(kind__in=[Case.Kind.REPORT, Case.Kind.HELD]).exclude(pk=but.pk)
    mine = Subject.objects.filter(post__author=person) | Subject.objects.filter(topic__author=person)
    mine |= Subject.objects.filter(member=person)
    return list(about.filter(subject__in=mine).select_for_update(of=("self",)).select_related("subject").order_by("pk"))


def restore(decision: Decision, by: Member) -> None:
    """Put back what the measure changed. Raises Refused, naming it, where that has changed since."""
    post = decision.subject.post if decision.subject else None
    member = decision.subject.member if decision.subject else None
    measure = decision.measure
    if post is not None and measure in {M.HIDE, M.REMOVE}:
        show_post_again(post)
    elif post is not None and measure == M.EDIT:
        said = _("The edit by the moderation was undone.")
        revise_post(post, by=by, body=decision.before["body"], version=decision.after["version"], reason=said)
    elif post is not None and measure == M.REFUSE:
        hold_again(post)
    elif "events" in decision.after:
        _topic_again(decision, by)
    elif measure in {M.HOLD, M.SUSPEND, M.EXCLUDE, M.SWEEP} and decision.concerned is not None:
        _account_again(decision)
    elif measure == M.BLOCK:
        lift_block(decision.after["block"])
        if member is not None and decision.case is not None and decision.case.kind == Case.Kind.SIGNUP:
            put_back_to_waiting(member, was=Member.State.DECLINED)
    elif measure == M.ADMIT and member is not None:
        joined = parse_datetime(decision.before.get("joined_at", ""))
        put_back_to_waiting(member, was=Member.State.ACTIVE, joined_at=joined)
    elif measure == M.DECLINE and member is not None:
        put_back_to_waiting(member, was=Member.State.DECLINED)
    elif measure == M.NOT_OVER and decision.case is not None and decision.case.claim is not None:
        put_claim_back(decision.case.claim)


def _topic_again(decision: Decision, by: Member) -> None:
    events = {event.pk: event for event in TopicEvent.objects.filter(pk__in=decision.after["events"])}
    for post in Post.objects.filter(pk__in=decision.after.get("hidden", ())).select_related("topic"):
        show_post_again(post)
    for event in reversed(decision.after["events"]):
        undo_care(events[event], by=by)


def _account_again(decision: Decision) -> None:
    """The account as it was; what a second person made of the measure is put back with it."""
    person = decision.concerned
    if person is None:
        return
    columns = ("held_until", "suspended_until", "excluded_until", "state")
    after = {name: value for name, value in decision.after.items() if name in columns}
    second = Decision.objects.filter(case__confirmation__decision=decision, measure=M.CONFIRM).first()
    if second is not None and second.after:
        after = second.after
    put_standing_back(person, decision.before, after)
    posts = Post.objects.select_related("topic").order_by("topic_id", "pk")
    swept = {*decision.after.get("hidden", ()), *decision.after.get("refused", ())}
    for post in posts.filter(pk__in=swept):
        if post.is_removed:
            show_post_again(post)
        else:
            hold_again(post)
