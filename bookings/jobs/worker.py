"""The worker: sends what waits in the outbox and calls the jobs that are due. Any number may run."""

import logging
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from threading import Event, Thread
from typing import TYPE_CHECKING

from flask import Flask

from bookings.db import read_session
from bookings.jobs.meetings import match_waiting
from bookings.jobs.outbox import Postbox, open_postbox, send_mails
from bookings.jobs.planning import plan_waiting
from bookings.jobs.schedule import Schedule
from bookings.late import LateModule
from bookings.queries.settings import refresh_settings
from bookings.services.outbox import record_heartbeat, wait_for_mail, wake_worker
from bookings.services.planning import wait_for_runs, wake_planner

if TYPE_CHECKING:
    from bookings.jobs import lmtp
else:
    lmtp = LateModule("bookings.jobs.lmtp")

log = logging.getLogger("bookings.jobs")

HEARTBEAT_SECONDS = 10
_REST_AFTER_FAULT_SECONDS = 2.0
_GOODBYE_SECONDS = 15.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """Three loops: the mails, the jobs that are due, the planner; each rests until somebody rings."""

    def __init__(
        self, app: Flask, *, schedule: Schedule | None = None, clock: Callable[[], datetime] = _utc_now
    ) -> None:
        self._app = app
        # A name that no other worker has, also after a restart with the same process number.
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._schedule = schedule if schedule is not None else Schedule()
        self._clock = clock
        self._stop = Event()
        self._next_beat = 0.0
        self._postbox: Postbox | None = None
        self._has_rested = False

    def run(self) -> None:
        """Work until `stop` is called. A fault is logged and costs a short rest, never the worker."""
        # Beside each other: a programme may take its ten seconds, a job its time, and mails wait for neither.
        beside = [
            Thread(target=self._plan, name="planner", daemon=True),
            Thread(target=self._do_jobs, name="jobs", daemon=True),
        ]
        for thread in beside:
            thread.start()
        with self._open_door():
            self._send()
        for thread in beside:
            thread.join(_GOODBYE_SECONDS)

    def _open_door(self) -> AbstractContextManager[None]:
        """Mail comes in by LMTP while the worker runs, if the settings name an address for it."""
        address = self._app.extensions["settings"].inbox.lmtp_address
        return lmtp.listening(self._app, self._clock, address=address) if address else nullcontext()

    def _send(self) -> None:
        self._go_on(self._send_waiting, wait_for_mail)
        self._hang_up()

    def _plan(self) -> None:
        self._go_on(self._plan_waiting, wait_for_runs)

    def _do_jobs(self) -> None:
        self._go_on(self._run_due_jobs, self._stop.wait)

    def _go_on(self, go_round: Callable[[], bool], rest: Callable[[float], object]) -> None:
        """Round after round, with a rest when one had nothing to do."""
        poll_seconds = self._app.extensions["settings"].outbox.poll_seconds
        while not self._stop.is_set():
            try:
                with self._app.app_context():
                    had_work = go_round()
            except Exception:  # whatever it was, the rest goes on
                log.exception("the worker met a fault")
                self._stop.wait(_REST_AFTER_FAULT_SECONDS)
                continue
            if not had_work and not self._stop.is_set():
                rest(poll_seconds)

    def work_once(self) -> bool:
        """One round by itself; True when there may be more mail to send at once."""
        try:
            with self._app.app_context():
                had_mail = self._send_waiting()
                self._run_due_jobs()
                return had_mail
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._postbox is not None:
            self._postbox.close()
            self._postbox = None

    def _send_waiting(self) -> bool:
        now = self._clock()
        refresh_settings(read_session())
        if time.monotonic() >= self._next_beat:
            record_heartbeat(self._name, now=now)
            self._next_beat = time.monotonic() + HEARTBEAT_SECONDS
        self._postbox = self._postbox or open_postbox(self._app.extensions["settings"])
        had_mail = send_mails(self._name, self._postbox, is_stopping=self._stop.is_set, now=now)
        # The line to the relay stays open for the mails that follow closely, not for long.
        if self._has_rested and not had_mail:
            self._hang_up()
        self._has_rested = not had_mail
        return had_mail

    def _run_due_jobs(self) -> bool:
        refresh_settings(read_session())
        self._schedule.run_due(now=self._clock(), is_stopping=self._stop.is_set)
        return False

    def _plan_waiting(self) -> bool:
        had_run = plan_waiting(clock=self._clock, is_stopping=self._stop.is_set)
        return match_waiting(clock=self._clock, is_stopping=self._stop.is_set) or had_run

    def stop(self) -> None:
        """End after the mail that is just being sent, and the job that is running."""
        self._stop.set()
        wake_worker()
        wake_planner()


@contextmanager
def running_worker(app: Flask) -> Iterator[Worker]:
    """A worker in a thread of this process, stopped at the end."""
    worker = Worker(app)
    thread = Thread(target=worker.run, name="worker", daemon=True)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(_GOODBYE_SECONDS)
