"""How moderation words itself: why something is held, drafts that a moderator edits, the statement of reasons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override, pgettext

from forums.models import Rule, Topic
from members.models import Community, Member
from moderation.automatic.codes import (
    HELD_BY_DECISION,
    HELD_BY_FORUM,
    HELD_BY_RULE,
    HELD_FOR_LINK,
    SUSPECT_DOMAIN,
    SUSPECT_WORDS,
)
from moderation.limits import REPORTS_THAT_HASTEN
from moderation.measures import SPEAKS_OF_ITSELF
from moderation.models import AutomaticRule, Case, Decision, DecisionText, Ground, RuleTrial, Subject
from toolkit.bilingual import active_language

M = Decision.Measure


def why_it_stands_here(case: Case) -> str:
    """Why a case of the queue stands where it does, in a sentence."""
    if case.band == Case.Band.DANGER:
        return _("up here: somebody says that it is illegal, or that there is danger")
    if case.band == Case.Band.PEOPLE:
        return _("here: a person waits for us")
    voices = vars(case).get("voices", 0)
    if voices >= REPORTS_THAT_HASTEN:
        return ngettext("up in its band: %(n)d person reports it", "up in its band: %(n)d people report it", voices) % {
            "n": voices
        }
    return _("here: by its age")


def why_held(detected: str) -> str:
    """The sentence for a hold's code."""
    code, _space, rest = detected.partition(" ")
    if code == HELD_FOR_LINK:
        return _("first post with a link: %(domains)s") % {"domains": rest}
    if code == HELD_BY_DECISION:
        return _("posts of this member are read first, by decision")
    if code == HELD_BY_RULE:
        _number, french, english, matched = (rest.split("\t") + [""] * 4)[:4]
        name = (french or english) if active_language() == "fr" else (english or french)
        return _("rule “%(name)s” (%(matched)s)") % {"name": name, "matched": matched}
    if code == HELD_BY_FORUM:
        return _("in this forum, posts are read first")
    if code == SUSPECT_DOMAIN:
        return _("signs up with an address of “%(domain)s”, as somebody who was excluded or blocked") % {"domain": rest}
    if code == SUSPECT_WORDS:
        return _("gives a link instead of a name or an answer")
    return _("a check could not be made")


def drafts_for(case: Case, measures: Iterable[str]) -> dict[str, str]:
    """For each measure the draft as it would be sent, with … where the form has nothing yet."""
    return {measure: draft_for(case, measure, by=None, facts="…", ground_open=True) for measure in measures}


def language_of(case: Case) -> str:
    """The language of whoever a decision in this case speaks to."""
    if case.kind == Case.Kind.LETTER:
        return case.letter.language
    if case.kind == Case.Kind.APPEAL and case.appeal.notice is not None:
        return case.appeal.notice.language
    person = case.subject.accountable if case.subject else None
    return person.language if person is not None else "fr"


def why_by_rule(case: Case, rule: Rule) -> str:
    """Why the facts are against a rule, where whoever decides leaves it to the rule's own words."""
    with override(language_of(case)):
        if not rule.text:
            said = _("What is stated under “Facts” is what the rule “%(rule)s” of this community excludes.")
            return said % {"rule": rule.title}
        return _("The rule says: “%(text)s” What is stated under “Facts” is not compatible with it.") % {
            "text": rule.text
        }


def draft_for(
    case: Case,
    measure: str,
    *,
    by: Member | None,
    rule: Rule | None = None,
    ground: str = "",
    facts: str = "",
    until: datetime | None = None,
    ground_open: bool = False,
) -> str:
    """What is said to the person where whoever decides writes nothing: one plain paragraph in the first person and in
    their language (what, why, what they can do next). Empty for measures that a person words (`SPEAKS_OF_ITSELF`), and
    where there is nobody to speak to."""
    if measure in SPEAKS_OF_ITSELF or measure == M.KEEP:
        return ""
    person = case.subject.accountable if case.subject else None
    if person is None and case.kind != Case.Kind.APPEAL:
        return ""
    with override(language_of(case)):
        contested = case.kind == Case.Kind.APPEAL
        notice = case.appeal.notice if contested else None
        said = {
            "name": notice.name if notice is not None else person.shown_name if person is not None else "",
            "title": _title(case),
            "ground": _ground(rule, ground, is_open=ground_open),
            "facts": facts.strip(),
            "date": "…" if ground_open else date_format(localtime(until), "DATETIME_FORMAT") if until else "",
            "claimed": _claimed(case),
            "measure": str(case.confirmation.decision.get_measure_display()) if measure == M.CONFIRM else "",
        }
        return _drafted(measure, has_end=bool(said["date"])) % said


