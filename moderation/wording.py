"""How moderation words itself: why something is held, drafts that a moderator edits, the statement of reasons."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from moderation.automatic.codes import HELD_BY_DECISION, HELD_BY_RULE, HELD_FOR_LINK
from moderation.models import AutomaticRule, Case, Decision, RuleTrial
from toolkit.bilingual import active_language

M = Decision.Measure


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
    return _("a check could not be made")


def drafts_for(case: Case) -> dict[str, str]:
    """For each measure that speaks to somebody, a draft in that person's language, to be edited and signed."""
    person = case.subject.accountable if case.subject else None
    language = person.language if person is not None else "fr"
    name = person.shown_name if person is not None else ""
    if case.kind == Case.Kind.LETTER:
        language, name = case.letter.language, case.letter.name
    with override(language):
        said = {"name": name, "title": _title(case), "claimed": _claimed(case)}
        return {
            M.THANK: _("Hello %(name)s, thank you for this post: that is the spirit of this place.") % said,
            M.WORD: _("Hello %(name)s, a word about your post in “%(title)s”: ") % said,
            M.WARN: _(
                "Hello %(name)s, I am writing about your post in “%(title)s”. It breaks a rule of this place; please "
                "keep to it from here on. You can answer me, or contest this decision."
            )
            % said,
            M.HIDE: _(
                "Hello %(name)s, I have hidden your post in “%(title)s”, because it breaks a rule of this place. You "
                "can write it anew without what I point out, or contest this decision."
            )
            % said,
            M.EDIT: _("Hello %(name)s, I have edited your post in “%(title)s”; the history shows what changed.") % said,
            M.APPROVE: _("Welcome, %(name)s. Your post is published; thank you for waiting.") % said,
            M.REFUSE: _("Hello %(name)s, I have not published your post in “%(title)s”.") % said,
            M.ADMIT: _("Welcome, %(name)s. Glad to have you here.") % said,
            M.DECLINE: _("Hello %(name)s, I am not letting you in for now.") % said,
            M.ANSWER: _("Hello %(name)s, thank you for writing to us.") % said,
            M.MAINTAIN: _("Hello %(name)s, I have read your appeal and the decision again; it stands.") % said,
            M.UNDO: _("Hello %(name)s, I have read your appeal; you are right, and the decision is undone.") % said,
            M.HAND_OVER: _("Hello %(name)s, what was written as “%(claimed)s” is yours: welcome home.") % said,
            M.NOT_OVER: _("Hello %(name)s, I could not make sure that you wrote as “%(claimed)s”.") % said,
        }


def _claimed(case: Case) -> str:
    return case.claim.placeholder.shown_name if case.claim is not None else ""


def _title(case: Case) -> str:
    post = case.subject.post if case.subject else None
    topic = post.topic if post is not None else case.subject.topic if case.subject else None
    return topic.public_title if topic is not None else ""


def outcome_for_sender(decision: Decision) -> str:
    """What became of something, for whoever reported it or gave notice: what was done, not to whom."""
    if decision.subject is None:
        return _("Nothing was done.")
    post = decision.subject.post
    said = {
        M.HIDE: _("It was hidden."),
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
        actor = decision.actor
        points = [(_("Measure"), str(decision.get_measure_display()))]
        if decision.measure in Decision.RESTRICTING:
            points.append((_("For how long"), _duration(decision)))
            if text is not None and text.facts:
                points.append((_("Facts"), text.facts))
            points.append((_("Where it came from"), str(decision.get_origin_display())))
            points.append((_("Automatic means"), _automation(decision)))
            if decision.rule is not None:
                ground = _("Rule “%(rule)s” of this community: %(text)s") % {
                    "rule": decision.rule.title,
                    "text": decision.rule.text,
                }
                points.append((_("Ground"), ground))
            if decision.ground:
                points.append((_("Ground of law"), str(decision.get_ground_display())))
            if text is not None and text.why:
                points.append((_("Why"), text.why))
            points.append(
                (
                    _("What you can do"),
                    _("Contest this decision here, free of charge, for six months; or go to court."),
                )
            )
        points.append((_("Date"), date_format(localtime(decision.made_at), "DATETIME_FORMAT")))
        return Statement(
            message=text.message if text is not None else "",
            signature=_("%(name)s, for the moderation") % {"name": actor.shown_name},
            points=points,
        )


def _duration(decision: Decision) -> str:
    if decision.measure in {M.HIDE, M.REFUSE, M.DECLINE}:
        return _("without an end, unless it is undone")
    return pgettext("duration of a measure", "once")


def _automation(decision: Decision) -> str:
    if decision.was_detected_automatically:
        return _("An automatic rule held the post; a person took the decision.")
    return _("None: a person noticed and a person decided.")


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
