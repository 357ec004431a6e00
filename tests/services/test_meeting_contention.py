"""Many want one person, or the last table, in one slot: one gets it. Without guards the same double-books."""

from concurrent.futures import ThreadPoolExecutor
from datetime import time
from threading import Barrier
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from bookings.db import transaction
from bookings.domain.event_errors import MeetingNotPossibleError, TimeHeldError
from bookings.domain.holds import ResourceKind
from bookings.domain.meetings import MatchMode, Session
from bookings.models.meetings import MeetingTable
from bookings.services.holds import lock_resources
from bookings.services.meetings import accept_request, ask_for_meeting, asking, name_stand_in
from bookings.services.meetings.seating import list_common_slots
from tests.services.test_contention import guards_off
from tests.support.crowds import look_together
from tests.support.meetings import a_guest, a_match_day, guests, meetings_of, row_of

CONTENDERS = 32
pytestmark = [
    pytest.mark.slow,
    pytest.mark.settings(database={"lock_timeout_seconds": 120, "statement_timeout_seconds": 120}),
]


@pytest.fixture(autouse=True)
def slow_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody looks whether the time is free, waits a moment, and then takes it: the worst of luck."""

    def look(*args, **named):
        found = list_common_slots(*args, **named)
        sleep(0.02)
        return found

    monkeypatch.setattr(asking, "list_common_slots", look)


def test_of_32_accepted_requests_for_one_person_in_one_slot_one_is_a_meeting(app, now):
    asked, jobs, day = one_person_wanted(app, now)

    results = accept_at_once(app, jobs, now)

    assert sum(isinstance(one, int) for one in results) == 1
    assert all(isinstance(one, int | MeetingNotPossibleError | TimeHeldError) for one in results), results
    with app.app_context():
        assert len(meetings_of(day)) == 1
        assert asked in (meetings_of(day)[0].first_id, meetings_of(day)[0].second_id)


def test_of_16_pairs_at_the_last_table_one_sits_down(app, now):
    jobs, day = last_table_wanted(app, now)

    results = accept_at_once(app, jobs, now)

    assert sum(isinstance(one, int) for one in results) == 1
    with app.app_context():
        assert len(meetings_of(day)) == 1


def test_without_the_guards_the_same_answers_double_book(app, now, monkeypatch):
    _asked, jobs, day = one_person_wanted(app, now)

    with guards_off(app, monkeypatch):
        monkeypatch.setattr(asking, "list_common_slots", look_together(list_common_slots))
        results = accept_at_once(app, jobs, now)

    with app.app_context():
        slots = [one.slot_id for one in meetings_of(day)]
    assert len(slots) > len(set(slots)) == 1, results


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.settings(database={"lock_timeout_seconds": 1})
def test_whoever_names_a_colleague_waits_for_who_is_just_seating_this_colleague(app, now):
    with app.app_context():
        day = a_match_day(mode=MatchMode.ASK)
        anna, cecilia = (
            a_guest(day, name, organisation="Stormossen") for name in ("Anna Berg", "Cecilia Holm")
        )
        (other,) = guests(day, 1)
        accept_request(other, ask_for_meeting(anna, row_of(other).reference, now=now), now=now)
        meeting_id, cecilia_id = meetings_of(day)[0].id, row_of(cecilia).id

    def name_cecilia() -> None:
        with app.app_context():
            name_stand_in(anna, meeting_id, "Cecilia Holm", now=now)

    with app.app_context(), ThreadPoolExecutor(1) as pool, transaction() as session:
        lock_resources(session, [(ResourceKind.PERSON, cecilia_id)])
        naming = pool.submit(name_cecilia)

        with pytest.raises(OperationalError, match="lock timeout"):
            naming.result()


def one_person_wanted(app: Flask, now) -> tuple[int, list[tuple[str, int]], object]:
    """All ask the same person, whose day has one slot: each asker's request, to be accepted by her."""
    with app.app_context():
        day = a_match_day(mode=MatchMode.ASK, tables=40, sessions=[Session(time(9), time(9, 20))])
        asked, *askers = guests(day, CONTENDERS + 1)
        reference = row_of(asked).reference
        jobs = [(asked, ask_for_meeting(one, reference, now=now)) for one in askers]
        ids = [row_of(one).id for one in (asked, *askers)]
        with transaction() as session:
            # The control looks them up only.
            tables = session.scalars(select(MeetingTable.id))
            lock_resources(session, [(ResourceKind.TABLE, one) for one in tables])
            lock_resources(session, [(ResourceKind.PERSON, one) for one in ids])
        return ids[0], jobs, day


def last_table_wanted(app: Flask, now) -> tuple[list[tuple[str, int]], object]:
    with app.app_context():
        day = a_match_day(mode=MatchMode.ASK, tables=1, sessions=[Session(time(9), time(9, 20))])
        people = guests(day, 32)
        pairs = list(zip(people[::2], people[1::2], strict=True))
        return [(two, ask_for_meeting(one, row_of(two).reference, now=now)) for one, two in pairs], day


def accept_at_once(app: Flask, jobs: list[tuple[str, int]], now) -> list[object]:
    """All answers start together, each in a thread of its own."""
    start = Barrier(len(jobs))

    def accept(job: tuple[str, int]) -> object:
        with app.app_context():
            start.wait()
            try:
                return accept_request(*job, now=now)
            except Exception as error:  # noqa: BLE001 - what a contender gets is what the test looks at
                return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(accept, jobs))
