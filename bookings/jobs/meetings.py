"""The worker's solver of matchmaking days: takes runs that wait and tells how far it is."""

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from bookings.db import read_session
from bookings.queries.meetings.day import load_day, slots_as_stored
from bookings.queries.meetings.wishes import list_wishes
from bookings.services.meetings.runs import (
    ClaimedMatch,
    MatchOutcome,
    claim_match,
    end_match,
    has_waiting_matches,
    keep_match,
    requeue_match,
)
from bookings.services.meetings.solving import Found, build_problem, solve

log = logging.getLogger("bookings.jobs")
_TELL_SECONDS = 0.7
Clock = Callable[[], datetime]


def match_waiting(*, clock: Clock, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Work off one run that waits. A fault ends it as failed, never the worker."""
    run = claim_match(now=clock()) if has_waiting_matches(read_session(), now=clock()) else None
    read_session().rollback()
    if run is None:
        return False
    try:
        _work(run, clock, is_stopping)
    except Exception:  # whatever it was, staff see that the run failed
        log.exception("run %s of the solver failed", run.id)
        end_match(run.id, None, now=clock())
    return True


def _work(run: ClaimedMatch, clock: Clock, is_stopping: Callable[[], bool]) -> None:
    session = read_session()
    day = load_day(session, run.event_id)
    problem = build_problem(day, list_wishes(session, run.event_id), now=clock())
    slots = slots_as_stored(day)
    session.rollback()  # nothing is held while it thinks
    begun, told_at = time.monotonic(), float("-inf")
    best: Found | None = None
    for found in solve(problem, seed=run.seed):
        best = found
        spent = time.monotonic() - begun
        if is_stopping():
            requeue_match(run.id)
            return
        if spent >= run.seconds:
            break
        if time.monotonic() - told_at >= _TELL_SECONDS:
            told_at = time.monotonic()
            if not keep_match(run.id, _build_outcome(best, spent, slots), now=clock()):
                break
    end_match(run.id, _build_outcome(best, time.monotonic() - begun, slots), now=clock())


def _build_outcome(found: Found | None, spent: float, slots: list[list[Any]]) -> MatchOutcome:
    if found is None:
        return MatchOutcome(seconds=spent)
    meetings = [[one, other, slot] for (one, other), slot in found.slots.items()]
    return MatchOutcome(
        seconds=spent,
        gaps=found.gaps,
        bound=found.bound,
        is_proved=found.is_proved,
        result={"meetings": meetings, "slots": slots},
    )
