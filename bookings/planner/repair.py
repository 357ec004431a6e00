"""After a decline, another time or a closed site: the best of the plans that move the fewest slots."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bookings.planner.build import Built, build_model, index_openings
from bookings.planner.decode import decode_plan
from bookings.planner.frames import Frame, list_frames
from bookings.planner.model import SCALE
from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Candidate, Firmness, FixedStop, Problem
from bookings.planner.routes import REQUIRED, Evaluator
from bookings.planner.search import Search
from bookings.planner.staying import list_stays

_MOST_FRAMES = 2
_MOST_MOVED = 4
_COMES_IN = 10**5  # points: more than any way and waiting cost, less than a host that must be in


@dataclass(frozen=True)
class Move:
    """A slot that can't stay: where it would be instead, None where it goes."""

    key: str
    host: str
    firmness: Firmness
    old_start: datetime
    stop: PlannedStop | None

    @property
    def has_other_time(self) -> bool:
        """Does it go on, at a time that its host has not been asked for?"""
        return self.stop is not None and self.stop.starts_at != self.old_start


@dataclass(frozen=True)
class Repair:
    """The mended programme; `moves` are slots that had to make room, `lost` those that could not stay."""

    plan: Plan
    kept: tuple[str, ...]
    moves: tuple[Move, ...]
    lost: tuple[Move, ...]

    def list_newcomers(self) -> list[PlannedStop]:
        """The stops of hosts that none of the slots was at."""
        moved = {move.host for move in self.moves}
        return [stop for stop in self.plan.stops if not stop.fixed_key and stop.host not in moved]


def repair(
    problem: Problem, *, lost: Collection[str] = (), fills: bool = False, seed: int = 0, steps: int = 60
) -> Repair | None:
    """Mends a programme of slots: as few accepted ones as possible move, then as few asked ones, then the
    score decides. `problem.fixed` are all its slots, a newly taken time as a pinned one; `lost` can't stay.
    It `fills`: whoever can come in does, also where that costs more than it is worth.

    None: not even pinned slots and hosts that must be in go together (see `find_conflict`).
    """
    standing = [stop for stop in problem.fixed if stop.key not in lost]
    sets = list_stays(replace(problem, fixed=tuple(standing)))
    found = [_mend(problem, stays, lost, _Effort(fills, seed, steps)) for stays in sets]
    return max((mended for mended in found if mended), key=_score, default=None)


def make_place(
    problem: Problem, near: datetime, *, lost: Collection[str] = (), seed: int = 0, steps: int = 30
) -> Repair | None:
    """Where nobody comes in beside what stands: one asked slot moves to another time so that somebody does.
    The slots nearest to the instant are tried; accepted ones stay. None: that is not enough.
    """
    standing = [stop for stop in problem.fixed if stop.key not in lost]
    asked = [stop for stop in standing if stop.firmness == Firmness.ASKED]
    asked.sort(key=lambda stop: (abs(stop.interval.start - near), stop.key))
    found = []
    for moved in asked[:_MOST_MOVED]:
        stays = {stop.key for stop in standing if stop != moved}
        mended = _mend(problem, stays, lost, _Effort(True, seed, steps))
        if mended and mended.list_newcomers() and all(move.has_other_time for move in mended.moves):
            found.append(mended)
    return max(found, key=_score, default=None)


def _score(mended: Repair) -> float:
    return mended.plan.score


@dataclass(frozen=True)
class _Effort:
    fills: bool
    seed: int
    steps: int


def _mend(problem: Problem, stays: Collection[str], lost: Collection[str], effort: _Effort) -> Repair | None:
    standing = [stop for stop in problem.fixed if stop.key not in lost]
    moved = [stop for stop in standing if stop.key not in stays]
    plan = _plan_around(problem, standing, moved, effort)
    if plan is None:
        return None
    gone = [stop for stop in problem.fixed if stop.key in lost]
    kept = tuple(stop.key for stop in standing if stop.key in stays)
    return Repair(plan, kept, _list_moves(plan, moved), _list_moves(plan, gone))


def _list_moves(plan: Plan, slots: list[FixedStop]) -> tuple[Move, ...]:
    """Where a slot goes: to the host's new stop, that of its own group where there are several."""
    fresh = [stop for stop in plan.stops if not stop.fixed_key]
    at = {stop.host: stop for stop in fresh}
    of_group = {(stop.host, stop.group): stop for stop in fresh}

    def find(slot: FixedStop) -> PlannedStop | None:
        own = None if slot.group is None else of_group.get((slot.host, slot.group))
        return own or at.get(slot.host)

    return tuple(Move(s.key, s.host, s.firmness, s.interval.start, find(s)) for s in slots)


def _plan_around(
    problem: Problem, standing: list[FixedStop], moved: list[FixedStop], effort: _Effort
) -> Plan | None:
    kept = tuple(replace(stop, firmness=Firmness.PINNED) for stop in standing if stop not in moved)
    around = replace(problem, fixed=kept)
    openings = index_openings(around)
    plans: list[tuple[int, Plan]] = []
    for frame in _list_frames(problem, around, openings.values()):
        built = build_model(around, frame, openings)
        favoured = _favour(built, {stop.host for stop in moved}, fills=effort.fills)
        search = Search(favoured.model, seed=effort.seed)
        search.run(effort.steps)
        if search.best_value > -REQUIRED // 2:
            plan = decode_plan(built, Evaluator(built.model), search.best)
            plans.append((search.best_value if effort.fills else round(plan.score * SCALE), plan))
    if not plans and not kept and not problem.must:
        return Plan((), (), (), (), 0.0)  # nothing stays and nothing else is open
    return max(plans, key=lambda rated: rated[0], default=(0, None))[1]


def _list_frames(problem: Problem, around: Problem, openings: Collection[object]) -> Iterator[Frame]:
    """The days that the slots had, where they still do."""
    days = {stop.interval.start.date() for stop in problem.fixed}
    frames = list_frames(around, openings, most=8)  # type: ignore[arg-type]
    same = [frame for frame in frames if days <= {entry.day for entry in frame}]
    yield from (same or frames)[:_MOST_FRAMES]


def _favour(built: Built, moved: set[str], *, fills: bool) -> Built:
    """Whoever has said yes, or was asked, comes first when their slot has to move."""
    newcomer = _COMES_IN if fills else 0
    again = max(newcomer, built.problem.weights.wanted)
    points = [
        newcomer * isinstance(visit.source, Candidate) + again * (visit.source.host in moved)
        for visit in built.model.visits
    ]
    visits = tuple(
        replace(visit, gain=visit.gain + more * SCALE) if more else visit
        for visit, more in zip(built.model.visits, points, strict=True)
    )
    return replace(built, model=replace(built.model, visits=visits))
