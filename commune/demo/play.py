"""Plays the demo's script through the real actions, in the order in which it is said to have happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from commune.demo import PASSWORD
from commune.demo.drawings import drawing
from commune.demo.private import private_acts
from commune.demo.script import PostScript, TopicScript, age_of, table, topics
from commune.demo.signs import host_of, keep_one, poll_of, sign_acts
from commune.demo.stage import SOURCE, Act, Stage
from commune.demo.waiting import queue_acts
from engagement.actions.digests import period_due
from engagement.jobs import render_letter, send_envelopes, send_letters, spread_news
from engagement.models import DigestEdition, Letter, Notification, Prompt, PromptShowing
from forums.actions.attachments import upload_file
from forums.actions.care import accept_answer, close_topic, pin_topic, reopen_topic, set_status
from forums.actions.drafts import keep_draft
from forums.actions.posts import reply_to_topic
from forums.actions.scores import score_topics
from forums.actions.topics import start_topic
from forums.models import Access, Appointment, Forum, ImportedRecord, Post, ReadMark, Rule, Topic, TopicScore
from members.actions.joining import take_name
from members.models import Community, Group, GroupMembership, Member
from moderation.actions import cases, decisions
from moderation.models import Case, Decision
from toolkit import clock

SETTLED = timedelta(days=2)  # what is older was read by everybody


@transaction.atomic
def play() -> Stage:
    """Fill an empty Commune with the demo, all or nothing. Sets off what real writing sets off; mails nobody real."""
    stage = Stage(timezone.now())
    _community(stage)
    _members(stage)
    _forums(stage)
    acts = [act for script in topics() for act in [*_acts_of(stage, script), *sign_acts(stage, script)]]
    acts += [*queue_acts(stage), *private_acts(stage)]
    for moment, _order, act in sorted(acts, key=lambda act: act[:2]):
        with clock.at(moment):
            act()
    _settle(stage)
    for period in TopicScore.Period:
        score_topics(period)
    return stage


def _community(stage: Stage) -> None:
    said = table("forums")
    community = Community.current()
    for name, value in said["community"].items():
        setattr(community, name, value)
    community.is_set_up, community.demo_loaded_at = True, stage.now
    community.contact_email = "equipe@example.org"
    community.save()
    stage.rules = [Rule.objects.create(order=n, **rule) for n, rule in enumerate(said["rule"], start=1)]


def _members(stage: Stage) -> None:
    password = make_password(PASSWORD)
    for person in table("people")["member"]:
        state = person.get("state", Member.State.ACTIVE)
        real = state != Member.State.PLACEHOLDER
        member = Member(
            username=person["username"],
            name=person["name"],
            email=f"{person['username']}@example.org" if real else None,
            state=state,
            bio=person.get("bio", ""),
            language=person["language"],
            time_zone=person["time_zone"],
            trust=person.get("trust", "newcomer"),
            joined_at=stage.ago(timedelta(days=person["joined"])),
            application=person.get("answer", ""),
            wants_to_welcome=person.get("wants_to_welcome", False),
            digest=person.get("digest", "never"),
            source=SOURCE,
            password=password if real else "!",
        )
        if "admin" in person.get("roles", []):
            member.is_staff = member.is_superuser = True
        member.save()
        take_name(member)
        if real:
            EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
        stage.members[member.username] = member


def _forums(stage: Stage) -> None:
    invited = Group.objects.create(name_fr="Essai du prêt d’outils", name_en="Tool-library trial")
    for order, said in enumerate(table("forums")["forum"]):
        languages = said["languages"]
        forum = Forum.objects.create(
            slug=said["slug"],
            order=order,
            kind=said["kind"],
            colour=said["colour"],
            icon=said.get("icon", ""),
            default_intent=said.get("intent", "discussion"),
            languages=languages[0] if len(languages) == 1 else Forum.Languages.BOTH,
            sends_automatic=said.get("automatic", True),
            parent=stage.forums.get(said.get("parent", "")),
            created_at=stage.ago(timedelta(days=430)),
            **{name: said[name] for name in ("name_fr", "name_en", "purpose_fr", "purpose_en")},
        )
        stage.forums[forum.slug] = forum
        for number, rule in enumerate(said.get("rule", []), start=1):
            Rule.objects.create(forum=forum, order=number, **rule)
        _open_to(forum, said.get("access", "everyone"), invited)
    for person in table("people")["member"]:
        member = stage.members[person["username"]]
        for role in person.get("roles", []):
            name, _colon, slug = role.partition(":")
            if name in Appointment.Role.values:
                Appointment.objects.create(
                    member=member, role=name, forum=stage.forums.get(slug), since=member.joined_at
                )
    writers = {p.author for script in topics() if script.header["forum"] == "pret-outils" for p in script.posts}
    GroupMembership.objects.bulk_create(
        [GroupMembership(group=invited, member=stage.members[name]) for name in sorted(writers)]
    )


def _open_to(forum: Forum, access: str, invited: Group) -> None:
    level, audience = Access.Level, Access.Audience
    if access == "everyone":
        Access.objects.create(forum=forum, audience=audience.EVERYONE, level=level.READ)
        Access.objects.create(forum=forum, audience=audience.MEMBERS, level=level.START)
    elif access == "team":
        Access.objects.create(forum=forum, audience=audience.TEAM, level=level.START)
    else:
        Access.objects.create(forum=forum, audience=audience.GROUP, group=invited, level=level.START)


def _acts_of(stage: Stage, script: TopicScript) -> Iterable[Act]:
    """Everything that happens in one topic, with its moment."""
    stem, header = script.stem, script.header
    for number, post in enumerate(script.posts, start=1):
        yield stage.ago(post.age), number, partial(_write, stage, script, number, post)
        for flag in ("removed", "hidden"):
            if flag in post.flags:
                later = stage.ago(post.age) + timedelta(hours=2)
                yield later, 500, partial(_hide, stage, stem, number, post.flags[flag])
    if "accepted" in header:
        number = int(header["accepted"])
        moment = stage.ago(script.posts[number - 1].age) + timedelta(minutes=30)
        yield moment, 600, lambda: _accept(stage, stem, number)
    if "closed" in header:
        age, by, reason = header["closed"].split(" | ", 2)
        yield (
            stage.ago(age_of(age)),
            601,
            lambda: close_topic(stage.topics[stem], by=stage.members[by], reason=reason),
        )
    if "reopened" in header:
        age2, by2, reason2 = header["reopened"].split(" | ", 2)
        yield (
            stage.ago(age_of(age2)),
            602,
            lambda: reopen_topic(stage.topics[stem], by=stage.members[by2], reason=reason2),
        )
    if "idea" in header:
        moment = stage.ago(script.posts[-1].age) + timedelta(minutes=45)
        yield moment, 603, lambda: _set_status(stage, stem, *header["idea"].split(" | ", 1))
    if "pinned" in header:
        until = stage.now + timedelta(days=300)
        moment = stage.ago(script.posts[0].age)
        yield moment, 604, lambda: _pin(stage, stem, until)


def _write(stage: Stage, script: TopicScript, number: int, post: PostScript) -> None:
    author = stage.members[post.author]
    key, body = uuid5(NAMESPACE_URL, f"demo:{script.stem}:{number}"), _with_picture(author, post)
    origin = Post.Origin.PROMPT if "story" in post.flags else Post.Origin.MEMBER
    silent = author.state == Member.State.PLACEHOLDER
    if silent:  # words from before: their author did not write them here
        origin = Post.Origin.IMPORT
        Member.objects.filter(pk=author.pk).update(state=Member.State.ACTIVE)
    if number == 1:
        topic = start_topic(
            stage.forums[script.header["forum"]],
            by=author,
            title=script.header["title"],
            body=body,
            key=key,
            tags=[tag for tag in script.header.get("tags", "").split(", ") if tag],
            intent=script.header.get("intent", ""),
            lang=post.lang,
            origin=origin,
            poll=poll_of(stage, script),
            confirmed=None,
        )
        stage.topics[script.stem] = topic
        written = topic.posts.select_related("author", "topic").get()
    else:
        answered = stage.posts.get((script.stem, int(post.flags.get("reply", 0))))
        written = reply_to_topic(
            stage.topics[script.stem],
            by=author,
            body=body,
            key=key,
            lang=post.lang,
            reply_to=answered,
            origin=origin,
            confirmed=None,
        )
    if silent:
        Member.objects.filter(pk=author.pk).update(state=Member.State.PLACEHOLDER)
    stage.posts[script.stem, number] = written
    ImportedRecord.objects.create(source=SOURCE, external_id=f"{script.stem}:{number}", post=written)
    if written.is_held and "held" not in post.flags:
        _approve(stage, written)


def _with_picture(author: Member, post: PostScript) -> str:
    """The words of a post with its picture below, uploaded as its author would."""
    if "photo" not in post.flags:
        return post.body
    name, alt = post.flags["photo"].split(" | ", 1)
    picture = upload_file(by=author, file=ContentFile(drawing(name)), name=f"{name}.png", alt=alt)
    return f"{post.body}\n\n{picture.markdown}"


def _approve(stage: Stage, post: Post) -> None:
    """A newcomer's first post with a link, read by Tom within the hour."""
    with clock.at(post.created_at + timedelta(minutes=40)):
        case = Case.objects.open().get(subject__post=post, kind=Case.Kind.HELD)
        message = {
            "en": "Welcome! Links from new members are read by one of us first; yours is a good one. Thank you for "
            "waiting.",
            "fr": "Bienvenue\u202f! Les liens des nouvelles personnes sont d’abord lus par l’un de nous, "
            "et le vôtre est utile. Merci d’avoir patienté.",
        }[post.author.language]
        decisions.decide(case, decisions.Ruling(Decision.Measure.APPROVE, message=message), by=stage.members["tom"])


