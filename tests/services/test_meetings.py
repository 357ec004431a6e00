"""Matchmaking days: wishes become schedules, schedules calendars; what is called off leaves few traces."""

from datetime import time, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from bookings.db import database, read_session
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import MatchMode, MeetingState, Session, WishStrength
from bookings.jobs.meetings import match_waiting
from bookings.models.holds import Hold, Resource
from bookings.models.meetings import MatchRun, MeetingPerson, Wish
from bookings.queries.meetings.day import load_day_by_slug
from bookings.queries.meetings.wishes import list_wishes
from bookings.services.meetings import (
    accept_request,
    apply_match,
    ask_for_meeting,
    ask_for_schedule,
    cancel_meeting,
    cancel_meeting_by_staff,
    decline_request,
    expire_requests,
    follow_registrations,
    give_feedback,
    move_meeting,
    pin_meeting,
    release_final,
    release_provisional,
)
from tests.support.clock import NOW
from tests.support.events import STAFF
from tests.support.meetings import (
    a_guest,
    a_match_day,
    body_of,
    guests,
    mails_about,
    meetings_of,
    row_of,
    slots_of,
    standing,
    wish,
)
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.usefixtures("app_context")
HOUR = timedelta(hours=1)
MUST, LIKE, NEVER = WishStrength.MUST, WishStrength.LIKE, WishStrength.NEVER


def solve(event, *, seconds: int = 2, now=NOW) -> int:
    run_id = ask_for_schedule(event.slug, seconds=seconds, who=STAFF, now=now)
    match_waiting(clock=lambda: now)
    return run_id


@pytest.mark.sqlite_only
def test_wishes_become_meetings_that_the_database_guards_and_calendars_hold(now):
    event = a_match_day()
    people = guests(event, 6)
    for one in people[1:]:
        wish(people[0], one, MUST)
        wish(one, people[0])
    wish(people[1], people[2], NEVER)
    wish(people[2], people[1], MUST)

    done = apply_match(solve(event), who=STAFF, now=now)
    release_provisional(event.slug, who=STAFF, now=now)
    release_final(event.slug, who=STAFF, now=now + timedelta(hours=48))

    found = standing(event)
    ids = [row_of(token).id for token in people]
    assert done.placed == len(found) == 5
    assert {one.first_id for one in found} == {ids[0]}
    assert {one.state for one in found} == {MeetingState.AGREED}
    assert len({one.slot_id for one in found}) == 5
    holds = list(database.session.scalars(select(Hold).where(Hold.meeting_id.is_not(None))))
    assert len(holds) == 3 * 5
    assert len(mails_about("meeting_agreed")) == 2 * 5
    assert len(mails_about("meetings_provisional")) == len(mails_about("meetings_final")) == 6


@pytest.mark.sqlite_only
def test_a_day_is_laid_in_as_many_statements_whatever_the_number_of_its_people(now):
    used = []
    for count in (4, 12):
        event = a_match_day(slug=f"day-of-{count}")
        people = guests(event, count)
        for one, other in zip(people[::2], people[1::2], strict=True):
            wish(one, other)
        run_id = solve(event)
        with recorded_statements() as statements:
            done = apply_match(run_id, who=STAFF, now=now)
        assert done.placed == count // 2
        used.append(len(statements))

    assert used[0] == used[1] <= 40


def test_each_meeting_of_a_schedule_holds_its_table_and_both_people_for_its_time(now):
    event = a_match_day()
    one, other, third, fourth = guests(event, 4)
    wish(one, other)
    wish(third, fourth)

    for _again in range(2):
        apply_match(solve(event), who=STAFF, now=now)

    seats = {
        (kind, subject, meeting.starts_at, meeting.ends_at)
        for meeting in standing(event)
        for kind, subject in (
            ("person", meeting.first_id), ("person", meeting.second_id), ("table", meeting.table_id),
        )
    }  # fmt: skip
    held = select(Resource.kind, Resource.subject_id, Hold.starts_at, Hold.ends_at)
    held = held.join(Hold, Hold.resource_id == Resource.id)
    sides = database.session.execute(select(MeetingPerson.meeting_id, MeetingPerson.registration_id))
    people = {(one.id, person) for one in standing(event) for person in (one.first_id, one.second_id)}
    assert len(seats) == 6
    assert {tuple(row) for row in database.session.execute(held)} == seats
    assert {tuple(row) for row in sides} == people


def test_a_schedule_with_a_seat_that_is_taken_lays_nothing(now):
    event = a_match_day()
    one, other, third, fourth = guests(event, 4)
    wish(one, other)
    wish(third, fourth)
    run = database.session.get(MatchRun, solve(event))
    seated = run.result["meetings"]
    run.result = {**run.result, "meetings": [[*pair[:2], *seated[0][2:]] for pair in seated]}
    database.session.commit()

    with pytest.raises(MeetingNotPossibleError, match="stale"):
        apply_match(run.id, who=STAFF, now=now)

    assert meetings_of(event) == []
    assert database.session.scalar(select(func.count(Hold.id))) == 0