def _ground(rule: Rule | None, ground: str, *, is_open: bool) -> str:
    if rule is not None:
        return _("the rule “%(rule)s”") % {"rule": rule.title}
    if ground:
        return _("the law (%(ground)s)") % {"ground": str(Ground(ground).label)}
    return _("the rule “…”") if is_open else ""


def _drafted(measure: str, *, has_end: bool) -> str:
    """The template of a measure's draft. Each sentence is one, with its fields."""
    if measure == M.CLOSE and has_end:
        return _(
            "Hello %(name)s, I have closed the topic “%(title)s” until %(date)s. The reason is %(ground)s. %(facts)s "
            "You can contest this decision."
        )
    return {
        M.THANK: _("Hello %(name)s, thank you for this post: that is the spirit of this place."),
        M.MOVE: _("Hello %(name)s, I have moved the topic “%(title)s” to where it will be read best."),
        M.WARN: _(
            "Hello %(name)s, this is a warning. The reason is %(ground)s. %(facts)s Nothing of yours was changed. If "
            "it happens again, the next step is that your posts are read first for a while. You can contest this "
            "decision."
        ),
        M.HIDE: _(
            "Hello %(name)s, I have hidden your post in “%(title)s”. The reason is %(ground)s. %(facts)s You still "
            "read it, can write it anew without that, or contest this decision."
        ),
        M.REMOVE: _(
            "Hello %(name)s, I have removed what you wrote in “%(title)s”. The reason is %(ground)s. %(facts)s You can "
            "contest this decision."
        ),
        M.EDIT: _(
            "Hello %(name)s, I have edited your post in “%(title)s”. The reason is %(ground)s. %(facts)s The history "
            "shows what changed, and you can contest this decision."
        ),
        M.CLOSE: _(
            "Hello %(name)s, I have closed the topic “%(title)s”. The reason is %(ground)s. %(facts)s You can contest "
            "this decision."
        ),
        M.SLOW: _(
            "Hello %(name)s, I have slowed the topic “%(title)s” down until %(date)s. The reason is %(ground)s. "
            "%(facts)s You can contest this decision."
        ),
        M.HOLD: _(
            "Hello %(name)s, until %(date)s somebody of the team reads what you write before others see it. The reason "
            "is %(ground)s. %(facts)s The next step would be a suspension. You can contest this decision."
        ),
        M.SUSPEND: _(
            "Hello %(name)s, I have suspended you until %(date)s: until then you read and contest "
            "decisions, but do not write. The reason is %(ground)s. %(facts)s It ends by itself. The next step would "
            "be exclusion. You can contest this decision."
        ),
        M.EXCLUDE: _(
            "Hello %(name)s, I have excluded you from this community. The reason is %(ground)s. %(facts)s You can "
            "contest this decision, by the link that comes with it, without signing in."
        ),
        M.SWEEP: _(
            "Hello %(name)s, I have removed your posts as advertising that nobody asked for, and closed your account. "
            "The reason is %(ground)s. %(facts)s You can contest this decision, by the link that comes with it."
        ),
        M.BLOCK: _(
            "Hello %(name)s, signing up from where you did is closed until %(date)s. The reason is %(ground)s. "
            "%(facts)s You can contest this decision, by the link that comes with it."
        ),
        M.APPROVE: _("Welcome, %(name)s. Your post is published; thank you for waiting."),
        M.REFUSE: _(
            "Hello %(name)s, I have not published your post in “%(title)s”. The reason is %(ground)s. %(facts)s You "
            "still read it, can write another, or contest this decision."
        ),
        M.ADMIT: _("Welcome, %(name)s. Glad to have you here."),
        M.CONFIRM: _(
            "Hello %(name)s, I am the second person who looked at the decision about you (%(measure)s). I have read it "
            "and confirm it: it stands as it was announced."
        ),
        M.UNDO: _("Hello %(name)s, I have read your appeal; you are right, and the decision is undone."),
        M.HAND_OVER: _("Hello %(name)s, what was written as “%(claimed)s” is yours: welcome home."),
    }.get(M(measure), "")


def _claimed(case: Case) -> str:
    return case.claim.placeholder.shown_name if case.claim is not None else ""


def _title(case: Case) -> str:
    topic = _topic_of(case.subject)
    return topic.public_title if topic is not None else ""


