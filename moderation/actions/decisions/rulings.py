"""What a moderator fills in, and whether it is complete and still about what they saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forums.models import Forum, Post, Rule
from moderation.measures import ENDS, SPEAKS_OF_ITSELF
from moderation.models import Case, Decision, LetterMessage, MeasureSetting
from moderation.policies import M
from toolkit import clock
from toolkit.text import is_blank
from toolkit.verdicts import Refused

DAY = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a moderator fills in: the measure and everything that the statement of reasons is made from.

    `also` is a measure against the author that goes with one about the words; `seen` is what the page showed
    (`seen_of`), empty where no page was shown.
    """

    measure: str
    rule: Rule | None = None
    ground: str = ""
    why: str = ""
    facts: str = ""
    message: str = ""
    to_sender: str = ""
    note: str = ""
    body: str = ""
    version: int = 0
    allow_domains: list[str] = field(default_factory=list)
    until: datetime | None = None
    into: Forum | None = None
    pause: int = 0  # seconds between two posts of one person
    block_kind: str = ""
    block_value: str = ""
    also: str = ""
    also_until: datetime | None = None
    seen: str = ""


def insist_on_reasons(ruling: Ruling) -> None:
    """Raises Refused where the law, or the measure, asks for something that is not there."""
    measure = ruling.measure
    if measure in Decision.REASONED and ruling.rule is None and not ruling.ground:
        raise Refused(_("Name the rule, or the ground of law."))
    if ruling.ground and measure in Decision.REASONED and is_blank(ruling.why):
        raise Refused(_("Say why the facts are against the law."))
    if measure in Decision.REASONED and is_blank(ruling.facts):
        raise Refused(_("State the facts: what was written or done."))
    if measure in SPEAKS_OF_ITSELF and is_blank(ruling.message):
        raise Refused(_("Write what you want to say."))
    if measure == M.MOVE and ruling.into is None:
        raise Refused(_("Say into which forum."))
    if measure == M.SLOW and ruling.pause <= 0:
        raise Refused(_("Say how long everyone waits between two posts."))
    if measure == M.BLOCK and not ruling.block_value:
        raise Refused(_("Say from where nobody shall sign up."))
    insist_on_length(measure, ruling.until)
    if ruling.also:
        insist_on_length(ruling.also, ruling.also_until)


def insist_on_length(measure: str, until: datetime | None) -> None:
    """Raises Refused where the measure needs an end and has none, ends in the past, or later than an admin allows. One
    query where it has an end."""
    if measure in ENDS and until is None:
        raise Refused(_("Say until when."))
    if until is None:
        return
    if until <= clock.now():
        raise Refused(_("That moment is over; say until when."))
    longest = MeasureSetting.objects.filter(measure=measure).values_list("at_most_days", flat=True).first()
    if longest is not None and (until - clock.now()).total_seconds() > (longest + 1) * DAY:
        said = ngettext("At most %(n)d day here.", "At most %(n)d days here.", longest)
        raise Refused(said % {"n": longest})


def seen_of(case: Case) -> str:
    """What a page about this case shows, in a line: what it said, its state, how many reported it, what was decided
    last. Four queries."""
    post = case.subject.post if case.subject is not None else None
    version, state = (0, "") if post is None else (post.version, post.state)
    if post is not None and post.topic.is_conversation:
        version = 0  # what is said there since was not reported
    last = 0
    if case.subject_id is not None:
        last = Decision.objects.filter(subject=case.subject_id).aggregate(last=Max("pk"))["last"] or 0
    voices = case.reports.count() + case.noticed.count()
    if case.kind == Case.Kind.LETTER:
        voices = LetterMessage.objects.filter(letter__case=case, author=None).count()
    return f"{version}:{state}:{voices}:{last}"


def changes_since(case: Case, seen: str) -> list[str]:
    """What happened since a page showed `seen`, in sentences; nothing: it stands as it was. The case is locked by the
    caller, its subject read anew."""
    now = seen_of(case)
    if not seen or now == seen or seen.count(":") != 3:
        return []
    (version, _state, voices, last), (version_now, state_now, voices_now, last_now) = seen.split(":"), now.split(":")
    said = []
    if last != last_now:
        made = Decision.objects.select_related("actor").get(pk=last_now)
        told = {"name": made.actor.shown_name, "measure": made.get_measure_display()}
        said.append(_("%(name)s has decided about it: %(measure)s.") % told)
    if version != version_now:
        said.append(_("Its author has edited it: it is at version %(n)s now.") % {"n": version_now})
    elif _state != state_now and last == last_now:
        said.append(_("It has changed: %(state)s.") % {"state": str(Post.State(state_now).label)})
    if voices != voices_now and case.kind == Case.Kind.LETTER:
        said.append(_("Whoever wrote the letter has written again."))
    elif voices != voices_now:
        said.append(_("Somebody else has reported it."))
    return said
