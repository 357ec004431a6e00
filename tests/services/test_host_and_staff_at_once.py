"""A host answers while staff act on the same stop: one comes after the other, and the design holds."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product
from threading import Barrier

import pytest
from flask import Flask

from bookings.db import database
from bookings.domain.errors import BookingError
from bookings.services import slots, visits
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.stages import release
from tests.support.stories import DAY, STAFF, host_token, plan, slot_row
from tests.support.walks import clear_visits, find_faults, read_world

pytestmark = [
    pytest.mark.slow,
    pytest.mark.settings(database={"lock_timeout_seconds": 120, "statement_timeout_seconds": 120}),
]


def withdraw(reference: str, slot_id: int) -> None:
    slots.withdraw_slot(slot_id, who=STAFF, now=NOW)


def move(reference: str, slot_id: int) -> None:
    later, version = plan("stormossen", 13), slot_row(slot_id).version
    slots.change_slot(slot_id, later, version=version, who=STAFF, now=NOW)


def replace(reference: str, slot_id: int) -> None:
    slots.replace_slot(slot_id, plan("vakin", 13), who=STAFF, now=NOW)


def propose(reference: str, slot_id: int) -> None:
    visits.propose_programme(reference, who=STAFF, now=NOW)


def cancel(reference: str, slot_id: int) -> None:
    visits.cancel_visit_by_staff(reference, "Too few.", who=STAFF, now=NOW)


def offer(token: str, *, now) -> None:
    times = [(DAY.replace(hour=12), DAY.replace(hour=13, minute=30))]
    slots.propose_times(token, times=times, now=now)


ACTS = (withdraw, move, replace, propose, cancel)
ANSWERS = (slots.accept_slot, slots.decline_slot, slots.answer_maybe, offer)


def test_whatever_staff_do_while_whatever_the_host_answers_the_design_holds(app):
    faults, outcomes = [], set()
    with app.app_context():
        a_directory()
    for act, answer in product(ACTS, ANSWERS):
        with app.app_context():
            clear_visits()
            visit = a_visit()
            reference = visit.reference
            asked, _other = release(reference, plan("stormossen", 9), plan("westenergy", 6), now=NOW)
            token = host_token(asked)
            before = read_world()

        refused = at_once(app, partial(act, reference, asked), partial(answer, token, now=NOW))

        with app.app_context():
            found = find_faults(before, read_world())
        outcomes.add(tuple(refused))
        faults += [f"{act.__name__} beside {answer.__name__} ({refused}): {fault}" for fault in found]
    assert faults == []
    # Nobody is always refused: else the test would see nothing.
    assert ("", "") in outcomes


def at_once(app: Flask, *acts) -> list[str]:
    """What each was refused for, empty where it went through; anything but a refusal is raised."""
    start = Barrier(len(acts))

    def run(act) -> str:
        with app.app_context():
            database.session.connection()
            database.session.rollback()
            start.wait()
            try:
                act()
            except BookingError as error:
                return type(error).__name__
            return ""

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
