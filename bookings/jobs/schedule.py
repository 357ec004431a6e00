"""What happens by itself, and how often. Each job may run twice, or in four workers, with the same result."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bookings.jobs.busy import read_calendars
from bookings.jobs.inbox import poll_if_set_up
from bookings.services.advisers import follow_visitors
from bookings.services.catalogue import render_catalogue
from bookings.services.feeds import render_ahead
from bookings.services.history import forget_undo_steps
from bookings.services.hosts import ask_hosts_to_confirm
from bookings.services.imports import forget_imports, work_on_imports
from bookings.services.inbox import prune_inbox
from bookings.services.mailings import send_mailings
from bookings.services.meetings import (
    announce_meetings,
    expire_requests,
    follow_registrations,
)
from bookings.services.outbox import prune_outbox
from bookings.services.registrations import (
    anonymise_registrations,
    bring_entries_in_line,
    expire_registrations,
    forget_sensitive_answers,
    forget_unproved_registrations,
    promote_all,
)
from bookings.services.retention import (
    anonymise_visits,
    forget_audit,
    forget_drafts,
    forget_planning_runs,
    forget_traces,
    forget_unproved_requests,
)
from bookings.services.slots import expire_slots, remind_hosts
from bookings.services.surveys import ask_again, remind_people, thank_people
from bookings.services.visits import complete_visits, expire_visits, tell_of_delays, warn_of_unsettled

log = logging.getLogger("bookings.jobs")

_MINUTE = 60
_HOUR = 3600


@dataclass(frozen=True)
class Job:
    """A use case that is called every so many seconds."""

    name: str
    seconds: float
    run: Callable[..., Any]


JOBS = (
    Job("remind_hosts", _MINUTE, remind_hosts),
    Job("expire_slots", _MINUTE, expire_slots),
    Job("expire_visits", _MINUTE, expire_visits),
    Job("complete_visits", 15 * _MINUTE, complete_visits),
    Job("tell_of_delays", 15 * _MINUTE, tell_of_delays),
    Job("warn_of_unsettled", _HOUR, warn_of_unsettled),
    Job("expire_registrations", _MINUTE, expire_registrations),
    Job("promote_waiting", _MINUTE, promote_all),
    Job("bring_entries_in_line", _MINUTE, bring_entries_in_line),
    Job("send_mailings", 5.0, send_mailings),
    Job("poll_mailbox", _MINUTE, poll_if_set_up),
    Job("announce_meetings", 10.0, announce_meetings),
    Job("expire_meeting_requests", _MINUTE, expire_requests),
    Job("follow_registrations", _MINUTE, follow_registrations),
    Job("follow_visitors", _MINUTE, follow_visitors),
    Job("render_feeds", _MINUTE, render_ahead),
    Job("read_calendars", _MINUTE, read_calendars),
    Job("work_on_imports", 2.0, work_on_imports),
    Job("render_catalogue", 20.0, render_catalogue),
    Job("forget_imports", _HOUR, forget_imports),
    Job("ask_hosts_to_confirm", _HOUR, ask_hosts_to_confirm),
    Job("remind_people", 5 * _MINUTE, remind_people),
    Job("thank_people", 15 * _MINUTE, thank_people),
    Job("ask_again", _HOUR, ask_again),
    Job("prune_outbox", _HOUR, prune_outbox),
    Job("prune_inbox", _HOUR, prune_inbox),
    Job("forget_drafts", _HOUR, forget_drafts),
    Job("forget_unproved_requests", _HOUR, forget_unproved_requests),
    Job("forget_unproved_registrations", _HOUR, forget_unproved_registrations),
    Job("forget_sensitive_answers", _HOUR, forget_sensitive_answers),
    Job("anonymise_registrations", _HOUR, anonymise_registrations),
    Job("forget_traces", _HOUR, forget_traces),
    Job("forget_planning_runs", _HOUR, forget_planning_runs),
    Job("forget_undo_steps", _HOUR, forget_undo_steps),
    Job("forget_audit", _HOUR, forget_audit),
    Job("anonymise_visits", _HOUR, anonymise_visits),
)


@dataclass
class Schedule:
    """The jobs of one worker, with the moments at which each is due again."""

    jobs: Sequence[Job] = JOBS
    _due_at: dict[str, float] = field(default_factory=dict)

    def run_due(self, *, now: datetime, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Run what is due. By the monotonic clock, so that a jumping clock starts no storm."""
        for job in self.jobs:
            if is_stopping():
                return
            if time.monotonic() >= self._due_at.get(job.name, 0.0):
                self._due_at[job.name] = time.monotonic() + job.seconds
                _run(job, now)


def _run(job: Job, now: datetime) -> None:
    try:
        job.run(now=now)
    except Exception:  # one bad job never stops the others
        log.exception("job %s failed", job.name)
