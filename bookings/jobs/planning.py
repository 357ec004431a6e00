"""The worker's planner: takes runs that wait and tells how far it is."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bookings.db import read_session
from bookings.planner.conflicts import find_conflict
from bookings.planner.explain import explain_chosen
from bookings.planner.problem import Problem
from bookings.planner.solve import Progress, solve
from bookings.planner.worth import find_refusal
from bookings.queries.planning import VisitProblem, load_problem
from bookings.queries.planning.results import has_waiting_runs, pack
from bookings.queries.planning.wishes import wish
from bookings.services.planning import (
    ClaimedRun,
    RunOutcome,
    claim_run,
    end_run,
    keep_progress,
    requeue_run,
)
from bookings.settings import current_settings

log = logging.getLogger("bookings.jobs")

_TELL_SECONDS = 0.7
Clock = Callable[[], datetime]


def plan_waiting(*, clock: Clock, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Work off one run, if any waits. A fault ends the run as failed, never the worker."""
    if not has_waiting_runs(read_session(), now=clock()):
        return False
    run = claim_run(now=clock())
    if run is None:
        return False
    try:
        _plan(run, clock, is_stopping)
    except Exception:  # whatever it was, staff see that the run failed
        log.exception("run %s of the planner failed", run.id)
        end_run(run.id, None, now=clock())
    return True


def _plan(run: ClaimedRun, clock: Clock, is_stopping: Callable[[], bool]) -> None:
    found = load_problem(
        read_session(), run.reference, now=clock(), points=run.points, needs_wanted=run.needs_wanted
    )
    found = replace(found, problem=wish(found.problem, run.wishes))
    read_session().rollback()  # nothing is held while it thinks
    teller = _Teller(run.id, found, clock, is_stopping)
    rules = current_settings().planner
    progress = solve(
        found.problem, seed=run.seed, steps=rules.steps, time_limit=rules.seconds, on_progress=teller.hear
    )
    if is_stopping():
        requeue_run(run.id)
        return
    end_run(run.id, build_outcome(found, progress, is_last=True), now=clock())


class _Teller:
    """Keeps what there is, the first programme at once and better ones not more often than people look."""

    def __init__(
        self, run_id: int, found: VisitProblem, clock: Clock, is_stopping: Callable[[], bool]
    ) -> None:
        self.run_id, self.found, self.clock, self.is_stopping = run_id, found, clock, is_stopping
        self.told_at = float("-inf")

    def hear(self, progress: Progress) -> bool:
        """Answers whether to go on."""
        if self.is_stopping():
            return False
        if time.monotonic() - self.told_at < _TELL_SECONDS:
            return True
        self.told_at = time.monotonic()
        return keep_progress(self.run_id, build_outcome(self.found, progress), now=self.clock())


def build_outcome(found: VisitProblem, progress: Progress, *, is_last: bool = False) -> RunOutcome:
    """What staff see of the search; the reasons come with the last one."""
    result: dict[str, Any] = {
        "programmes": [
            {
                "plan": pack(plan),
                "gains": pack(explain_chosen(found.problem, plan)) if is_last else [],
            }
            for plan in progress.plans
        ]
    }
    if is_last and not progress.plans:
        result["conflict"] = pack(find_conflict(found.problem))
        result["refused"] = _count_refusals(found.problem)
    return RunOutcome(
        steps=progress.steps,
        score=progress.plans[0].score if progress.plans else None,
        bound=progress.bound,
        is_proved=progress.is_proved,
        basis=found.basis,
        result=result,
    )


def _count_refusals(problem: Problem) -> dict[str, int]:
    """How many offers each rule keeps out."""
    counted: dict[str, int] = {}
    for candidate in problem.candidates:
        reason = find_refusal(problem, candidate)
        code = reason.code if reason else "not_open" if not candidate.open_times else "fits"
        counted[code] = counted.get(code, 0) + 1
    return counted