def _hide(stage: Stage, stem: str, number: int, said: str) -> None:
    rule, by, facts = said.split(" | ", 2)
    post, moderator = stage.posts[stem, number], stage.members[by]
    greeting = {
        "fr": "Bonjour {name}, j’ai caché votre message. {facts} Vous pouvez le récrire autrement, ou contester ma "
        "décision.",
        "en": "Hello {name}, I have hidden your post. {facts} You can write it another way, or contest my decision.",
    }[post.author.language]
    ruling = decisions.Ruling(
        Decision.Measure.HIDE,
        rule=stage.rules[int(rule) - 1],
        facts=facts,
        message=greeting.format(name=post.author.shown_name, facts=facts),
    )
    decisions.decide(cases.take_up(post, by=moderator), ruling, by=moderator)


def _accept(stage: Stage, stem: str, number: int) -> None:
    topic = stage.topics[stem]
    accept_answer(topic, stage.posts[stem, number], by=topic.author)


def _set_status(stage: Stage, stem: str, status: str, reason: str) -> None:
    set_status(stage.topics[stem], status, by=host_of(stage, stage.topics[stem]), reason=reason)


def _pin(stage: Stage, stem: str, until: datetime) -> None:
    pin_topic(stage.topics[stem], by=host_of(stage, stage.topics[stem]), until=until)


