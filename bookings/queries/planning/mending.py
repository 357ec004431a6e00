"""The next best host for a stop that fell out, with what would have to move for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.time import local_day
from bookings.planner.plan import PlannedStop
from bookings.planner.problem import area_of
from bookings.planner.repair import Move, repair
from bookings.queries.directory import load_directory
from bookings.queries.planning.problem import VisitProblem, load_problem
from bookings.queries.planning.slots import PlannedSlot, find_planned_slot

_STEPS = 60


@dataclass(frozen=True)
class NextBest:
    """What the planner would put in the place of a slot; no stop where nothing fits."""

    slot: PlannedSlot
    stop: PlannedStop | None
    moves: tuple[Move, ...] = ()


def find_next_best(session: Session, slot_id: int, *, now: datetime) -> NextBest:
    """The programme mended without this slot: as little as possible moves, then the best host comes in.

    Raises NotFoundError.
    """
    slot = find_planned_slot(session, slot_id)
    found = load_problem(session, slot.reference, now=now, keeps_asked=False)
    problem = replace(
        found.problem,
        candidates=tuple(one for one in found.problem.candidates if one.host != slot.host_slug),
    )
    lost = [stop.key for stop in problem.fixed if stop.key == str(slot.id)]
    mended = repair(problem, lost=lost, steps=_STEPS)
    if mended is None:
        return NextBest(slot, None)
    moved = {move.host for move in mended.moves}
    fresh = [stop for stop in mended.plan.stops if not stop.fixed_key and stop.host not in moved]
    return NextBest(slot, _choose(session, found, slot, fresh), mended.moves)


def _choose(
    session: Session, found: VisitProblem, slot: PlannedSlot, stops: Sequence[PlannedStop]
) -> PlannedStop | None:
    """Of the stops that come in, the one that is most like what fell out: same field, same day, same hour."""
    topics = load_directory(session).companies[slot.host_slug].topics
    areas = {area_of(topic) for topic in topics}
    shown = {one.key: {area_of(topic) for topic in one.topics} for one in found.problem.candidates}
    day = local_day(slot.starts_at, slot.time_zone)

    def distance(stop: PlannedStop) -> tuple[bool, bool, float]:
        hours = abs((stop.starts_at - slot.starts_at).total_seconds()) / 3600
        return not areas & shown[stop.candidate], stop.day != day, hours

    return min(stops, key=distance, default=None)
