"""The worker plans beside the mails, and a fault of the planner stops neither."""

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.planning import RunState
from bookings.jobs import planning
from bookings.jobs.planning import plan_waiting
from bookings.jobs.worker import running_worker
from bookings.models.directory import Interest
from bookings.services.planning import ask_for_programmes
from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.planned import a_request, newest
from tests.support.stories import STAFF

PATIENCE_SECONDS = 30


def topics() -> list[Interest]:
    return list(database.session.scalars(select(Interest)))


def test_the_worker_plans_what_staff_ask_for(app):
    with app.app_context():
        reference = a_request()
        with running_worker(app):
            ask_for_programmes(reference, who=STAFF, now=datetime.now(UTC))
            until = time.monotonic() + PATIENCE_SECONDS
            while newest(reference).is_open and time.monotonic() < until:
                time.sleep(0.1)

        assert (newest(reference).state, len(newest(reference).programmes)) == (RunState.DONE, 1)


def test_a_worker_that_is_stopped_leaves_the_run_to_another(app):
    with app.app_context():
        reference = a_request()
        ask_for_programmes(reference, who=STAFF, now=NOW)

        plan_waiting(clock=lambda: NOW, is_stopping=lambda: True)

        assert newest(reference).state == RunState.QUEUED


def test_a_fault_of_the_planner_ends_the_run_as_failed(app, monkeypatch: pytest.MonkeyPatch):
    def fail(*_args, **_more):
        raise ZeroDivisionError

    monkeypatch.setattr(planning, "improve", fail)
    with app.app_context():
        reference = a_request()
        ask_for_programmes(reference, who=STAFF, now=NOW)

        assert plan_waiting(clock=lambda: NOW)

        assert newest(reference).state == RunState.FAILED


def test_each_of_several_delegations_has_a_programme_before_any_gets_a_better_one(app):
    told: list[str] = []
    with app.app_context():
        references = [a_request(), *(a_visit(interests=topics()).reference for _ in range(2))]
        for reference in references:
            ask_for_programmes(reference, who=STAFF, now=NOW)

        def listen() -> datetime:
            told.extend(one for one in references if one not in told and newest(one).programmes)
            return NOW

        plan_waiting(clock=listen)

        states = [newest(reference).state for reference in references]
    assert (told, states) == (references, [RunState.DONE] * 3)