def _topic_of(subject: Subject | None) -> Topic | None:
    if subject is None:
        return None
    return subject.post.topic if subject.post is not None else subject.topic


def outcome_for_sender(decision: Decision) -> str:
    """What became of something, for whoever reported it or gave notice: what was done, not to whom."""
    if decision.subject is None:
        return _("Nothing was done.")
    post = decision.subject.post
    said = {
        M.HIDE: _("It was hidden."),
        M.REMOVE: _("It was removed."),
        M.SWEEP: _("It was removed, with all that its author wrote."),
        M.CLOSE: _("The topic was closed."),
        M.SLOW: _("The topic was slowed down."),
        M.MOVE: _("The topic was moved."),
        M.ASK_EDIT: _("Its author was asked to change it."),
        M.RETURN: _("Its author was asked to change it."),
        M.HOLD: _("A measure was taken about its author."),
        M.SUSPEND: _("A measure was taken about its author."),
        M.EXCLUDE: _("A measure was taken about its author."),
        M.EDIT: _("It was edited."),
        M.WARN: _("It stays; its author was warned."),
        M.UNDO: _("The decision before was undone."),
        M.MAINTAIN: _("The decision before was contested and stands."),
        M.REFUSE: _("It was not published."),
    }
    if post is not None and (decision.measure not in said or decision.measure == M.WARN):
        if post.is_removed:
            return _("It is hidden.")
        if post.is_withdrawn:
            return _("Its author has withdrawn it.")
    return said.get(M(decision.measure), _("It stays as it is."))


@dataclass(frozen=True, slots=True)
class Statement:
    """A decision as its addressee reads it: who says what, then the points that the law asks for
    (Regulation (EU) 2022/2065, Art. 17(3))."""

    message: str
    signature: str
    points: list[tuple[str, str]]


def statement_of(decision: Decision, *, language: str) -> Statement:
    """The statement of reasons, derived from the decision's rows, in the given language. No queries when the decision
    was loaded with its text, rule, actor, and subject."""
    with override(language):
        text = getattr(decision, "text", None)
        points = [(_("Measure"), str(decision.get_measure_display()))]
        if decision.is_restricting:
            points += [*_extent(decision), *_reasons(decision, text), (_("What you can do"), _redress(decision))]
        elif decision.measure == M.CONFIRM:
            points.append((_("For how long"), _duration(decision)))
        points.append((_("Date"), date_format(localtime(decision.made_at), "DATETIME_FORMAT")))
        return Statement(
            message=text.message if text is not None else "",
            signature=_("%(name)s, for the moderation") % {"name": decision.actor.shown_name},
            points=points,
        )


def _extent(decision: Decision) -> list[tuple[str, str]]:
    """Art. 17(3)(a): what it covers, where, how long, and what comes next."""
    points = [
        (_("What it covers"), _covers(decision)),
        (_("Where it holds"), _("In this community, wherever it is read from.")),
        (_("For how long"), _duration(decision)),
    ]
    if decision.measure in Decision.SANCTIONS:
        points.append((_("What comes next"), _next_step(decision)))
    return points


def _reasons(decision: Decision, text: DecisionText | None) -> list[tuple[str, str]]:
    """Art. 17(3)(b) to (e): facts, where they came from, automatic means, the ground and why."""
    points = [
        (_("Facts"), text.facts if text is not None else ""),
        (_("Where it came from"), str(decision.get_origin_display())),
        (_("Automatic means"), _automation(decision)),
    ]
    if decision.rule is not None:
        said = (
            _("Rule “%(rule)s” of this community: %(text)s")
            if decision.rule.text
            else _("Rule “%(rule)s” of this community")
        )
        points.append((_("Ground"), said % {"rule": decision.rule.title, "text": decision.rule.text}))
    if decision.ground:
        points.append((_("Ground of law"), str(decision.get_ground_display())))
    points.append((_("Why"), text.why if text is not None else ""))
    return [(name, value) for name, value in points if value]


