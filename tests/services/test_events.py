"""Events: their seats follow what staff plan, and nobody's seat is planned away."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from bookings.db import read_session
from bookings.domain.errors import RecordChangedError, TransitionNotAllowedError
from bookings.domain.event_errors import EventNotReadyError, EventNotUsableError
from bookings.domain.events import Presence
from bookings.models.events import SeatPool
from bookings.models.registrations import Registration, RegistrationPart, Seat
from bookings.queries.events import load_event
from bookings.services import events
from tests.support.builders import save
from tests.support.clock import NOW
from tests.support.events import (
    STAFF,
    a_part,
    a_plan,
    a_ticket,
    again,
    an_event,
    pool_of,
    pools_of,
)
from tests.support.statements import recorded_statements

pytestmark = [pytest.mark.usefixtures("app_context")]


def _takes_a_seat(event, pool: SeatPool, *, number: int = 1, part_id: int | None = None) -> None:
    person = Registration(
        reference=f"KR-{number}", event_id=event.id, ticket_id=event.tickets[0].id, state="registered",
        came_by="form", language="en", time_zone="Europe/Helsinki", name="Anna", email="anna@x.example",
        answers={}, badge_code=f"b{number}", created_at=NOW,
    )  # fmt: skip
    save(person)
    save(Seat(pool_id=pool.id, registration_id=person.id))
    if part_id is not None:
        save(RegistrationPart(registration_id=person.id, part_id=part_id))


def test_an_event_has_a_pool_for_all_one_for_each_part_to_choose_and_one_where_tickets_end(app: Flask):
    event = an_event(
        capacity=100,
        parts=[a_part("Talk", is_chosen=False), a_part("Workshop", capacity=20), a_part("Tour")],
        tickets=[a_ticket(), a_ticket("Partner", is_partner=True, capacity=30)],
    )

    pools = pools_of(event)

    assert [(one.capacity, bool(one.part_id), bool(one.ticket_id)) for one in pools] == [
        (70, False, False),
        (20, True, False),
        (None, True, False),
        (30, False, True),
    ]


def test_seats_that_are_taken_cannot_be_planned_away_and_more_can_be_added(app: Flask):
    event = an_event(capacity=2)
    for number in (1, 2):
        _takes_a_seat(event, pool_of(event), number=number)
    plan = a_plan(capacity=1, place_id=event.place_id)

    with pytest.raises(EventNotUsableError) as refused:
        events.change_event(event.slug, plan, who=STAFF, now=NOW)
    events.change_event(event.slug, replace(plan, capacity=3), who=STAFF, now=NOW)

    assert (refused.value.code, refused.value.field, refused.value.number) == ("taken", "capacity", 2)
    assert (pool_of(event).capacity, pool_of(event).taken) == (3, 2)


def test_a_ticket_kind_that_ends_only_now_counts_those_who_have_it(app: Flask):
    event = an_event(capacity=10)
    _takes_a_seat(event, pool_of(event))

    events.change_ticket(event.slug, event.tickets[0].id, a_ticket(capacity=5), who=STAFF, now=NOW)

    assert [(one.capacity, one.taken) for one in pools_of(event)] == [(10, 1), (5, 1)]


def test_seats_for_partners_are_set_aside_and_no_more_than_there_are(app: Flask):
    event = an_event(capacity=10)
    _takes_a_seat(event, pool_of(event))

    with pytest.raises(EventNotUsableError) as refused:
        events.add_ticket(event.slug, a_ticket("P", is_partner=True, capacity=11), who=STAFF, now=NOW)
    with pytest.raises(EventNotUsableError, match="taken"):
        events.add_ticket(event.slug, a_ticket("P", is_partner=True, capacity=10), who=STAFF, now=NOW)
    events.add_ticket(event.slug, a_ticket("P", is_partner=True, capacity=9), who=STAFF, now=NOW)

    assert refused.value.code == "partner_seats"
    assert [(one.capacity, one.taken) for one in pools_of(event)] == [(1, 1), (9, 0)]


def test_what_somebody_chose_stays_and_so_does_the_way_its_seats_are_counted(app: Flask):
    event = an_event(parts=[a_part("Tour")], capacity=10)
    part, ticket = event.parts[0].id, event.tickets[0].id
    _takes_a_seat(event, pool_of(event), part_id=part)

    for act in (
        lambda: events.remove_part(event.slug, part, who=STAFF, now=NOW),
        lambda: events.change_part(event.slug, part, a_part(is_chosen=False), who=STAFF, now=NOW),
        lambda: events.change_ticket(
            event.slug, ticket, a_ticket(is_partner=True, capacity=9), who=STAFF, now=NOW
        ),
        lambda: events.change_event(
            event.slug, a_plan(presence=Presence.ONLINE, capacity=10), who=STAFF, now=NOW
        ),
    ):
        with pytest.raises(EventNotUsableError) as refused:
            act()
        assert (refused.value.code, refused.value.number) == ("in_use", 1)
    with pytest.raises(EventNotUsableError, match="last_ticket"):
        events.remove_ticket(event.slug, ticket, who=STAFF, now=NOW)


@pytest.mark.sqlite_only
def test_whoever_saves_an_older_version_changes_nothing(app: Flask):
    event = an_event()
    plan = a_plan("Another title", place_id=event.place_id)

    events.change_event(event.slug, plan, version=event.version, who=STAFF, now=NOW)
    with pytest.raises(RecordChangedError):
        events.change_event(event.slug, plan, version=event.version, who=STAFF, now=NOW)

    assert again(event.slug).version == event.version + 1


@pytest.mark.sqlite_only
def test_a_slip_in_the_day_tells_nobody_of_a_time_that_is_past(app: Flask):
    event = an_event()
    plan = a_plan(place_id=event.place_id)
    past = replace(plan, starts_at=NOW - timedelta(days=30), ends_at=NOW - timedelta(days=29))

    with pytest.raises(EventNotUsableError) as refusal:
        events.change_event(event.slug, past, who=STAFF, now=NOW)
    running = replace(plan, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(hours=1))
    events.change_event(event.slug, running, who=STAFF, now=NOW)
    over = NOW + timedelta(hours=2)
    events.change_event(event.slug, replace(running, venue="Old hall"), who=STAFF, now=over)

    assert (refusal.value.code, refusal.value.field) == ("over", "ends_at")
    assert again(event.slug).venue == "Old hall"


@pytest.mark.sqlite_only
def test_an_event_is_shown_only_with_what_it_needs(app: Flask):
    slug = events.create_event(a_plan(summary={}, venue=""), who=STAFF, now=NOW)

    with pytest.raises(EventNotReadyError) as refused:
        events.publish_event(slug, who=STAFF, now=NOW)

    assert refused.value.missing == ("summary", "place", "venue")


@pytest.mark.sqlite_only
def test_a_no_on_the_day_of_decision_calls_the_event_off_with_its_reason(app: Flask):
    event = an_event(minimum=10, decides_at=NOW + timedelta(days=40))

    events.decide_event(event.slug, takes_place=False, reason="Too few.", who=STAFF, now=NOW)

    stored = again(event.slug)
    assert (stored.state, stored.cancelled_reason, stored.decided_at) == ("cancelled", "Too few.", NOW)
    with pytest.raises(TransitionNotAllowedError):
        events.change_event(event.slug, a_plan(), who=STAFF, now=NOW)


@pytest.mark.sqlite_only
def test_a_series_over_the_change_of_the_clocks_keeps_the_time_of_the_place(app: Flask):
    starts_at = datetime(2027, 3, 22, 7, tzinfo=UTC)  # Monday 09:00 in Vaasa, winter time
    event = an_event(
        starts_at=starts_at,
        parts=[a_part("Tour", starts_at=starts_at + timedelta(hours=1), capacity=8)],
        tickets=[a_ticket("Monday", valid_on=date(2027, 3, 22))],
        minimum=3,
        decides_at=starts_at - timedelta(days=7),
    )

    first, second = events.make_series(event.slug, every_days=7, count=3, who=STAFF, now=NOW)

    copy = again(first)
    assert copy.starts_at == datetime(2027, 3, 29, 6, tzinfo=UTC)
    assert copy.decides_at == datetime(2027, 3, 22, 7, tzinfo=UTC)
    assert copy.parts[0].starts_at == datetime(2027, 3, 29, 7, tzinfo=UTC)
    assert copy.tickets[0].valid_on == date(2027, 3, 29)
    assert (copy.state, pool_of(copy, copy.parts[0]).capacity) == ("draft", 8)
    assert copy.series_key == again(second).series_key == again(event.slug).series_key
    assert first != second


@pytest.mark.sqlite_only
def test_one_event_with_everything_is_six_statements(app: Flask):
    event = an_event(parts=[a_part(str(number)) for number in range(20)], capacity=5)

    with recorded_statements() as statements:
        view = load_event(read_session(), event.slug)

    assert len([one for one in statements if one.startswith("SELECT")]) == 6
    assert (len(view.parts), view.places_left) == (20, 5)
