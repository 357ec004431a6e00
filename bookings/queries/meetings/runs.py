"""Runs of the solver, as staff watch them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.meetings import MatchRunState
from bookings.models.meetings import MatchRun

_VALUES = 4
"""Two people, a slot and a table."""


@dataclass(frozen=True, kw_only=True)
class MatchRunView:
    """Where a run stands."""

    id: int
    state: MatchRunState
    seconds: int
    asked_by: str
    asked_at: datetime
    is_stopping: bool
    gaps: int | None
    bound: int | None
    is_proved: bool
    progress: Sequence[dict[str, Any]]
    pairs: tuple[tuple[int, int], ...]
    has_tables: bool

    @property
    def is_open(self) -> bool:
        """Is the solver still to come, or at it?"""
        return self.state in (MatchRunState.WAITING, MatchRunState.RUNNING)

    @property
    def has_schedule(self) -> bool:
        """Is there anything to apply?"""
        return self.state is MatchRunState.DONE and self.gaps is not None and self.has_tables


def find_newest_match(session: Session, event_id: int) -> MatchRunView | None:
    """The last run of this day."""
    query = select(MatchRun).where(MatchRun.event_id == event_id).order_by(MatchRun.id.desc()).limit(1)
    row = session.scalars(query.execution_options(populate_existing=True)).first()
    return _build(row) if row else None


def find_match(session: Session, event_id: int, run_id: int) -> MatchRunView:
    """One run of this day. Raises NotFoundError."""
    row = session.get(MatchRun, run_id)
    if row is None or row.event_id != event_id:
        raise NotFoundError("match_run", str(run_id))
    return _build(row)


def _build(row: MatchRun) -> MatchRunView:
    return MatchRunView(
        id=row.id,
        state=MatchRunState(row.state),
        seconds=row.seconds,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        is_stopping=row.is_stopping,
        gaps=row.gaps,
        bound=row.bound,
        is_proved=row.is_proved,
        progress=row.progress or [],
        pairs=tuple((one, other) for one, other, *_seat in row.result.get("meetings", [])),
        has_tables=has_tables(row),
    )


def has_tables(row: MatchRun) -> bool:
    """Does each meeting that was found have a table? In an earlier version they had none."""
    return all(len(seated) == _VALUES for seated in row.result.get("meetings", []))
