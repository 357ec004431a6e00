"""Runs of the solver: asked for by staff, worked off by the worker, outside of any request."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import MatchMode, MatchPhase, MatchRunState
from bookings.models.meetings import MatchRun
from bookings.queries.meetings.day import load_day_by_slug
from bookings.services.audit import add_audit
from bookings.services.planning import wake_planner

_SPARE_SECONDS = 60
_LONGEST_SECONDS = 600
_MOST_MARKS = 200
OPEN_MATCH_RUNS = (MatchRunState.WAITING, MatchRunState.RUNNING)


@dataclass(frozen=True)
class ClaimedMatch:
    """A run that this worker has taken."""

    id: int
    event_id: int
    seed: int
    seconds: int


@dataclass(frozen=True, kw_only=True)
class MatchOutcome:
    """Where a run stands; `result` is plain values."""

    seconds: float = 0.0
    gaps: int | None = None
    bound: int | None = None
    is_proved: bool = False
    result: dict[str, Any] = field(default_factory=dict)


def ask_for_schedule(slug: str, *, seconds: int = 20, who: Who, now: datetime) -> int:
    """Let the solver look for a schedule. While one is at it, it is the same run.

    Raises NotFoundError or MeetingNotPossibleError (phase: participants put the pairs together themselves,
    or the schedule is final).
    """
    run_id = _add_run(slug, seconds=seconds, who=who, now=now)
    wake_planner()
    return run_id


@retry_conflicts
def _add_run(slug: str, *, seconds: int, who: Who, now: datetime) -> int:
    with transaction() as session:
        day = load_day_by_slug(session, slug)
        if day.view.mode is not MatchMode.SOLVER or day.view.phase is MatchPhase.FINAL:
            raise MeetingNotPossibleError("phase")
        waiting = select(MatchRun).where(
            MatchRun.event_id == day.view.event_id, MatchRun.state.in_(OPEN_MATCH_RUNS)
        )
        known = session.scalars(waiting.limit(1)).first()
        if known is not None:
            return known.id
        run = MatchRun(
            event_id=day.view.event_id,
            state=MatchRunState.WAITING,
            seconds=max(1, min(seconds, _LONGEST_SECONDS)),
            asked_by=who.name,
            asked_at=now,
            progress=[],
            result={},
        )
        session.add(run)
        session.flush()
        add_audit(session, who, "ask_solver", noun="event", subject_id=day.view.event_id, now=now)
        return run.id


@retry_conflicts
def stop_match(run_id: int, *, now: datetime) -> None:
    """Take the best there is so far. A run that has ended stays as it is. Raises NotFoundError."""
    with transaction() as session:
        run = _load(session, run_id)
        if run.state == MatchRunState.WAITING:
            run.state, run.ended_at = MatchRunState.DONE, now
        run.is_stopping = True


def waiting_matches(now: datetime) -> ColumnElement[bool]:
    """Runs that wait, and those whose worker is gone."""
    gone = and_(MatchRun.state == MatchRunState.RUNNING, MatchRun.leased_until < now)
    return or_(MatchRun.state == MatchRunState.WAITING, gone)


def has_waiting_matches(session: Session, *, now: datetime) -> bool:
    """Is there anything to do? Without a lock."""
    return session.scalars(select(MatchRun.id).where(waiting_matches(now)).limit(1)).first() is not None


@retry_conflicts
def claim_match(*, now: datetime) -> ClaimedMatch | None:
    """Take the run that waits longest, or one whose worker is gone."""
    with transaction() as session:
        query = select(MatchRun).where(waiting_matches(now)).order_by(MatchRun.id).limit(1)
        run = session.scalars(query.with_for_update(skip_locked=True)).one_or_none()
        if run is None:
            return None
        run.state, run.started_at = MatchRunState.RUNNING, now
        run.leased_until = now + timedelta(seconds=run.seconds + _SPARE_SECONDS)
        return ClaimedMatch(run.id, run.event_id, run.seed, run.seconds)


@retry_conflicts
def keep_match(run_id: int, outcome: MatchOutcome, *, now: datetime) -> bool:
    """Let staff see what there is so far; the answer says whether to go on."""
    with transaction(flushes=False) as session:
        run = _load(session, run_id)
        if run.state != MatchRunState.RUNNING:
            return False
        _write(run, outcome)
        run.leased_until = now + timedelta(seconds=run.seconds + _SPARE_SECONDS)
        return not run.is_stopping


@retry_conflicts
def end_match(run_id: int, outcome: MatchOutcome | None, *, now: datetime) -> None:
    """The solver is through; without an outcome it failed and what was found before stays."""
    with transaction() as session:
        run = _load(session, run_id)
        if run.state != MatchRunState.RUNNING:
            return
        if outcome is not None:
            _write(run, outcome)
        run.ended_at = now
        run.state = MatchRunState.FAILED if outcome is None else MatchRunState.DONE


@retry_conflicts
def requeue_match(run_id: int) -> None:
    """The worker stops before the run is through: another one takes it."""
    with transaction() as session:
        run = _load(session, run_id)
        if run.state == MatchRunState.RUNNING:
            run.state, run.leased_until = MatchRunState.WAITING, None


def _load(session: Session, run_id: int) -> MatchRun:
    run = session.get(MatchRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFoundError("match_run", str(run_id))
    return run


def _write(run: MatchRun, outcome: MatchOutcome) -> None:
    run.gaps, run.bound, run.is_proved = outcome.gaps, outcome.bound, outcome.is_proved
    run.result = outcome.result
    mark = {"seconds": round(outcome.seconds, 1), "gaps": outcome.gaps, "bound": outcome.bound}
    is_news = outcome.gaps is not None and _say(mark) != _say(run.progress[-1] if run.progress else {})
    if is_news and len(run.progress) < _MOST_MARKS:
        run.progress = [*run.progress, mark]


def _say(mark: dict[str, Any]) -> tuple[Any, Any]:
    return mark.get("gaps"), mark.get("bound")
