from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.actions.forums import archive_forum
from forums.models import Access, Appointment
from forums.readers import reader_for, readers_for
from members.models import Group, GroupMembership, Member
from tests.make import make_forum, make_host, make_member, make_moderator

pytestmark = pytest.mark.django_db


def test_visitor_reads_open_forums_only_and_writes_nowhere():
    open_, sealed = make_forum(), make_forum(audience="team")

    reader = reader_for(None)

    assert reader.readable == (open_.pk,)
    assert (reader.writable, reader.startable) == (frozenset(), frozenset())
    assert sealed.pk not in reader.seen


def test_member_of_a_group_enters_the_forum_of_the_group():
    group = Group.objects.create(name_en="Twelve")
    forum = make_forum(audience="members")
    Access.objects.filter(forum=forum).update(audience="group", group=group)
    inside, outside = make_member(), make_member()
    GroupMembership.objects.create(group=group, member=inside)

    assert reader_for(inside).startable == {forum.pk}
    assert reader_for(outside).seen == ()


def test_team_forum_is_for_those_with_an_appointment():
    team, other = make_forum(audience="team"), make_forum()
    host = make_host(other)

    assert team.pk in reader_for(host).readable
    assert team.pk not in reader_for(make_member()).readable


def test_appointment_that_is_over_gives_nothing():
    forum = make_forum(audience="team")
    member = make_moderator(forum=forum)
    assert reader_for(member).moderates(forum.pk)

    Appointment.objects.update(until=timezone.now())

    reader = reader_for(member)
    assert not reader.moderates_anywhere
    assert reader.readable == ()


def test_archived_forum_is_read_and_not_written_in_not_even_by_its_host():
    forum = make_forum()
    host = make_host(forum)
    archive_forum(forum)

    reader = reader_for(host)

    assert (reader.readable, reader.writable) == ((forum.pk,), frozenset())


@pytest.mark.parametrize("state", [Member.State.APPLYING, Member.State.DECLINED])
def test_who_is_not_admitted_reads_like_a_visitor(state):
    forum = make_forum()
    member = make_member(state=state)

    reader = reader_for(member)

    assert (reader.readable, reader.writable, reader.is_taking_part) == ((forum.pk,), frozenset(), False)


def test_readers_of_many_members_cost_one_query(django_assert_num_queries):
    make_forum()
    members = [make_member() for _ in range(5)]

    with django_assert_num_queries(1):
        readers = readers_for(members)

    assert {pk: readers[pk] for pk in readers} == {m.pk: reader_for(m) for m in members}


def test_suspension_ends_by_the_clock():
    member = make_member(suspended_until=timezone.now() + timedelta(hours=1))
    assert reader_for(member).is_suspended
    Member.objects.update(suspended_until=timezone.now() - timedelta(seconds=1))
    assert not reader_for(member).is_suspended
