"""A schedule for a day of meetings: one at once, better ones while there is time."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from bookings.planner.meetings.anneal import Annealing
from bookings.planner.meetings.bound import GapBound
from bookings.planner.meetings.place import place_all
from bookings.planner.meetings.problem import MeetingDay, count_gaps
from bookings.planner.meetings.schedule import Schedule

_STAGES_PER_ROUND = 10
_FIRST_STEPS = 1000  # before it is asked whether the day is possible at all


@dataclass(frozen=True)
class Arrangement:
    """The best schedule so far.

    `slots` has the slot of each meeting, None where no schedule was found. `gaps` is how often people wait
    between two meetings, `bound` what no schedule can go below. `is_proved`: nothing better exists; without
    slots it means that there is no schedule at all.
    """

    slots: tuple[int, ...] | None
    gaps: int
    bound: int
    is_proved: bool
    keeps_limit: bool = True
    """Nobody has more gaps than the day allows."""


def arrange(day: MeetingDay, *, seed: int = 0) -> Iterator[Arrangement]:
    """Schedules that get better, without end unless one is proved best; a seed always gives the same ones.

    The caller stops when time is up or the result is good enough.
    """
    random = Random(seed)  # noqa: S311 nothing secret depends on it
    schedule = Schedule(day)
    is_placed = place_all(schedule, random, steps=_FIRST_STEPS)
    if is_placed:
        yield _describe(day, schedule.at, 0)
    bound = GapBound(day)
    if bound.is_impossible or not all(schedule.can):
        yield Arrangement(None, 0, 0, is_proved=True)
        return
    if not is_placed and not place_all(schedule, random):
        yield Arrangement(None, 0, bound.value, is_proved=False)
        return
    yield from _improve(day, Annealing(schedule, random), bound)


def _improve(day: MeetingDay, annealing: Annealing, bound: GapBound) -> Iterator[Arrangement]:
    arrangement = _describe(day, annealing.at, bound.value)
    known = annealing.best, bound.value
    for stage, _ in enumerate(annealing.run()):
        if stage % _STAGES_PER_ROUND == 0 and not bound.is_final:
            bound.work(annealing.best)
        if known != (annealing.best, bound.value):
            known = annealing.best, bound.value
            arrangement = _describe(day, annealing.at, bound.value)
        yield arrangement
        if arrangement.is_proved:
            return


def _describe(day: MeetingDay, at: list[int], bound: int) -> Arrangement:
    taken = [0] * day.people
    for meeting, slot in zip(day.meetings, at, strict=True):
        for person in meeting.people:
            taken[person] |= 1 << slot
    gaps = [count_gaps(slots) for slots in taken]
    keeps_limit = day.most_gaps is None or max(gaps, default=0) <= day.most_gaps
    return Arrangement(tuple(at), sum(gaps), bound, keeps_limit and sum(gaps) <= bound, keeps_limit)
