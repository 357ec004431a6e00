"""A schedule for a day of meetings: one at once, better ones while there is time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from time import monotonic, sleep
from typing import Protocol

from bookings.planner.meetings.anneal import Annealing
from bookings.planner.meetings.bound import GapBound
from bookings.planner.meetings.place import place_all
from bookings.planner.meetings.problem import MeetingDay, count_gaps
from bookings.planner.meetings.schedule import Schedule

_STAGES_PER_ROUND = 10
_FIRST_STEPS = 1000  # before it is asked whether the day is possible at all
_STAGES_ALONE = 200  # so long nothing is proved: most small days are settled by then
_PATIENCE = 400  # stages without a better schedule, after which a prover at work has the processor
_NAP = 0.02


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


@dataclass(frozen=True)
class Solution:
    """What `solve` answers. `best` is None where no schedule was found; if `is_proven`, there is none."""

    slots: tuple[int, ...] | None
    best: int | None
    bound: int
    is_proven: bool
    seconds: float
    keeps_limit: bool = True


@dataclass(frozen=True)
class Fact:
    """What a proof says: a bound, a schedule that reaches it, or that there is none."""

    bound: int
    slots: tuple[int, ...] | None = None
    is_impossible: bool = False


class Prover(Protocol):
    """Who proves beside the search. It may be silent for ever."""

    def start(self, day: MeetingDay, *, bound: int, below: int | None) -> None:
        """Begin with a known bound; a schedule with `below` gaps is at hand."""

    def take(self) -> Fact | None:
        """The next thing that became certain, if there is one."""

    @property
    def is_working(self) -> bool:
        """Whether more may come."""

    def stop(self) -> None:
        """Nothing more is wanted."""


@dataclass(frozen=True)
class Aid:
    """What a search can lean on: somebody who proves, a schedule to begin with."""

    prover: Prover | None = None
    start: Sequence[int] | None = None


def arrange(day: MeetingDay, *, seed: int = 0, start: Sequence[int] | None = None) -> Iterator[Arrangement]:
    """Schedules that get better, without end unless one is proved best; a seed always gives the same ones.

    `start`: a schedule to begin with, as far as the day allows it. The caller stops when time is up
    or the result is good enough.
    """
    random = Random(seed)  # noqa: S311 nothing secret depends on it
    schedule = Schedule(day)
    for meeting, slot in enumerate(start or ()):
        if schedule.is_free(meeting, slot):
            schedule.put(meeting, slot)
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


def solve(
    day: MeetingDay,
    *,
    seed: int = 0,
    time_limit: float = 20.0,
    on_better: Callable[[Solution], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    aid: Aid | None = None,
) -> Solution:
    """The best schedule within the time; better ones and higher bounds are told as they come.

    The search goes the same way for the same seed, however far it gets. A prover may end it earlier.
    """
    aid = aid or Aid()
    run = _Run(day, on_better, aid.prover)
    stages = arrange(day, seed=seed, start=aid.start)
    try:
        for stage, found in enumerate(stages):
            run.look(found)
            if stage == _STAGES_ALONE or found.slots is None:
                run.ask()
            if run.best.is_proven or run.seconds >= time_limit or (should_stop and should_stop()):
                break
            if run.is_waiting and run.idle > _PATIENCE:
                sleep(_NAP)  # the prover is likelier to get on
        # The search may end without an answer; the prover may still have one.
        while run.is_waiting and run.seconds < time_limit and not (should_stop and should_stop()):
            sleep(_NAP)
            run.listen()
    finally:
        if aid.prover:
            aid.prover.stop()
    return replace(run.best, seconds=run.seconds)


class _Run:
    """The best of what the search and the prover say; what is better is told at once."""

    def __init__(
        self, day: MeetingDay, on_better: Callable[[Solution], None] | None, prover: Prover | None
    ) -> None:
        self.day, self.on_better, self.prover = day, on_better, prover
        self.begun = monotonic()  # a stopwatch: no schedule depends on what the time is
        self.best = Solution(None, None, 0, is_proven=False, seconds=0.0)
        self.has_asked = False
        self.idle = 0

    @property
    def seconds(self) -> float:
        return monotonic() - self.begun

    @property
    def is_waiting(self) -> bool:
        return (
            self.prover is not None and self.has_asked and not self.best.is_proven and self.prover.is_working
        )

    def ask(self) -> None:
        if self.prover and not self.has_asked and not self.best.is_proven:
            self.has_asked = True
            below = self.best.best if self.best.keeps_limit else None
            self.prover.start(self.day, bound=self.best.bound, below=below)

    def look(self, found: Arrangement) -> None:
        """A schedule of the search."""
        self.idle += 1
        if found.slots is None:
            self._settle(found.bound, is_impossible=found.is_proved)
        else:
            self._settle(found.bound, found)
        self.listen()

    def listen(self) -> None:
        """What the prover says meanwhile."""
        while self.prover and (fact := self.prover.take()):
            found = None if fact.slots is None else _describe(self.day, list(fact.slots), fact.bound)
            self._settle(fact.bound, found, is_impossible=fact.is_impossible)

    def _settle(self, bound: int, found: Arrangement | None = None, *, is_impossible: bool = False) -> None:
        old = self.best
        slots, gaps, keeps = old.slots, old.best, old.keeps_limit
        if found and (gaps is None or (not found.keeps_limit, found.gaps) < (not keeps, gaps)):
            slots, gaps, keeps = found.slots, found.gaps, found.keeps_limit
        bound = max(bound, old.bound)
        if is_impossible:
            new = Solution(None, None, bound, is_proven=True, seconds=self.seconds)
        else:
            proven = gaps is not None and keeps and gaps <= bound
            new = Solution(slots, gaps, bound, proven, self.seconds, keeps)
        if replace(new, seconds=old.seconds) != old:
            self.best, self.idle = new, 0
            if self.on_better:
                self.on_better(new)


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


def _describe(day: MeetingDay, at: Sequence[int], bound: int) -> Arrangement:
    taken = [0] * day.people
    for meeting, slot in zip(day.meetings, at, strict=True):
        for person in meeting.people:
            taken[person] |= 1 << slot
    gaps = [count_gaps(slots) for slots in taken]
    keeps_limit = day.most_gaps is None or max(gaps, default=0) <= day.most_gaps
    return Arrangement(tuple(at), sum(gaps), bound, keeps_limit and sum(gaps) <= bound, keeps_limit)