@pytest.mark.sqlite_only
def test_what_was_kept_or_pinned_stays_and_what_does_not_suit_gets_another_time(now):
    event = a_match_day()
    people = guests(event, 4)
    for one in people[1:]:
        wish(people[0], one)
    apply_match(solve(event), who=STAFF, now=now)
    release_provisional(event.slug, who=STAFF, now=now)
    before = {one.id: one.slot_id for one in standing(event)}
    first, second, third = before
    give_feedback(people[0], first, "keep", now=now)
    give_feedback(people[0], second, "change", now=now)
    pin_meeting(event.slug, third, is_pinned=True, who=STAFF, now=now)

    done = apply_match(solve(event), who=STAFF, now=now)

    after = {one.id: one.slot_id for one in standing(event)}
    assert (done.moved, len(after)) == (1, 3)
    assert (after[first], after[third]) == (before[first], before[third])
    assert [slot for one, slot in after.items() if one not in (first, third)] != [before[second]]


@pytest.mark.sqlite_only
def test_a_final_meeting_that_is_called_off_makes_room_with_the_fewest_moves(now):
    event = a_match_day(tables=3)
    people = guests(event, 8)
    for number, one in enumerate(people):
        for other in people[number + 1 :]:
            wish(one, other)
    apply_match(solve(event), who=STAFF, now=now)
    release_final(event.slug, who=STAFF, now=now)
    before = {one.id: (one.slot_id, one.table_id) for one in standing(event)}
    gone = standing(event)[0]

    done = cancel_meeting_by_staff(event.slug, gone.id, replans=True, who=STAFF, now=now)

    after = {one.id: (one.slot_id, one.table_id) for one in standing(event)}
    changed = [one for one in after if one in before and after[one] != before[one]]
    assert len(changed) == len(done.moved) <= 2
    assert len(mails_about("meeting_moved")) == 2 * len(done.moved)
    assert [mail.calendar_sequence for mail in mails_about("meeting_cancelled")] == [1, 1]


@pytest.mark.sqlite_only
def test_whoever_leaves_the_event_leaves_the_schedules_of_all(now):
    event = a_match_day()
    people = guests(event, 4)
    for number, one in enumerate(people):
        for other in people[number + 1 :]:
            wish(one, other)
    apply_match(solve(event), who=STAFF, now=now)
    release_final(event.slug, who=STAFF, now=now)
    left = row_of(people[0])
    left.state = "cancelled"
    database.session.commit()

    follow_registrations(now=now)
    follow_registrations(now=now)

    assert all(left.id not in (one.first_id, one.second_id) for one in standing(event))
    told = {mail.recipient for mail in mails_about("meeting_cancelled")}
    assert told == {row_of(one).email for one in people[1:]}


@pytest.mark.sqlite_only
def test_an_accepted_request_is_a_meeting_in_both_calendars(now):
    event = a_match_day(mode=MatchMode.ASK)
    asker, asked = guests(event, 2)
    slot = slots_of(event)[3]
    request_id = ask_for_meeting(asker, row_of(asked).reference, slot_id=slot.id, message="Heat?", now=now)

    accept_request(asked, request_id, now=now)

    meeting = standing(event)[0]
    assert (meeting.state, meeting.slot_id) == ("agreed", slot.id)
    assert len(mails_about("meeting_request")) == 1
    assert {mail.recipient for mail in mails_about("meeting_agreed")} == {
        row_of(asker).email,
        row_of(asked).email,
    }
    with pytest.raises(MeetingNotPossibleError, match="closed"):
        accept_request(asked, request_id, now=now)


@pytest.mark.sqlite_only
def test_who_calls_off_tells_the_other_and_the_calendar_of_both(now):
    event = a_match_day(mode=MatchMode.ASK)
    asker, asked = guests(event, 2)
    accept_request(asked, ask_for_meeting(asker, row_of(asked).reference, now=now), now=now)

    cancel_meeting(asker, standing(event)[0].id, now=now + timedelta(hours=1))

    assert standing(event) == []
    assert [mail.calendar_sequence for mail in mails_about("meeting_cancelled")] == [1, 1]
    assert not list(database.session.scalars(select(Hold).where(Hold.meeting_id.is_not(None))))
    accept_request(asked, ask_for_meeting(asker, row_of(asked).reference, now=now), now=now)


@pytest.mark.sqlite_only
def test_never_is_a_request_that_nobody_answers(now):
    event = a_match_day(mode=MatchMode.ASK)
    asker, asked = guests(event, 2)
    wish(asked, asker, NEVER)

    request_id = ask_for_meeting(asker, row_of(asked).reference, now=now)
    expire_requests(now=now + timedelta(hours=40))
    with pytest.raises(MeetingNotPossibleError):
        accept_request(asked, request_id, now=now)
    expire_requests(now=now + timedelta(hours=72))

    assert mails_about("meeting_request") == mails_about("meeting_reminder") == []
    assert mails_about("meeting_declined") == []
    ask_for_meeting(asker, row_of(asked).reference, now=now + timedelta(hours=73))


