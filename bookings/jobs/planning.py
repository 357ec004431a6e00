"""The worker's planner: takes runs that wait and tells how far it is."""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from bookings.db import read_session
from bookings.planner.conflicts import find_conflict
from bookings.planner.explain import explain_chosen
from bookings.planner.problem import Problem
from bookings.planner.solve import Progress, improve
from bookings.planner.worth import find_refusal
from bookings.queries.planning import VisitProblem, load_problem
from bookings.queries.planning.results import has_waiting_runs, pack
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
_MOST_AT_ONCE = 8
Clock = Callable[[], datetime]


def plan_waiting(*, clock: Clock, is_stopping: Callable[[], bool] = lambda: False) -> bool:
    """Work off the runs that wait, in turn: each has a first programme before any gets a better one. A fault
    ends a run as failed, never the worker."""
    table: list[_Work] = []
    has_worked = False
    while True:
        while len(table) < _MOST_AT_ONCE and not is_stopping():
            run = claim_run(now=clock()) if has_waiting_runs(read_session(), now=clock()) else None
            if run is None:
                break
            table.append(_Work(run, clock, is_stopping))
        if not table:
            return has_worked
        has_worked = True
        table = [work for work in table if work.go_on()]


class _Work:
    """One run on the table, with its own time."""

    def __init__(self, run: ClaimedRun, clock: Clock, is_stopping: Callable[[], bool]) -> None:
        self.run, self.clock, self.is_stopping = run, clock, is_stopping
        self.found: VisitProblem | None = None
        self.stages: Iterator[Progress] = iter(())
        self.progress = Progress((), 0.0, 0)
        self.spent = 0.0

    def go_on(self) -> bool:
        """One stage. False when the run needs no more of it."""
        try:
            begun = time.monotonic()
            goes_on = self._take_stage()
            self.spent += time.monotonic() - begun
        except Exception:  # whatever it was, staff see that the run failed
            log.exception("run %s of the planner failed", self.run.id)
            end_run(self.run.id, None, now=self.clock())
            return False
        return goes_on

    def _take_stage(self) -> bool:
        found = self.found or self._begin()
        progress = next(self.stages, None)
        if self.is_stopping():
            requeue_run(self.run.id)
            return False
        if progress is not None:
            self.progress = progress
            if self.teller.hear(progress) and self.spent < current_settings().planner.seconds:
                return True
        end_run(self.run.id, build_outcome(found, self.progress, is_last=True), now=self.clock())
        return False

    def _begin(self) -> VisitProblem:
        run = self.run
        self.found = found = load_problem(read_session(), run.reference, now=self.clock(), run=run)
        read_session().rollback()  # nothing is held while it thinks
        self.stages = improve(found.problem, seed=run.seed, steps=current_settings().planner.steps)
        self.teller = _Teller(run.id, found, self.clock, self.is_stopping)
        return found


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
        ],
        "unseen": progress.unseen,
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
