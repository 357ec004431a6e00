"""What a run of the planner left behind: programmes as plain values, and back again."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from math import ceil
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.planning import OPEN_RUNS, ProgrammeWishes, RunState
from bookings.models.planning import PlanningRun
from bookings.models.visits import VisitRequest
from bookings.planner.explain import Gain
from bookings.planner.frames import FrameDay, Half
from bookings.planner.plan import Plan, PlannedLeg, PlannedLunch, PlannedStop, Way
from bookings.planner.problem import Sailing
from bookings.queries.planning.wishes import unpack_wishes

_NOTHING = 1e-6  # what is left of a difference of two equal sums


@dataclass(frozen=True)
class ProgrammeFound:
    """A programme with what each of its stops brings, in the order of the stops."""

    plan: Plan
    gains: tuple[Gain, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunView:
    """One run; `conflict` and `refused` say why there is no programme, where there is none."""

    id: int
    reference: str
    state: RunState
    seed: int
    needs_wanted: bool
    steps: int
    score: float | None
    bound: float | None
    is_proved: bool
    is_stopping: bool
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    points: Mapping[str, int]
    wishes: ProgrammeWishes
    programmes: tuple[ProgrammeFound, ...]
    conflict: Mapping[str, Any] | None
    refused: Mapping[str, int]
    unseen: int
    """Choices of days that promised less and were left aside."""

    @property
    def is_open(self) -> bool:
        """Is there more to come?"""
        return self.state in OPEN_RUNS

    @property
    def gap_percent(self) -> int:
        """By how much at most the best programme lies below the best possible: rounded up, never down."""
        if self.is_proved or self.score is None or self.bound is None:
            return 0
        return max(0, ceil(100 * (self.bound - self.score) / max(1.0, abs(self.bound)) - _NOTHING))


def find_newest_run(session: Session, reference: str) -> RunView | None:
    """The last run of a visit, if there was one."""
    return _find(session, VisitRequest.reference == reference)


def find_run(session: Session, reference: str, run_id: int) -> RunView:
    """One run of a visit. Raises NotFoundError."""
    found = _find(session, VisitRequest.reference == reference, PlanningRun.id == run_id)
    if found is None:
        raise NotFoundError("planning_run", str(run_id))
    return found


def has_waiting_runs(session: Session, *, now: datetime) -> bool:
    """Is there something for a planner to do?"""
    return session.scalar(select(PlanningRun.id).where(waiting_runs(now)).limit(1)) is not None


def waiting_runs(now: datetime) -> Any:
    """Runs that nobody works on: new ones, and those whose worker is gone."""
    return (PlanningRun.state == RunState.QUEUED) | (
        (PlanningRun.state == RunState.RUNNING) & (PlanningRun.leased_until < now)
    )


def _find(session: Session, *conditions: Any) -> RunView | None:
    found = session.execute(
        select(PlanningRun, VisitRequest.reference)
        .join(VisitRequest, VisitRequest.id == PlanningRun.visit_id)
        .where(*conditions)
        .order_by(PlanningRun.id.desc())
        .limit(1)
    ).one_or_none()
    return _build_view(*found) if found else None


def _build_view(run: PlanningRun, reference: str) -> RunView:
    return RunView(
        id=run.id,
        reference=reference,
        state=RunState(run.state),
        seed=run.seed,
        needs_wanted=run.needs_wanted,
        steps=run.steps,
        score=run.score,
        bound=run.bound,
        is_proved=run.is_proved,
        is_stopping=run.is_stopping,
        asked_by=run.asked_by,
        asked_at=run.asked_at,
        started_at=run.started_at,
        ended_at=run.ended_at,
        points={name: int(value) for name, value in run.points.items()},
        wishes=unpack_wishes(run.wishes),
        programmes=tuple(unpack_programme(one) for one in run.result.get("programmes", ())),
        conflict=run.result.get("conflict"),
        refused=run.result.get("refused", {}),
        unseen=run.result.get("unseen", 0),
    )


def pack(value: Any) -> Any:
    """Values as JSON has them."""
    if is_dataclass(value):
        return {field.name: pack(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): pack(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [pack(one) for one in value]
    return value


def unpack_programme(values: Mapping[str, Any]) -> ProgrammeFound:
    """The programme that was packed."""
    plan = unpack_plan(values["plan"])
    gains = tuple(
        Gain(stop, one["parts"], tuple(one["areas"]), tuple(one["topics"]))
        for stop, one in zip(plan.stops, values.get("gains", ()), strict=False)
    )
    return ProgrammeFound(plan, gains)


def unpack_plan(values: Mapping[str, Any]) -> Plan:
    """The plan that was packed."""
    return Plan(
        frame=tuple(FrameDay(date.fromisoformat(one["day"]), Half(one["half"])) for one in values["frame"]),
        stops=tuple(PlannedStop(**_with_times(one)) for one in values["stops"]),
        legs=tuple(_unpack_leg(one) for one in values["legs"]),
        lunches=tuple(PlannedLunch(**_with_times(one)) for one in values["lunches"]),
        score=values["score"],
        parts=values["parts"],
    )


def _unpack_leg(values: Mapping[str, Any]) -> PlannedLeg:
    sailing = values["sailing"]
    return PlannedLeg(
        **{
            **_with_times(values),
            "way": Way(values["way"]),
            "sailing": Sailing(**_with_times(sailing)) if sailing else None,
        }
    )


def _with_times(values: Mapping[str, Any]) -> dict[str, Any]:
    read = {"day": date.fromisoformat}
    return {
        name: (datetime.fromisoformat if name.endswith("_at") else read.get(name, _as_it_is))(value)
        for name, value in values.items()
    }


def _as_it_is(value: Any) -> Any:
    return value