@pytest.mark.sqlite_only
def test_a_request_is_reminded_of_once_at_half_time_and_lapses(now):
    event = a_match_day(mode=MatchMode.ASK)
    asker, asked = guests(event, 2)
    request_id = ask_for_meeting(asker, row_of(asked).reference, now=now)

    for hours in (35, 36, 37, 71):
        expire_requests(now=now + timedelta(hours=hours))
    assert len(mails_about("meeting_reminder")) == 1
    expire_requests(now=now + timedelta(hours=72))

    with pytest.raises(MeetingNotPossibleError, match="closed"):
        decline_request(asked, request_id, now=now + timedelta(hours=72))


@pytest.mark.sqlite_only
def test_staff_move_a_meeting_and_calendars_follow(now):
    event = a_match_day(mode=MatchMode.ASK)
    asker, asked = guests(event, 2)
    accept_request(asked, ask_for_meeting(asker, row_of(asked).reference, now=now), now=now)
    meeting, slot = standing(event)[0], slots_of(event)[8]

    move_meeting(event.slug, meeting.id, slot.id, version=1, who=STAFF, now=now)

    assert standing(event)[0].starts_at == slot.starts_at
    assert [mail.calendar_sequence for mail in mails_about("meeting_moved")] == [1, 1]


@pytest.mark.sqlite_only
def test_everybody_has_a_break_in_each_half_of_the_day_and_organisations_meet_once(now):
    event = a_match_day()
    people = [a_guest(event, organisation=f"House {number % 9}") for number in range(18)]
    for one in people:
        for other in people:
            if one != other and row_of(one).organisation_key != row_of(other).organisation_key:
                wish(one, other)
        break

    apply_match(solve(event), who=STAFF, now=now)

    day = load_day_by_slug(read_session(), event.slug)
    for person in day.people:
        taken = day.taken(person)
        assert all(half - taken for half in day.halves)
    keys = [one.organisation_pair for one in standing(event)]
    assert len(keys) == len(set(keys)) == 8


@pytest.mark.sqlite_only
def test_seventy_people_twenty_slots_and_25_tables_go_through_the_worker(now):
    sessions = (Session(time(8), time(12, 10)), Session(time(13), time(17, 10)))
    event = a_match_day(
        tables=25, sessions=sessions, starts_at=NOW.replace(hour=5) + timedelta(days=60),
        ends_at=NOW.replace(hour=16) + timedelta(days=60),
    )  # fmt: skip
    people = guests(event, 70)
    add_wishes(people, of_each=8)

    run_id = ask_for_schedule(event.slug, seconds=3, who=STAFF, now=now)
    match_waiting(clock=lambda: now)
    done = apply_match(run_id, who=STAFF, now=now)

    run = database.session.get(MatchRun, run_id)
    assert len(slots_of(event)) == 20
    assert (run.state, run.bound <= run.gaps) == ("done", True)
    assert run.progress
    assert done.placed >= 0.9 * len(wished_pairs(event))
    assert_valid(event)


def assert_valid(event) -> None:
    """Nobody in two places, a table one meeting: by the rows alone."""
    found = standing(event)
    seats = [(one.slot_id, person) for one in found for person in (one.first_id, one.second_id)]
    tables = [(one.slot_id, one.table_id) for one in found]
    assert len(seats) == len(set(seats))
    assert len(tables) == len(set(tables))


def add_wishes(tokens, *, of_each: int) -> None:
    """Straight into the table: hundreds of use cases would take their time."""
    ids = [row_of(token).id for token in tokens]
    draw = Random(1)
    database.session.add_all(
        Wish(wisher_id=one, wished_id=other, strength=LIKE)
        for one in ids
        for other in draw.sample([two for two in ids if two != one], of_each)
    )
    database.session.commit()


def wished_pairs(event) -> set[tuple[int, int]]:
    return {tuple(sorted((w.wisher, w.wished))) for w in list_wishes(read_session(), event.id)}


@pytest.mark.sqlite_only
def test_a_days_meetings_over_four_days_in_two_zones_go_from_wishes_to_calendars(now):
    begin = NOW.replace(hour=5) + timedelta(days=60)
    event = a_match_day(
        starts_at=begin, ends_at=begin + timedelta(days=3, hours=11), presence="online", tables=12
    )
    finns = guests(event, 8, time_zone="Europe/Helsinki", country="FI")
    swedes = guests(event, 8, time_zone="Europe/Stockholm", country="SE")
    for one in finns:
        for other in swedes:
            wish(one, other)

    apply_match(solve(event), who=STAFF, now=now)
    release_final(event.slug, who=STAFF, now=now)

    day = load_day_by_slug(read_session(), event.slug)
    assert (len({slot.day for slot in day.slots}), len(day.slots)) == (4, 48)
    assert len(standing(event)) == 64
    assert_valid(event)
    for person in day.people:
        assert all(half - day.taken(person) for half in day.halves)
    starts = {slot.starts_at.astimezone(ZoneInfo("Europe/Helsinki")).hour for slot in day.slots}
    assert min(starts) == 9
    told = {mail.recipient: body_of(mail) for mail in mails_about("meeting_agreed")}
    assert "On your own clock" in told[row_of(swedes[0]).email]
    assert "On your own clock" not in told[row_of(finns[0]).email]
