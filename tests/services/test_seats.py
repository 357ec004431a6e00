"""Many want the last places: as many as there are get one. With the guards off the same test overbooks."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from threading import Barrier
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, text

from bookings import db
from bookings.db import database, table_of
from bookings.domain.event_errors import EventFullError
from bookings.domain.registrations import Application
from bookings.models.events import Event, SeatPool
from bookings.queries.registrations import pools
from bookings.queries.registrations.pools import Pool
from bookings.services.registrations import register, seats
from tests.support.crowds import look_together
from tests.support.events import an_event
from tests.support.registrations import a_group, count_seats, registered

LONE, GROUPS = 64, 16
pytestmark = [
    pytest.mark.slow,
    # How long a loser waits is the benchmark's matter: here a busy machine is no fault.
    pytest.mark.settings(
        database={"lock_timeout_seconds": 120, "statement_timeout_seconds": 120},
        limits={"form_minimum_seconds": 0},
    ),
]


def test_of_64_visitors_one_gets_the_last_place(app, now):
    event_, forms = last_places(app, free=1, forms=LONE, size=1)

    results = at_once(app, forms, now)

    refused = [one for one in results if isinstance(one, EventFullError)]
    assert (results.count("in"), len(refused)) == (1, LONE - 1)
    assert seats_of(app, event_) == [(4, 4, 4)]


def test_of_16_groups_of_4_two_get_places_among_the_last_ten_and_nobody_comes_alone(app, now):
    event_, forms = last_places(app, free=10, forms=GROUPS, size=4)

    results = at_once(app, forms, now)

    refused = [one for one in results if isinstance(one, EventFullError)]
    assert (results.count("in"), len(refused)) == (2, GROUPS - 2)
    assert seats_of(app, event_) == [(13, 11, 11)]


@pytest.mark.parametrize(("free", "forms", "size"), [(1, LONE, 1), (10, GROUPS, 4)])
def test_without_the_guards_the_same_forms_overbook(app, now, monkeypatch, free, forms, size):
    event_, wishes = last_places(app, free=free, forms=forms, size=size)

    with guards_off(app, monkeypatch):
        at_once(app, wishes, now)

    [(capacity, _taken, there)] = seats_of(app, event_)
    assert there > capacity


def last_places(app: Flask, *, free: int, forms: int, size: int) -> tuple[Event, list[Application]]:
    """An event that three people come to already, with so many places left, and the forms that want them."""
    with app.app_context():
        event_ = an_event(capacity=3 + free)
        for _ in range(3):
            registered(event_)
        return event_, [a_group(event_, size) for _ in range(forms)]


def at_once(app: Flask, forms: list[Application], now) -> list[object]:
    """All forms are sent together, each in a thread of its own."""
    start = Barrier(len(forms))

    def send(form: Application) -> object:
        with app.app_context():
            start.wait()
            try:
                register(form, now=now)
            except Exception as error:  # noqa: BLE001 - what a contender gets is what the test looks at
                return error
            return "in"

    with ThreadPoolExecutor(len(forms)) as pool:
        return list(pool.map(send, forms))


def seats_of(app: Flask, event_: Event) -> list[tuple[int | None, int, int]]:
    with app.app_context():
        return count_seats(event_)


@pytest.fixture(autouse=True)
def slow_look(monkeypatch):
    """Everybody looks how many places are left, waits a moment, and then takes one: the worst of luck."""
    monkeypatch.setattr(seats, "lock_pools", slowly(pools.lock_pools))


def slowly(look: Callable[..., list[Pool]]) -> Callable[..., list[Pool]]:
    def wait(*args, **named) -> list[Pool]:
        found = look(*args, **named)
        sleep(0.03)
        return found

    return wait


@contextmanager
def guards_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No rule on the counted seats, no row locks, no queue and no write lock from the first statement on."""
    monkeypatch.setattr(seats, "lock_pools", look_together(look_at_pools))
    with app.app_context():
        engine = database.engine
    is_sqlite = engine.dialect.name == "sqlite"
    if not is_sqlite:
        with engine.begin() as connection:
            connection.execute(text("ALTER TABLE seat_pool DROP CONSTRAINT ck_seat_pool_capacity"))
        yield
        return
    # SQLite takes no rule off a table, but a connection may be told to overlook them.
    event.listen(engine, "connect", overlook_rules)
    engine.dispose()
    monkeypatch.setattr(db, "_turn_to_write", lambda engine, **_: nullcontext())
    event.remove(Engine, "begin", db._begin_sqlite)
    try:
        yield
    finally:
        event.listen(Engine, "begin", db._begin_sqlite)


def overlook_rules(connection, _record) -> None:
    connection.execute("PRAGMA ignore_check_constraints = ON")


def look_at_pools(session, event_id: int) -> list[Pool]:
    """The rows without a lock."""
    pool = table_of(SeatPool).c
    rows = session.execute(
        select(pool.id, pool.part_id, pool.ticket_id, pool.capacity, pool.taken).where(
            pool.event_id == event_id
        )
    )
    return [Pool(*row) for row in rows]
