"""The places that pages name are those that the next one gets: whoever waits stands in front."""

import random
from datetime import timedelta

import pytest

from bookings.db import database, read_session
from bookings.domain.event_errors import EventFullError
from bookings.domain.events import Door
from bookings.queries.events import EventFilter, list_events, load_event
from bookings.queries.registrations.form import load_form
from bookings.services.registrations import register
from tests.support.events import a_part, an_event
from tests.support.registrations import a_group, an_application, registered
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.usefixtures("app_context")


def said(slug, now) -> tuple[int | None, int | None, Door]:
    """Places by the event's page, by the list, and how the form opens."""
    database.session.rollback()
    session = read_session()
    [row] = [one for one in list_events(session, EventFilter()) if one.slug == slug]
    return load_event(session, slug).places_left, row.places_left, load_form(session, slug).door(now=now)


def test_a_group_that_does_not_fit_keeps_the_free_places_from_those_behind_it(now):
    event = an_event(capacity=5)
    registered(event, a_group(event, 2))
    register(a_group(event, 4, joins_waiting_list=True), now=now)
    registered(event, a_group(event, 4, joins_waiting_list=True))

    assert said(event.slug, now) == (0, 0, Door.WAITING_LIST)
    with pytest.raises(EventFullError):
        register(an_application(event), now=now)


def test_where_smaller_ones_pass_the_free_places_are_open(now):
    event = an_event(capacity=5, lets_smaller_pass=True)
    registered(event, a_group(event, 2))
    registered(event, a_group(event, 4, joins_waiting_list=True))

    assert said(event.slug, now) == (3, 3, Door.OPEN)
    registered(event)


def test_who_waits_for_a_full_part_keeps_only_what_that_one_needs(now):
    event = an_event(capacity=9, parts=[a_part(capacity=1)])
    [part] = event.parts
    registered(event, part_ids=[part.id])
    registered(event, part_ids=[part.id], joins_waiting_list=True)

    # Whoever waits needs the room too, and nobody behind may take it.
    assert said(event.slug, now) == (0, 0, Door.WAITING_LIST)
    with pytest.raises(EventFullError):
        register(an_application(event), now=now)


@pytest.mark.parametrize("seed", range(6))
def test_the_next_one_gets_a_place_exactly_where_pages_say_so(seed, now):
    rng = random.Random(seed)
    event = an_event(capacity=rng.randint(3, 7), lets_smaller_pass=rng.random() < 0.3)
    for minute in range(rng.randint(2, 5)):
        group = a_group(event, rng.randint(1, 4), joins_waiting_list=True)
        registered(event, group, now=now + timedelta(minutes=minute))
    whole, listed, door = said(event.slug, now)

    try:
        register(an_application(event), now=now + timedelta(hours=1))
    except EventFullError:
        got_in = False
    else:
        got_in = True

    assert whole == listed
    assert (whole > 0, door is Door.OPEN) == (got_in, got_in)


def test_a_list_costs_the_same_for_one_queue_and_for_ten(now):
    def cost() -> int:
        database.session.rollback()
        with recorded_statements() as statements:
            list_events(read_session(), EventFilter())
        return len(statements)

    def with_queue(number: int) -> None:
        event = an_event(f"Event {number}", capacity=3)
        registered(event, a_group(event, 2))
        registered(event, a_group(event, 3, joins_waiting_list=True))

    with_queue(0)
    of_one = cost()
    for number in range(1, 10):
        with_queue(number)

    assert cost() == of_one
