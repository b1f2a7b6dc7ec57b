"""What is read about automatic rules."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, F, Q

from forums.models import Post
from moderation.models import AutomaticRule, Case, RuleHit, RuleTrial

TRIALS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class RulePage:
    """What an admin decides by. `proof` is the finished trial of exactly the present conditions, if there is one."""

    rule: AutomaticRule
    trials: list[RuleTrial]
    proof: RuleTrial | None
    met: int  # by what was written, whatever became of it
    heeded: int  # drafts in which a hint was shown, and that were sent without what it was about
    confirmed: int
    decided: int  # holds, since it was switched on
    overturned: int


def rule_page(rule: AutomaticRule) -> RulePage:
    """Four queries."""
    counted = AutomaticRule.objects.counted().get(pk=rule.pk)
    trials = list(rule.trials.order_by("-pk")[:TRIALS_SHOWN])
    proofs = [trial for trial in trials if trial.proven == counted.fingerprint]
    sent = Q(post=None, author__posts__idempotency_key=F("key"))
    hits = RuleHit.objects.filter(rule=rule).aggregate(
        heeded=Count("pk", filter=sent, distinct=True),
        confirmed=Count("pk", filter=Q(level="confirm", post__isnull=False), distinct=True),
    )
    said = vars(counted)
    return RulePage(
        rule=counted,
        trials=trials,
        proof=proofs[0] if proofs else None,
        met=said["hit_count"],
        heeded=hits["heeded"],
        confirmed=hits["confirmed"],
        decided=said["decided_count"],
        overturned=said["overturned_count"],
    )


def trial_posts(trial: RuleTrial) -> list[Post]:
    """Examples of what a rule would have met, without what its author withdrew: nobody reads that. One query."""
    posts = Post.objects.filter(pk__in=trial.examples, topic__is_conversation=False)
    return list(posts.exclude(state=Post.State.WITHDRAWN).select_related("topic").order_by("pk"))


def hits_of_case(case: Case) -> list[RuleHit]:
    """The rules that held what a case is about. One query."""
    return list(RuleHit.objects.filter(case=case).select_related("rule__owner").order_by("pk"))
