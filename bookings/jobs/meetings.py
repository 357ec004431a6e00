"""The worker's solver of matchmaking days: takes runs that wait and tells how far it is."""

import logging
import time
from collections.abc import Callable
from datetime import datetime

from bookings.db import read_session
from bookings.planner.meetings.solve import Solution
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
from bookings.services.meetings.solving import MatchProblem, build_problem, describe, solve

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
    day, wishes = load_day(session, run.event_id), list_wishes(session, run.event_id)
    session.rollback()  # nothing is held while it thinks
    watch = _Watch(run, build_problem(day, wishes, now=clock(), seed=run.seed), clock)
    found = solve(
        watch.problem,
        seed=run.seed,
        seconds=run.seconds,
        on_better=watch.note,
        should_stop=lambda: is_stopping() or watch.is_told_to_stop(),
    )
    if is_stopping() and not found.is_proven and found.seconds < run.seconds:
        requeue_match(run.id)
    else:
        end_match(run.id, watch.describe(found), now=clock())


class _Watch:
    """Tells staff of the best so far, not too often, and hears whether it is good enough for them."""

    def __init__(self, run: ClaimedMatch, problem: MatchProblem, clock: Clock) -> None:
        self.run, self.problem, self.clock = run, problem, clock
        self.best: Solution | None = None
        self.told_at = float("-inf")
        self.goes_on = True

    def note(self, found: Solution) -> None:
        self.best = found

    def is_told_to_stop(self) -> bool:
        if self.best and time.monotonic() - self.told_at >= _TELL_SECONDS:
            self.goes_on = keep_match(self.run.id, self.describe(self.best), now=self.clock())
            self.told_at = time.monotonic()
        return not self.goes_on

    def describe(self, solution: Solution) -> MatchOutcome:
        found = describe(self.problem, solution)
        return MatchOutcome(
            seconds=solution.seconds,
            gaps=found.gaps,
            bound=found.bound,
            is_proved=found.is_proved,
            result={
                "meetings": [[*pair, *seat] for pair, seat in found.seats.items()],
                "slots": slots_as_stored(self.problem.wishing.matching.day),
            },
        )