def _covers(decision: Decision) -> str:
    """Which words, or what of the account. The title is the one its reader may know."""
    topic = _topic_of(decision.subject)
    said = {
        "title": topic.public_title if topic is not None else "",
        "n": len(decision.after.get("hidden", ())) + len(decision.after.get("refused", ())),
        "value": decision.after.get("value", ""),
    }
    of_topic = decision.subject is not None and decision.subject.topic is not None
    if decision.measure in {M.CLOSE, M.SLOW} or (decision.measure == M.REMOVE and of_topic):
        return _("The topic “%(title)s”.") % said
    if decision.measure in {M.EDIT, M.HIDE, M.REMOVE, M.RETURN, M.REFUSE}:
        return _("Your post in “%(title)s”.") % said
    if decision.measure == M.SWEEP:
        posts = ngettext("%(n)d post of yours, and your account.", "%(n)d posts of yours, and your account.", said["n"])
        return posts % said
    if decision.measure == M.BLOCK:
        return _("Signing up from “%(value)s”.") % said
    if decision.measure == M.DECLINE:
        return _("Your request to join.")
    if decision.measure == M.WARN:
        return _("Nothing of yours is changed or restricted by it.")
    if decision.measure == M.HOLD:
        return _("What you write: it is read by a person before others see it.")
    if decision.measure == M.SUSPEND:
        return _("Your account: you read, contest and leave, and do not write.")
    return _("Your account: you cannot sign in.")


def _next_step(decision: Decision) -> str:
    return {
        M.WARN: _("If it happens again: what you write is read first for a while."),
        M.HOLD: _("If it happens again: a suspension, with a date at which it ends."),
        M.SUSPEND: _("If it happens again: exclusion."),
        M.EXCLUDE: _("There is no further step."),
    }[M(decision.measure)]


def _redress(decision: Decision) -> str:
    """Art. 17(3)(f)."""
    if Community.current().has_settlement_bodies:
        return _(
            "Contest this decision here, free of charge, for six months; turn to a certified body for the settlement "
            "of disputes out of court; or go to court."
        )
    return _("Contest this decision here, free of charge, for six months; or go to court.")


def _duration(decision: Decision) -> str:
    said = {"date": date_format(localtime(decision.until), "DATETIME_FORMAT") if decision.until else ""}
    if decision.provisional_until is not None:
        said["first"] = date_format(localtime(decision.provisional_until), "DATETIME_FORMAT")
        if decision.until is not None:
            return _("Until %(date)s, if a second person confirms it; without that it ends on %(first)s.") % said
        return _("Without an end, if a second person confirms it; without that it ends on %(first)s.") % said
    if decision.until is not None:
        return _("Until %(date)s; it ends by itself.") % said
    if decision.measure == M.RETURN:
        return _("Until you have changed it and it was read again.")
    if decision.measure in {M.EDIT, M.WARN}:
        return pgettext("duration of a measure", "once")
    return _("without an end, unless it is undone")


def _automation(decision: Decision) -> str:
    if decision.was_detected_automatically:
        return _("An automatic rule held the post; a person took the decision.")
    return _("None: a person noticed and a person decided.")


def filled(words: str, case: Case, *, by: Member, rule: Rule | None, facts: str = "") -> str:
    """A reply template with its fields filled for a case; {facts} and {date} stay where nothing is known yet."""
    person = case.subject.accountable if case.subject else None
    known = {
        "name": case.letter.name if case.kind == Case.Kind.LETTER else person.shown_name if person is not None else "",
        "title": _title(case),
        "rule": str(rule.title) if rule is not None else "…",
        "facts": facts or "…",
        "date": "…",
        "host": by.shown_name,
    }
    for name, value in known.items():
        words = words.replace("{" + name + "}", value)
    return words


def in_words(wait: timedelta) -> str:
    """A waiting time, rounded up: "10 minutes", "3 hours", "2 days"."""
    minutes = max(1, -(-int(wait.total_seconds()) // 60))
    if minutes <= 90:
        tens = minutes if minutes < 10 else -(-minutes // 10) * 10
        return ngettext("%(n)d minute", "%(n)d minutes", tens) % {"n": tens}
    hours = -(-minutes // 60)
    if hours < 36:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = -(-hours // 24)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def told_of_trial(trial: RuleTrial) -> str:
    """What a trial found, in a sentence."""
    said = {"met": trial.met, "kept": trial.kept, "removed": trial.removed, "read": trial.read}
    if trial.started_at is None:
        return _("It waits for its turn.")
    if trial.finished_at is None:
        return _("It is being tried: %(read)d posts read so far, %(met)d met.") % said
    if trial.rule.level == AutomaticRule.Level.HOLD:
        return (
            _(
                "It would have held %(met)d of %(read)d posts; %(kept)d of these were kept, %(removed)d were hidden or "
                "refused."
            )
            % said
        )
    return (
        _(
            "It would have spoken to the authors of %(met)d of %(read)d posts; %(kept)d of these were kept, "
            "%(removed)d were hidden or refused."
        )
        % said
    )
