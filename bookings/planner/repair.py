"""After a decline, another time or a closed site: the best of the plans that move the fewest slots."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bookings.planner.build import Built, build_model, index_openings_of
from bookings.planner.decode import decode_plan
from bookings.planner.model import SCALE, Visit
from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Candidate, Firmness, FixedStop, Problem
from bookings.planner.room import MOST_FRAMES, Arrival, Place, list_rooms, list_same_frames
from bookings.planner.routes import REQUIRED, Evaluator
from bookings.planner.search import Search
from bookings.planner.staying import list_stays

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
    kept = [stop for stop in standing if stop.key in stays]
    gone = [stop for stop in problem.fixed if stop.key in lost]
    shared = {stop.host for stop in moved if stop.group is None and problem.delegation.groups > 1}
    # No group looks for a time for the others: what all move together has its new time before.
    together = _move_together(problem, kept, moved) if shared else []
    out = shared - {stop.host for stop in (*kept, *together)}
    around = replace(
        problem,
        fixed=(*kept, *together),
        candidates=tuple(one for one in problem.candidates if one.host not in out),
    )
    plan = _plan_around(problem, around, moved, effort)
    if plan is None:
        return None
    moves, losses = (list_moves(problem, plan, slots) for slots in (moved, gone))
    return Repair(plan, tuple(stop.key for stop in kept), moves, losses)


def _move_together(problem: Problem, kept: list[FixedStop], moved: Collection[FixedStop]) -> list[FixedStop]:
    """The stops of all at the nearest times that all groups have, and that leave time for what else moves."""
    best: tuple[Place, ...] = ()
    standing = replace(problem, fixed=tuple(kept))
    order = sorted(moved, key=lambda s: (s.group is not None, s.firmness == Firmness.ASKED, s.interval.start))
    for room in list_rooms(standing, problem.fixed):
        arrivals = [as_arrival(problem, stop, room.groups_of(stop)) for stop in order]
        best = max(best, room.settle_most(room.stand(kept), arrivals), key=len)
    at = {place.arrival.key: place for place in best}
    return [move_to(stop, at[stop.key]) for stop in moved if stop.group is None and stop.key in at]


def as_arrival(problem: Problem, stop: FixedStop, groups: tuple[int, ...]) -> Arrival:
    """A slot on its way to another time."""
    offers = tuple(offer for offer in problem.candidates if offer.host == stop.host)
    start = stop.interval.start
    return Arrival(stop.key, offers, groups, start, not_at=start)


def move_to(stop: FixedStop, place: Place) -> FixedStop:
    """The slot where it comes in."""
    offer = place.offer
    return replace(
        stop, interval=place.interval, candidate=offer.key, place=offer.place, zone=offer.zone,
        firmness=Firmness.PINNED,
    )  # fmt: skip


def list_moves(problem: Problem, plan: Plan, slots: Collection[FixedStop]) -> tuple[Move, ...]:
    """Where a slot goes: to the time it has been given, else to the host's new stop for the same people. What
    was of all groups has been given its time or goes: the host's new stop is one group's own.
    """
    known = {stop.fixed_key: stop for stop in plan.stops if stop.fixed_key}
    fresh = [stop for stop in plan.stops if not stop.fixed_key]
    is_one = problem.delegation.groups <= 1
    at = {(stop.host, None if is_one else stop.group): stop for stop in fresh}

    def find(slot: FixedStop) -> PlannedStop | None:
        return known.get(slot.key) or at.get((slot.host, None if is_one else slot.group))

    return tuple(Move(s.key, s.host, s.firmness, s.interval.start, find(s)) for s in slots)


def _plan_around(
    problem: Problem, standing: Problem, moved: Collection[FixedStop], effort: _Effort
) -> Plan | None:
    """The best of the plans in which all fixed stops of `standing` stay."""
    around = replace(standing, fixed=tuple(replace(s, firmness=Firmness.PINNED) for s in standing.fixed))
    openings = index_openings_of(around, (stop.host for stop in moved))
    plans: list[tuple[int, Plan]] = []
    for frame in list_same_frames(around, problem.fixed, openings)[:MOST_FRAMES]:
        built = build_model(around, frame, openings)
        favoured = _favour(built, moved, fills=effort.fills)
        search = Search(favoured.model, seed=effort.seed)
        search.run(effort.steps)
        if search.best_value > -REQUIRED // 2:
            plan = decode_plan(built, Evaluator(built.model), search.best)
            plans.append((search.best_value if effort.fills else round(plan.score * SCALE), plan))
    if not plans and not around.fixed and not problem.must:
        return Plan((), (), (), (), 0.0)  # nothing stays and nothing else is open
    return max(plans, key=lambda rated: rated[0], default=(0, None))[1]


def _favour(built: Built, moved: Collection[FixedStop], *, fills: bool) -> Built:
    """Whoever has said yes, or was asked, comes first when their slot has to move, and for the same group."""
    newcomer = _COMES_IN if fills else 0
    again = max(newcomer, built.problem.weights.wanted)
    hosts = Counter(stop.host for stop in moved)
    group_at = {stop.host: stop.group for stop in moved if built.model.tracks > 1 and hosts[stop.host] == 1}

    def favour(visit: Visit) -> Visit:
        if not isinstance(visit.source, Candidate):
            return visit
        host = visit.source.host
        group = group_at.get(host)
        # A host that stays for one group may be open to each of the others: only one of these was there.
        is_again = host in hosts and (group is None or visit.track in (-1, group))
        more = newcomer + again * is_again
        track = group if is_again and group is not None else visit.track
        return replace(visit, gain=visit.gain + more * SCALE, track=track)

    visits = tuple(map(favour, built.model.visits))
    return replace(built, model=replace(built.model, visits=visits))
