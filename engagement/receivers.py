"""What engagement hears from the floors below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from engagement.actions import calls, departures, letters, news, prompts
from forums.models import Bookmark, ForumGuest, Post, Seat, Topic, TopicEvent
from forums.signals import guest_invited, post_published, reminder_due, seat_given, topic_changed, topic_read
from members.former import Former
from members.models import Member, TrustChange
from members.signals import member_joined, member_leaving, member_left, team_letter_written, trust_changed
from moderation.models import AutomaticRule, Decision, Notice, Opinion, Summons, TeamLetter
from moderation.signals import (
    colleague_called,
    decision_made,
    letter_opened,
    notice_given,
    opinion_asked,
    rule_overturned,
)


@receiver(post_published)
def owe_news(sender: Any, *, post: Post, **kwargs: Any) -> None:
    news.owe_news_of(post)
    prompts.cancel_about(post)


@receiver(topic_read)
def notifications_were_read(sender: Any, *, topic: Topic, member: Member, place: int, **kwargs: Any) -> None:
    news.mark_told(member, topic=topic, place=place)


@receiver(topic_changed)
def owe_news_of_event(sender: Any, *, event: TopicEvent, **kwargs: Any) -> None:
    news.owe_news_of_event(event)


@receiver(guest_invited)
def tell_guest(sender: Any, *, guest: ForumGuest, **kwargs: Any) -> None:
    news.tell_guest(guest)


@receiver(seat_given)
def tell_seat(sender: Any, *, seat: Seat, **kwargs: Any) -> None:
    news.tell_seat(seat)


@receiver(reminder_due)
def remind_member(sender: Any, *, bookmark: Bookmark, **kwargs: Any) -> None:
    news.remind_of(bookmark)


@receiver(member_joined)
def welcome_member(sender: Any, *, member: Member, **kwargs: Any) -> None:
    prompts.welcome(member)


@receiver(decision_made)
def tell_person_concerned(sender: Any, *, decision: Decision, **kwargs: Any) -> None:
    news.tell_decision(decision)
    letters.answer_by_mail(decision)
    letters.answer_notices(decision)
    news.tell_reporters(decision)


@receiver(colleague_called)
def tell_colleague(sender: Any, *, summons: Summons, **kwargs: Any) -> None:
    calls.tell_call(summons)


@receiver(opinion_asked)
def tell_of_question(sender: Any, *, opinion: Opinion, **kwargs: Any) -> None:
    calls.tell_of_question(opinion)


@receiver(notice_given)
def acknowledge_notice(sender: Any, *, notice: Notice, **kwargs: Any) -> None:
    letters.acknowledge(notice)


@receiver(letter_opened)
def acknowledge_letter(sender: Any, *, letter: TeamLetter, **kwargs: Any) -> None:
    letters.acknowledge_letter(letter)


@receiver(rule_overturned)
def tell_of_rule(sender: Any, *, rule: AutomaticRule, **kwargs: Any) -> None:
    letters.tell_of_rule(rule)


@receiver(team_letter_written)
def forward_to_team(sender: Any, *, name: str, email: str, body: str, **kwargs: Any) -> None:
    letters.forward_to_team(name=name, email=email, body=body)


@receiver(trust_changed)
def tell_of_trust(sender: Any, *, change: TrustChange, **kwargs: Any) -> None:
    news.tell_trust(change)


@receiver(member_leaving)
def confirm_by_mail(sender: Any, *, member: Member, **kwargs: Any) -> None:
    departures.confirm_leaving(member)


@receiver(member_left)
def forget_member(sender: Any, *, member: Member, former: Former, **kwargs: Any) -> None:
    departures.forget(member, former)
