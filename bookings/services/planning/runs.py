"""Runs of the planner: asked for by staff, worked off by the worker, outside of any request."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.planning import NO_WISHES, OPEN_RUNS, ProgrammeWishes, RunState
from bookings.domain.visits import PLANNABLE_STATES
from bookings.models.planning import PlanningRun
from bookings.models.visits import VisitRequest
from bookings.queries.planning import find_basis, load_weights
from bookings.queries.planning.problem import build_weights
from bookings.queries.planning.results import waiting_runs
from bookings.queries.planning.wishes import pack_wishes, unpack_wishes
from bookings.queries.programme import find_visit_id
from bookings.services.audit import add_audit
from bookings.services.invitations import check_visit_is_in, open_visit
from bookings.settings import current_settings

_SPARE_SECONDS = 60
_RING = "planner_rings"
_bell = Event()


@dataclass(frozen=True)
class ClaimedRun:
    """A run that this worker has taken."""

    id: int
    reference: str
    seed: int
    needs_wanted: bool
    points: Mapping[str, int]
    wishes: ProgrammeWishes = NO_WISHES


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """Where a run stands; `result` is plain values."""

    steps: int = 0
    score: float | None = None
    bound: float | None = None
    is_proved: bool = False
    basis: str = ""
    result: dict[str, Any] = field(default_factory=dict)


@retry_conflicts
def ask_for_programmes(
    reference: str,
    *,
    points: Mapping[str, int] | None = None,
    needs_wanted: bool = False,
    wishes: ProgrammeWishes = NO_WISHES,
    who: Who,
    now: datetime,
) -> int:
    """Let the planner look for programmes of this visit, with staff's weights unless others are given.
    With `needs_wanted` the hosts that the visitor asked for have to be in; `wishes` are what staff changed in
    a programme that was proposed before.

    Asked again for the same while it is at it, it is the same run. Raises NotFoundError or
    TransitionNotAllowedError.
    """
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        check_visit_is_in(visit, PLANNABLE_STATES, "ask_for_programmes")
        weights = load_weights(session) if points is None else build_weights(points)
        wanted = {
            "points": asdict(weights),
            "basis": find_basis(session, reference),
            "needs_wanted": needs_wanted,
            "wishes": pack_wishes(wishes) if wishes != NO_WISHES else None,
        }
        for run in _list_open(session, visit.id):
            if all(getattr(run, name) == value for name, value in wanted.items()) and not run.is_stopping:
                return run.id
            _stop(run, now=now)
        run = PlanningRun(
            visit_id=visit.id,
            state=RunState.QUEUED,
            asked_by=who.name,
            asked_at=now,
            result={},
            **wanted,
        )
        session.add(run)
        session.flush()
        add_audit(
            session, who, "ask_planner", noun="visit_request", subject_id=visit.id, visit_id=visit.id, now=now
        )
        session.info[_RING] = True
        return run.id


@retry_conflicts
def stop_run(run_id: int, *, now: datetime) -> None:
    """Take the best there is so far. A run that has ended stays as it is. Raises NotFoundError."""
    with transaction() as session:
        _stop(_load(session, run_id), now=now)


@retry_conflicts
def claim_run(*, now: datetime) -> ClaimedRun | None:
    """Take the run that waits longest, or one whose worker is gone."""
    with transaction() as session:
        found = session.execute(
            select(PlanningRun, VisitRequest.reference)
            .join(VisitRequest, VisitRequest.id == PlanningRun.visit_id)
            .where(waiting_runs(now))
            .order_by(PlanningRun.id)
            .limit(1)
            .with_for_update(of=PlanningRun, skip_locked=True)
        ).one_or_none()
        if found is None:
            return None
        run, reference = found
        run.state, run.started_at = RunState.RUNNING, now
        run.leased_until = now + timedelta(seconds=current_settings().planner.seconds + _SPARE_SECONDS)
        points = {name: int(value) for name, value in run.points.items()}
        wishes = unpack_wishes(run.wishes)
        return ClaimedRun(run.id, reference, run.seed, run.needs_wanted, points, wishes)


@retry_conflicts
def keep_progress(run_id: int, outcome: RunOutcome, *, now: datetime) -> bool:
    """Let staff see what there is so far; the answer says whether to go on."""
    with transaction(flushes=False) as session:
        run = _load(session, run_id)
        if run.state != RunState.RUNNING:
            return False
        _write(run, outcome)
        run.leased_until = now + timedelta(seconds=current_settings().planner.seconds + _SPARE_SECONDS)
        return not run.is_stopping


@retry_conflicts
def end_run(run_id: int, outcome: RunOutcome | None, *, now: datetime) -> None:
    """The planner is through; without an outcome it failed and what was found before stays."""
    with transaction() as session:
        run = _load(session, run_id)
        if run.state != RunState.RUNNING:
            return
        if outcome is not None:
            _write(run, outcome)
        run.ended_at = now
        ended = RunState.STOPPED if run.is_stopping else RunState.DONE
        run.state = RunState.FAILED if outcome is None else ended


@retry_conflicts
def requeue_run(run_id: int) -> None:
    """The worker stops before the run is through: another one takes it."""
    with transaction() as session:
        run = _load(session, run_id)
        if run.state == RunState.RUNNING:
            run.state, run.leased_until = RunState.QUEUED, None


def wait_for_runs(seconds: float) -> None:
    """Return when a programme was asked for in this process, and at the latest after so many seconds."""
    _bell.wait(seconds)
    _bell.clear()


def wake_planner() -> None:
    """Let a waiting planner of this process look at once."""
    _bell.set()


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    if session.info.pop(_RING, False):
        _bell.set()


def _list_open(session: Session, visit_id: int) -> list[PlanningRun]:
    query = select(PlanningRun).where(PlanningRun.visit_id == visit_id, PlanningRun.state.in_(OPEN_RUNS))
    return list(session.scalars(query.order_by(PlanningRun.id)))


def _load(session: Session, run_id: int) -> PlanningRun:
    query = select(PlanningRun).where(PlanningRun.id == run_id).with_for_update()
    run = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if run is None:
        raise NotFoundError("planning_run", str(run_id))
    return run


def _stop(run: PlanningRun, *, now: datetime) -> None:
    if run.state == RunState.QUEUED:
        run.state, run.ended_at = RunState.STOPPED, now
    elif run.state == RunState.RUNNING:
        run.is_stopping = True


def _write(run: PlanningRun, outcome: RunOutcome) -> None:
    run.steps, run.score, run.bound = outcome.steps, outcome.score, outcome.bound
    run.is_proved, run.result = outcome.is_proved, outcome.result
    run.basis = outcome.basis or run.basis
