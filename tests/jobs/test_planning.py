"""The worker plans beside the mails, and a fault of the planner stops neither."""

import time
from datetime import UTC, datetime

import pytest

from bookings.domain.planning import RunState
from bookings.jobs import planning
from bookings.jobs.planning import plan_waiting
from bookings.jobs.worker import running_worker
from bookings.services.planning import ask_for_programmes
from tests.support.clock import NOW
from tests.support.planned import a_request, newest
from tests.support.stories import STAFF

PATIENCE_SECONDS = 30


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

    monkeypatch.setattr(planning, "solve", fail)
    with app.app_context():
        reference = a_request()
        ask_for_programmes(reference, who=STAFF, now=NOW)

        assert plan_waiting(clock=lambda: NOW)

        assert newest(reference).state == RunState.FAILED