def _settle(stage: Stage) -> None:
    """What has been read, told and mailed by now; the digest to look at; a draft; the archive."""
    spread_news()
    old = stage.now - SETTLED
    Notification.objects.filter(created_at__lt=old).update(read_at=stage.now)
    Letter.objects.filter(not_before__lt=old).update(state="sent", ended_at=stage.now)
    _read_marks(stage, old)
    _ask_welcomers(stage)
    _digest(stage)
    send_letters()
    send_envelopes()
    keep_one(stage)
    camille = stage.members["camille"]
    with clock.at(stage.now - timedelta(hours=3)):
        keep_draft(
            by=camille,
            key=None,
            topic=stage.topics["64-tea-or-cider"],
            body="Chez moi, c’est ni l’un ni l’autre\u00a0: une bolée de jus de pomme tiède, et je le défendrai",
        )


def _ask_welcomers(stage: Stage) -> None:
    """Léo's first question waits: Camille and two others are asked, as the job would."""
    prompt = Prompt.objects.get(situation=Prompt.Situation.FIRST_POST_WAITS)
    others = Member.objects.filter(wants_to_welcome=True).exclude(username__in=["camille", "leo"]).order_by("pk")[:2]
    for member in [stage.members["camille"], *others]:
        PromptShowing.objects.create(
            prompt=prompt,
            version=prompt.version,
            member=member,
            topic=stage.topics["13-bouilloire"],
            created_at=stage.now - timedelta(minutes=40),
        )


def _read_marks(stage: Stage, old: datetime) -> None:
    """Everybody has read what is settled; Camille has two forums left to read."""
    unread_by_camille = {"circuits", "la-place"}
    settled = list(Topic.objects.filter(last_post_at__lt=old, is_conversation=False).select_related("forum"))
    recent = {"camille": stage.now - timedelta(days=9)}
    marks = [
        ReadMark(topic=topic, member=member, place=topic.last_position, read_at=stage.now)
        for member in stage.members.values()
        if member.state == Member.State.ACTIVE
        for topic in settled
        if not (
            member.username in recent
            and topic.forum is not None
            and topic.forum.slug in unread_by_camille
            and topic.last_post_at is not None
            and topic.last_post_at > recent[member.username]
        )
    ]
    ReadMark.objects.bulk_create(
        marks, update_conflicts=True, unique_fields=["member", "topic"], update_fields=["place", "read_at"]
    )


def _digest(stage: Stage) -> None:
    said = table("queue")["digest"]
    camille = stage.members["camille"]
    camille.digest = "weekly"
    period, _due = period_due(camille, stage.now)
    camille.save(update_fields=["digest"])
    DigestEdition.objects.create(
        week=period,
        introduction_fr=_unsigned(said["introduction_fr"]),
        introduction_en=_unsigned(said["introduction_en"]),
        signed_by=stage.members["maiwenn"],
    )
    for member in (camille, stage.members["grace"]):
        letter = Letter.objects.create(
            member=member,
            kind=Letter.Kind.DIGEST,
            period=period,
            not_before=stage.now,
            expires_at=stage.now + timedelta(days=3),
            created_at=stage.now,
        )
        render_letter(letter)


def _unsigned(text: str) -> str:
    return text.strip().removesuffix("— Maïwenn").strip()
