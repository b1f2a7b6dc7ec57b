"""Automatic rules: set, tried, switched on and off; what they met, and what moderators made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from forums.gatekeepers import Level, Remark
from forums.models import Post, PostRevision
from members.models import Member, TrustChange
from moderation.automatic.conditions import met
from moderation.automatic.facts import Facts
from moderation.automatic.sketches import sketch_of
from moderation.limits import (
    REMOVED_SKETCH_DAYS,
    REPEATED_DAYS,
    SKETCH_DAYS,
    TRIAL_BATCH,
    TRIAL_EXAMPLES,
)
from moderation.models import CONDITIONS, AutomaticRule, Case, Decision, PostSketch, RuleHit, RuleTrial
from moderation.models.automation import is_too_often_overturned
from moderation.policies import may_set_rules, may_switch_on
from moderation.signals import rule_overturned
from toolkit import clock
from toolkit.ring import ring
from toolkit.verdicts import insist

Off = AutomaticRule.Off
Outcome = RuleHit.Outcome
GONE = (Post.State.REMOVED, Post.State.REFUSED)


def _locked(rule: AutomaticRule) -> AutomaticRule:
    return AutomaticRule.objects.select_for_update(of=("self",), no_key=True).select_related("owner").get(pk=rule.pk)


def _put_off(rule: AutomaticRule, why: str) -> None:
    rule.is_on, rule.on_since, rule.trial = False, None, None
    rule.switched_off_at, rule.switched_off_because = clock.now(), why


@transaction.atomic
def keep_rule(rule: AutomaticRule, *, by: Member) -> AutomaticRule:
    """Store a rule as it was filled in. A new one is off, and its owner, where none is named, is `by`. One that is on
    and has other conditions now is switched off: it needs a trial of those.

    Raises Refused if `by` may not set rules.
    """
    insist(may_set_rules(by))
    rule.edited_at = clock.now()
    if rule.pk is None:
        rule.owner = rule.owner or by
    else:
        stands = _locked(rule)
        for name in ("is_on", "on_since", "trial_id", "shipped_as", "switched_off_at", "switched_off_because"):
            setattr(rule, name, getattr(stands, name))
        if rule.is_on and any(getattr(rule, name) != getattr(stands, name) for name in CONDITIONS):
            _put_off(rule, Off.EDITED)
    rule.save()
    return rule


@transaction.atomic
def try_rule(rule: AutomaticRule, *, days: int, by: Member) -> RuleTrial:
    """Have a job find out what a rule would have met in the last 30 or 90 days. One of the same conditions and days
    that has not finished is given again.

    Raises Refused if `by` may not set rules.
    """
    insist(may_set_rules(by))
    rule = _locked(rule)
    trial, _fresh = RuleTrial.objects.get_or_create(
        rule=rule,
        fingerprint=rule.fingerprint,
        days=days,
        finished_at=None,
        defaults={"asked_by": by, "asked_at": clock.now()},
    )
    ring("moderation.run_trials")
    return trial


@transaction.atomic
def switch_on(rule: AutomaticRule, *, by: Member) -> AutomaticRule:
    """Have a rule act from now on; what it met before no longer counts for it. Safe to call again.

    Raises Refused if `by` may not set rules, or no finished trial of exactly its present conditions exists (after it
    was switched off by itself: one asked for since).
    """
    insist(may_set_rules(by))
    rule = _locked(rule)
    if rule.is_on:
        return rule
    trials = rule.trials.filter(proven=rule.fingerprint).order_by("-pk")
    if rule.switched_off_because == Off.OVERTURNED:
        trials = trials.filter(asked_at__gt=rule.switched_off_at)
    trial = trials.first()
    insist(may_switch_on(by, rule, trial))
    rule.is_on, rule.on_since, rule.trial = True, clock.now(), trial
    rule.switched_off_at, rule.switched_off_because = None, ""
    rule.save()
    return rule


@transaction.atomic
def switch_off(rule: AutomaticRule, *, by: Member) -> AutomaticRule:
    """Stop a rule; what it holds stays held. Safe to call again. Raises Refused if `by` may not set rules."""
    insist(may_set_rules(by))
    rule = _locked(rule)
    if rule.is_on:
        _put_off(rule, Off.PERSON)
        rule.save()
    return rule


def note_hits(remarks: Sequence[Remark], *, author: Member, key: UUID, post: Post | None) -> None:
    """Write down which rules were met, once for each composer; a post that is sent after its author was shown a hint is
    put into the same row. Called in the transaction that wrote the post. Two queries at most."""
    sources = [remark for remark in remarks if remark.source]
    is_held = post is not None and any(remark.level == Level.HOLD for remark in sources)
    case = Case.objects.open().filter(subject__post=post, kind=Case.Kind.HELD).first() if is_held else None
    hits = [
        RuleHit(
            rule_id=remark.source,
            author=author,
            key=key,
            post=post,
            case=case if remark.level == Level.HOLD else None,
            level=remark.level,
            matched=remark.matched,
            created_at=clock.now(),
        )
        for remark in sources
    ]
    if post is None:
        RuleHit.objects.bulk_create(hits, ignore_conflicts=True)
    elif hits:
        RuleHit.objects.bulk_create(
            hits,
            update_conflicts=True,
            unique_fields=["rule", "author", "key"],
            update_fields=["post", "case", "level", "matched", "created_at"],
        )


def weigh_decision(decision: Decision) -> list[AutomaticRule]:
    """What a decision on a held post says of the rules that held it: published, they were wrong; refused, right; an
    undone refusal, wrong. Rules that were wrong too often are switched off at once, in the decision's transaction, and
    `rule_overturned` is announced. Answers those.
    """
    weighed = decision.undoes if decision.undoes is not None else decision
    if weighed.measure not in {Decision.Measure.APPROVE, Decision.Measure.REFUSE} or weighed.case_id is None:
        return []
    stands = decision.measure == Decision.Measure.REFUSE
    hits = RuleHit.objects.filter(case=weighed.case_id, level=Level.HOLD)
    hits.update(outcome=Outcome.STANDS if stands else Outcome.OVERTURNED)
    if stands:
        return []
    return [rule for rule in _locked_of(set(hits.values_list("rule", flat=True))) if _put_off_if_overturned(rule)]


def _locked_of(ids: Iterable[int]) -> list[AutomaticRule]:
    locking = AutomaticRule.objects.on().select_for_update(of=("self",), no_key=True)
    return list(locking.filter(pk__in=ids).order_by("pk"))


def _put_off_if_overturned(rule: AutomaticRule) -> bool:
    said = vars(AutomaticRule.objects.counted().get(pk=rule.pk))
    if not is_too_often_overturned(decided=said["decided_count"], overturned=said["overturned_count"]):
        return False
    _put_off(rule, Off.OVERTURNED)
    rule.save()
    rule_overturned.send(sender=AutomaticRule, rule=rule)
    return True


def keep_sketch(post: Post) -> None:
    """Make a post of a forum comparable. Called when it is written; safe to call again. One query at most."""
    if post.topic.forum_id is None:
        return
    numbers = sketch_of(post.body)
    if numbers:
        sketch = PostSketch(post=post, numbers=numbers, created_at=post.created_at)
        PostSketch.objects.bulk_create([sketch], ignore_conflicts=True)


def mark_removed(decision: Decision) -> None:
    """Moderators hid or refused a post, or took that back: what is like it is known from now on, or no longer."""
    weighed = decision.undoes if decision.undoes is not None else decision
    post = weighed.subject.post if weighed.subject is not None else None
    if post is None or weighed.measure not in {Decision.Measure.HIDE, Decision.Measure.REFUSE}:
        return
    numbers = sketch_of(post.body) if post.topic.forum_id is not None else []
    if numbers:
        removed_at = decision.made_at if decision.undoes is None else None
        said = {"numbers": numbers, "created_at": post.created_at, "removed_at": removed_at}
        PostSketch.objects.update_or_create(post=post, defaults=said)


def tidy_sketches() -> int:
    """Forget sketches of posts that are no longer compared with. Answers how many."""
    now = clock.now()
    recent = Q(removed_at=None, created_at__lt=now - timedelta(days=SKETCH_DAYS))
    gone, _all = PostSketch.objects.filter(
        recent | Q(removed_at__lt=now - timedelta(days=REMOVED_SKETCH_DAYS))
    ).delete()
    return gone


def run_trial_batch() -> bool:
    """Go on with the trial that waits longest: read up to 300 more posts. Each batch is committed with how far it came,
    so that a killed worker costs one batch; two workers take different trials. Answers False when none waits.

    A trial whose rule was given other conditions meanwhile is given up.
    """
    with transaction.atomic():
        trial = (
            RuleTrial.objects.filter(finished_at=None)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("rule")
            .order_by("asked_at", "pk")
            .first()
        )
        if trial is None:
            return False
        if trial.rule.fingerprint != trial.fingerprint:
            trial.delete()
            return True
        trial.started_at = trial.started_at or clock.now()
        if trial.rule.repeated_times is not None and _sketch_more(trial):
            trial.save()
            return True
        if not _read_more(trial):
            trial.finished_at = clock.now()
        trial.save()
    return True


def _sketch_more(trial: RuleTrial) -> bool:
    """Make posts comparable that were written before Commune did so: those of the window and of the week before."""
    since = trial.asked_at - timedelta(days=trial.days + REPEATED_DAYS)
    posts = Post.objects.filter(pk__gt=trial.sketched_to, created_at__range=(since, trial.asked_at))
    posts = posts.filter(topic__is_conversation=False).order_by("pk")
    batch = list(posts.only("body", "created_at", "version")[:TRIAL_BATCH])
    if not batch:
        return False
    first = _first_words(batch)
    made = [
        PostSketch(post=post, numbers=numbers, created_at=post.created_at)
        for post in batch
        if (numbers := sketch_of(first[post.pk]))
    ]
    PostSketch.objects.bulk_create(made, ignore_conflicts=True)
    trial.sketched_to = batch[-1].pk
    return True


def _read_more(trial: RuleTrial) -> bool:
    """Judge the next posts of the window as they were first written, by what was so then."""
    since = trial.asked_at - timedelta(days=trial.days)
    posts = Post.objects.filter(pk__gt=trial.read_to, created_at__range=(since, trial.asked_at))
    posts = posts.filter(topic__is_conversation=False).exclude(origin=Post.Origin.IMPORT).order_by("pk")
    batch = list(posts.select_related("author", "topic")[:TRIAL_BATCH])
    if not batch:
        return False
    words, trusts = _first_words(batch), _TrustThen(batch)
    for post in batch:
        facts = Facts(
            post.author,
            words[post.pk],
            at=post.created_at,
            title=post.topic.title if post.opens_topic else "",
            trust=trusts.of(post),
            post=post,
        )
        facts.longest_rate = trial.rule.rate_minutes or 0
        if met(trial.rule, facts) is not None:
            trial.met += 1
            trial.kept += post.state == Post.State.PUBLISHED
            trial.removed += post.state in GONE
            if len(trial.examples) < TRIAL_EXAMPLES:
                trial.examples.append(post.pk)
    trial.read += len(batch)
    trial.read_to = batch[-1].pk
    return True


def _first_words(posts: Sequence[Post]) -> dict[int, str]:
    """What these posts said when they were sent. One query."""
    changed = [post.pk for post in posts if post.version > 1]
    older = PostRevision.objects.filter(post__in=changed).order_by("post", "version").distinct("post")
    return {post.pk: post.body for post in posts} | dict(older.values_list("post", "body"))


class _TrustThen:
    """The trust that authors had when they wrote. One query."""

    def __init__(self, posts: Sequence[Post]) -> None:
        self.changes: dict[int, list[TrustChange]] = {}
        for change in TrustChange.objects.filter(member__in={post.author_id for post in posts}).order_by("created_at"):
            self.changes.setdefault(change.member_id, []).append(change)

    def of(self, post: Post) -> str:
        later = (one for one in self.changes.get(post.author_id, []) if one.created_at > post.created_at)
        change = next(later, None)
        return change.before if change is not None else post.author.trust
