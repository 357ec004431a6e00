"""Many want one host at overlapping times: one wins. Without the guards the same test double-books."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from threading import Barrier
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, text, tuple_
from sqlalchemy.orm import Session

from bookings import db
from bookings.db import database
from bookings.domain.errors import SlotTakenError
from bookings.domain.time import Interval
from bookings.models.holds import Hold, Resource
from bookings.queries.holds import is_time_held
from bookings.services import holds
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.crowds import look_together
from tests.support.stories import STAFF, plan

CONTENDERS = 64
SQLITE_GUARDS = ("DROP TRIGGER hold_no_overlap_insert", "DROP TRIGGER hold_no_overlap_update")
POSTGRESQL_GUARDS = ("ALTER TABLE hold DROP CONSTRAINT hold_no_overlap",)
pytestmark = [
    pytest.mark.slow,
    # How long a loser waits is the benchmark's matter: here a busy machine is no fault.
    pytest.mark.settings(database={"lock_timeout_seconds": 120, "statement_timeout_seconds": 120}),
]


def test_of_64_releases_at_overlapping_times_one_wins_and_63_read_the_next_free_times(app, now):
    references = contenders(app, now)

    results = release_at_once(app, references, now)

    refusals = [result for result in results if isinstance(result, SlotTakenError)]
    assert results.count("released") == 1
    assert len(refusals) == CONTENDERS - 1
    assert all(len(refusal.next_free) == 3 for refusal in refusals)
    assert {refusal.organisation_name for refusal in refusals} == {"Stormossen"}
    assert double_booked(app) == []


def test_without_the_guards_the_same_releases_double_book(app, now, monkeypatch):
    references = contenders(app, now)

    with guards_off(app, monkeypatch):
        monkeypatch.setattr(holds, "is_time_held", look_together(is_time_held))
        results = release_at_once(app, references, now)

    assert results.count("released") > 1
    assert double_booked(app) != []


def contenders(app: Flask, now) -> list[str]:
    """Visits that want the same host, each a minute later than the one before: overlapping, never equal."""
    with app.app_context():
        a_directory()
        references = [a_visit().reference for _ in range(CONTENDERS)]
        wish = plan("stormossen", hours=1.5)
        for number, reference in enumerate(references):
            shift = timedelta(minutes=number)
            moved = plan("stormossen", starts_at=wish.starts_at + shift, ends_at=wish.ends_at + shift)
            add_slot(reference, moved, who=STAFF, now=now)
        return references


def release_at_once(app: Flask, references: list[str], now) -> list[object]:
    """All contenders start together, each in a thread of its own."""
    start = Barrier(len(references))

    def release(reference: str) -> object:
        with app.app_context():
            start.wait()
            try:
                release_visit(reference, who=STAFF, now=now)
            except Exception as error:  # noqa: BLE001 - what a contender gets is what the test looks at
                return error
            return "released"

    with ThreadPoolExecutor(len(references)) as pool:
        return list(pool.map(release, references))


def double_booked(app: Flask) -> list[tuple[int, int]]:
    """Pairs of slots that hold the host at the same time."""
    with app.app_context():
        rows = database.session.execute(
            select(Hold.slot_id, Hold.starts_at, Hold.ends_at)
            .join(Resource, Resource.id == Hold.resource_id)
            .where(Resource.kind == "host", Hold.strength == "hard")
        ).all()
    held = [(row.slot_id, Interval(row.starts_at, row.ends_at)) for row in rows]
    return [
        (one, other)
        for number, (one, time) in enumerate(held)
        for other, other_time in held[number + 1 :]
        if time.overlaps(other_time)
    ]


@pytest.fixture(autouse=True)
def slow_look(monkeypatch):
    """Everybody looks whether the time is free, waits a moment, and then takes it: the worst of luck."""

    def look(*args, **named) -> bool:
        is_held = is_time_held(*args, **named)
        sleep(0.03)
        return is_held

    monkeypatch.setattr(holds, "is_time_held", look)


@contextmanager
def guards_off(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No trigger or constraint, no row locks, no queue and no write lock from the first statement on."""
    monkeypatch.setattr(holds, "_lock_rows", look_up_rows)
    with app.app_context():
        is_sqlite = database.engine.dialect.name == "sqlite"
        with database.engine.begin() as connection:
            for statement in SQLITE_GUARDS if is_sqlite else POSTGRESQL_GUARDS:
                connection.execute(text(statement))
    if not is_sqlite:
        yield
        return
    monkeypatch.setattr(db, "_turn_to_write", lambda engine, **_: nullcontext())
    event.remove(Engine, "begin", db._begin_sqlite)
    try:
        yield
    finally:
        event.listen(Engine, "begin", db._begin_sqlite)


def look_up_rows(session: Session, keys: Sequence[holds.Key]) -> dict[holds.Key, int]:
    """The rows without a lock."""
    wanted = tuple_(Resource.kind, Resource.subject_id).in_(keys)
    found = {(row.kind, row.subject_id): row.id for row in session.scalars(select(Resource).where(wanted))}
    assert found.keys() == set(keys)
    return found
