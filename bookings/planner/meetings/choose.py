"""Which wished meetings take place: what must be comes first, then whoever has fewest has the next one.

Each pair is placed when it is chosen, so that what is chosen can be held.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from random import Random

from bookings.planner.meetings.place import Placing
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.replan import make_place
from bookings.planner.meetings.schedule import NOWHERE, Schedule

_MOVES, _PATIENCE = 2, 400
_ROUNDS = 4


@dataclass(frozen=True)
class Candidate:
    """Two people of whom at least one wishes to meet the other."""

    people: tuple[int, int]
    slots: int
    """When both could, as a bit mask; a pinned one has a single slot."""
    worth: int = 1
    is_must: bool = False
    key: Hashable | None = None
    """The pair of organisations, which meets once; None: no such limit."""
    is_barred: bool = False
    """Never, and nobody may learn that."""


@dataclass(frozen=True)
class ChoosingDay:
    """The frame: `most[person]` meetings each; `agreed` candidates keep their slot."""

    slots: int
    tables: int
    most: tuple[int, ...]
    candidates: tuple[Candidate, ...]
    agreed: Mapping[int, int] = field(default_factory=dict)
    before: tuple[tuple[int, int], ...] = ()
    """(earlier, later) candidate, where both take place."""


@dataclass(frozen=True)
class Choice:
    """`met[k]` is the candidate that meeting k of `day` stands for, `slots[k]` a slot in which it fits."""

    met: tuple[int, ...]
    slots: tuple[int, ...]
    day: MeetingDay


def choose(day: ChoosingDay, *, seed: int = 0) -> Choice:
    """Agreed ones, as many musts as fit, then in turns; then from those with many for those with few."""
    choosing = _Choosing(day, Random(seed))  # noqa: S311 nothing secret depends on it
    for candidate, slot in day.agreed.items():
        if not day.candidates[candidate].is_barred:
            choosing.schedule.put(candidate, slot)
            choosing.note(candidate, 1)
    musts = [k for k, candidate in enumerate(day.candidates) if candidate.is_must]
    for k in sorted(musts, key=choosing.rank_must):
        choosing.take(k, moves=_MOVES)
    for _ in range(_ROUNDS):
        choosing.take_turns()
        if not choosing.share():
            break
    return choosing.tell()


class _Choosing:
    def __init__(self, day: ChoosingDay, random: Random) -> None:
        self.day = day
        meetings = tuple(
            Meeting(candidate.people, 1 << day.agreed[k] if k in day.agreed else candidate.slots)
            for k, candidate in enumerate(day.candidates)
        )
        self.schedule = Schedule(MeetingDay(len(day.most), day.slots, day.tables, meetings, day.before))
        # An order binds those that take place: it does not narrow the others beforehand.
        self.schedule.can = [meeting.slots for meeting in meetings]
        self.placing = Placing(self.schedule, random)
        self.counts = [0] * len(day.most)
        self.keys: set[Hashable | None] = set()
        self.wishes: list[list[int]] = [[] for _ in day.most]
        for k in sorted(range(len(meetings)), key=lambda k: (-day.candidates[k].worth, k)):
            for person in day.candidates[k].people:
                self.wishes[person].append(k)

    def rank_must(self, k: int) -> tuple[int, int, int]:
        candidate = self.day.candidates[k]
        return -candidate.worth, candidate.slots.bit_count(), k

    def note(self, k: int, more: int) -> None:
        candidate = self.day.candidates[k]
        for person in candidate.people:
            self.counts[person] += more
        keys = {frozenset(candidate.people), candidate.key} - {None}
        if more > 0:
            self.keys |= keys
        else:
            self.keys -= keys

    def is_open(self, k: int) -> bool:
        """Not yet met, and no rule but room and people's limits stands against it."""
        candidate = self.day.candidates[k]
        return (
            self.schedule.at[k] == NOWHERE
            and not candidate.is_barred
            and candidate.slots != 0
            and self.keys.isdisjoint({frozenset(candidate.people), candidate.key})
        )

    def is_full(self, person: int) -> bool:
        return self.counts[person] >= self.day.most[person]

    def take(self, k: int, *, moves: int = 0) -> bool:
        if not self.is_open(k) or any(self.is_full(person) for person in self.day.candidates[k].people):
            return False
        if not self.placing.fit(k) and not (
            moves and make_place(self.schedule, k, moves=moves, patience=_PATIENCE)
        ):
            return False
        self.note(k, 1)
        return True

    def take_turns(self) -> None:
        """Whoever has fewest has the best that fits, until nothing fits."""
        left = {person: iter(wishes) for person, wishes in enumerate(self.wishes) if wishes}
        queue = [(self.counts[person], person) for person in left]
        heapify(queue)
        while queue:
            count, person = heappop(queue)
            if count < self.counts[person]:
                heappush(queue, (self.counts[person], person))
                continue
            # What does not fit now will hardly fit later in this round: each wish is tried once.
            if not self.is_full(person) and any(self.take(k) for k in left[person]):
                heappush(queue, (self.counts[person], person))

    def share(self) -> bool:
        """Whether somebody with few could have a meeting instead of somebody with two more."""
        has_shared = False
        for person in sorted(range(len(self.counts)), key=lambda person: (self.counts[person], person)):
            for k in self.wishes[person]:
                if self.is_full(person):
                    break
                has_shared |= self.is_open(k) and self._swap_in(k, person)
        return has_shared

    def _swap_in(self, k: int, person: int) -> bool:
        one, other = self.day.candidates[k].people
        partner = other if one == person else one
        for given in reversed(self.wishes[partner]):
            if self._can_give(given, partner, self.counts[person] + 1):
                slot = self.schedule.at[given]
                self.schedule.take_out(given)
                self.note(given, -1)
                if self.take(k):
                    return True
                self._put_back(given, slot)
        return False

    def _can_give(self, k: int, giver: int, count: int) -> bool:
        candidate = self.day.candidates[k]
        if self.schedule.at[k] == NOWHERE or candidate.is_must or k in self.day.agreed:
            return False
        one, other = candidate.people
        return self.counts[other if one == giver else one] > count

    def _put_back(self, k: int, slot: int) -> None:
        schedule, (one, other) = self.schedule, self.day.candidates[k].people
        is_free = not (schedule.taken[one] | schedule.taken[other]) >> slot & 1
        if is_free and schedule.load[slot] < self.day.tables and schedule.keeps_order(k, slot):
            schedule.put(k, slot)
            self.note(k, 1)
        else:
            self.take(k)

    def tell(self) -> Choice:
        at = self.schedule.at
        met = tuple(k for k, slot in enumerate(at) if slot != NOWHERE)
        place = {k: number for number, k in enumerate(met)}
        before = tuple((place[a], place[b]) for a, b in self.day.before if a in place and b in place)
        meetings = tuple(self.schedule.day.meetings[k] for k in met)
        day = MeetingDay(len(self.counts), self.day.slots, self.day.tables, meetings, before)
        return Choice(met, tuple(at[k] for k in met), day)


def count_meetings(day: ChoosingDay, met: Iterable[int]) -> Counter[int]:
    """How many meetings each person has."""
    return Counter(person for k in met for person in day.candidates[k].people)
