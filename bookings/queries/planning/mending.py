"""The next best host for a stop that fell out, with what would have to move for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.slots import SlotState
from bookings.domain.time import Interval, local_day
from bookings.domain.visits import VisitState
from bookings.planner.newcomer import find_newcomer
from bookings.planner.plan import PlannedStop
from bookings.planner.problem import Firmness, FixedStop, Problem, area_of
from bookings.planner.repair import Move, Repair, repair
from bookings.queries.directory import load_directory
from bookings.queries.planning.problem import VisitProblem, load_problem
from bookings.queries.planning.slots import PlannedSlot, find_planned_slot

_STEPS = 60


@dataclass(frozen=True)
class NextBest:
    """What the planner would put in the place of a slot; no stop where nothing fits.

    `is_fewest`: no fewer could move, that is certain. `basis` is what the visit was then, `slots` are all
    of it; in `groups` the delegation of `size` goes, as far as this repair is concerned.
    """

    slot: PlannedSlot
    stop: PlannedStop | None
    moves: tuple[Move, ...] = ()
    is_fewest: bool = True
    basis: str = ""
    groups: int = 1
    slots: tuple[PlannedSlot, ...] = ()
    state: VisitState = VisitState.PLANNING
    size: int = 0


def find_next_best(session: Session, slot_id: int, *, now: datetime) -> NextBest:
    """The programme mended without this slot: as little as possible moves, then the best host comes in; where
    none does, an asked slot makes place. Where everybody was together at the slot and groups go separate ways
    else, somebody who can take all of them; one group's host only where nobody can.

    Raises NotFoundError.
    """
    slot = find_planned_slot(session, slot_id)
    found = load_problem(session, slot.reference, now=now, keeps_asked=False)
    problem = _part(slot, found.problem)
    problem = replace(
        problem, candidates=tuple(one for one in problem.candidates if one.host != slot.host_slug)
    )
    fallen = _as_fallen(session, slot)
    nothing = _find_nothing(slot, found, problem)
    is_of_groups = problem.delegation.groups > 1 and slot.group is None
    newcomer = find_newcomer(problem, fallen) if is_of_groups else None
    mended = None if newcomer else _mend(problem, fallen)
    if mended and not is_of_groups and not _list_own(mended, fallen):
        newcomer = find_newcomer(problem, fallen)
    if newcomer:
        return replace(
            nothing, stop=newcomer.stop, moves=newcomer.repair.moves, is_fewest=newcomer.is_fewest,
            groups=1 if is_of_groups else nothing.groups,
        )  # fmt: skip
    if mended is None:
        return nothing
    stops = _list_own(mended, fallen) or mended.list_newcomers()
    return replace(nothing, stop=_choose(session, found, slot, stops), moves=mended.moves)


def _mend(problem: Problem, fallen: FixedStop) -> Repair | None:
    """Without the stop: who is worth the way comes in; where nobody is, whoever fits."""
    lost = [stop.key for stop in problem.fixed if stop.key == fallen.key]
    mended = repair(problem, lost=lost, steps=_STEPS)
    if mended and not _list_own(mended, fallen):
        mended = repair(problem, lost=lost, fills=True, steps=_STEPS)
    return mended


def _list_own(mended: Repair, fallen: FixedStop) -> list[PlannedStop]:
    """Those who come in for the people who were there."""
    return [stop for stop in mended.list_newcomers() if fallen.group in (None, stop.group)]


def _as_fallen(session: Session, slot: PlannedSlot) -> FixedStop:
    """The stop that a host had who is out of it, as the planner knew it."""
    company = load_directory(session).companies[slot.host_slug]
    return FixedStop(
        str(slot.id), slot.host_slug, slot.place, slot.time_zone, Interval(slot.starts_at, slot.ends_at),
        topics=company.topics, kind=company.kind, group=None if slot.group is None else slot.group - 1,
    )  # fmt: skip


def find_room(session: Session, slot_id: int, proposed_time_id: int, *, now: datetime) -> NextBest:
    """What has to move so that a slot can have a time that its host offers: as little as possible.

    No stop: not even that is enough. Raises NotFoundError, also where the time is not offered any more.
    """
    slot = find_planned_slot(session, slot_id)
    offered = next((one for one in slot.offered_times if one.id == proposed_time_id), None)
    if offered is None or slot.state is not SlotState.COUNTERED:
        raise NotFoundError("proposed_time", str(proposed_time_id))
    found = load_problem(session, slot.reference, now=now, keeps_asked=False)
    problem = _part(slot, found.problem)
    wanted = Interval(offered.starts_at, offered.ends_at)
    fixed = tuple(
        replace(stop, interval=wanted, firmness=Firmness.PINNED) if stop.key == str(slot.id) else stop
        for stop in problem.fixed
    )
    nothing = _find_nothing(slot, found, problem)
    mended = repair(replace(problem, fixed=fixed), steps=_STEPS)
    if mended is None:
        return nothing
    stop = PlannedStop(
        f"site-{slot.site_id}", slot.host_slug, slot.place, slot.time_zone, wanted.start, wanted.end,
        local_day(offered.starts_at, slot.time_zone), group=(slot.group or 1) - 1,
    )  # fmt: skip
    return replace(nothing, stop=stop, moves=mended.moves)


def _find_nothing(slot: PlannedSlot, found: VisitProblem, problem: Problem) -> NextBest:
    return NextBest(
        slot, None, basis=found.basis, groups=problem.delegation.groups, slots=found.slots, state=found.state,
        size=found.problem.delegation.size,
    )  # fmt: skip


def _part(slot: PlannedSlot, problem: Problem) -> Problem:
    """Where no stop is a group's own, all stay together."""
    if slot.group is None and all(stop.group is None for stop in problem.fixed):
        return replace(problem, delegation=replace(problem.delegation, groups=1))
    return problem


def _choose(
    session: Session, found: VisitProblem, slot: PlannedSlot, stops: Sequence[PlannedStop]
) -> PlannedStop | None:
    """Of the stops that come in, the one that is most like what fell out: of the same field, on the same day,
    at the same hour."""
    topics = load_directory(session).companies[slot.host_slug].topics
    areas = {area_of(topic) for topic in topics}
    shown = {one.key: {area_of(topic) for topic in one.topics} for one in found.problem.candidates}
    day = local_day(slot.starts_at, slot.time_zone)

    def distance(stop: PlannedStop) -> tuple[bool, bool, float]:
        hours = abs((stop.starts_at - slot.starts_at).total_seconds()) / 3600
        return not areas & shown[stop.candidate], stop.day != day, hours

    return min(stops, key=distance, default=None)
