"""A worker that a test lets work at an instant of its choice."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from tests.support.mails import add_test_template

Work = Callable[[datetime], None]


@pytest.fixture
def work(app: Flask, now: datetime) -> Work:
    """Let a worker without periodic jobs work at an instant until nothing is left to do then."""
    add_test_template(app)
    clock = [now]
    worker = Worker(app, schedule=Schedule(jobs=()), clock=lambda: clock[0])

    def work_at(now: datetime) -> None:
        clock[0] = now
        while worker.work_once():
            pass

    return work_at
