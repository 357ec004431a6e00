"""Placing: every meeting gets a slot; what stands in the way makes room or is placed anew."""

from random import Random

from bookings.planner.meetings.problem import count_gaps, list_slots
from bookings.planner.meetings.schedule import NOWHERE, Schedule

_STEPS = 20_000
_REST = 10  # steps for which a meeting does not come back to the slot it was sent away from
_RESTLESS = 5
_GRUDGE = 0.3  # what being sent away once more costs


def place_all(schedule: Schedule, random: Random, *, steps: int = _STEPS) -> bool:
    """Give every meeting without a slot one. False: none was found (there may be one all the same)."""
    if not all(schedule.can):
        return False
    waiting = [meeting for meeting, slot in enumerate(schedule.at) if slot == NOWHERE]
    # Those with the fewest slots beside what their people do otherwise come first, from the end of the list.
    waiting.sort(key=lambda meeting: _count_ways(schedule, meeting), reverse=True)
    return Placing(schedule, random).place(waiting, steps)


def _count_ways(schedule: Schedule, meeting: int) -> int:
    one, other = schedule.ends[meeting]
    return (schedule.can[meeting] & ~schedule.taken[one] & ~schedule.taken[other]).bit_count()


class Placing:
    """Gives meetings slots in a schedule."""

    def __init__(self, schedule: Schedule, random: Random) -> None:
        self.schedule = schedule
        self.random = random
        self.step = 0
        self.resting: dict[tuple[int, int], int] = {}
        self.weight = [1.0] * len(schedule.at)

    def place(self, waiting: list[int], steps: int) -> bool:
        for self.step in range(len(waiting) + steps):
            if not waiting:
                return True
            meeting = waiting.pop()
            if self.fit(meeting):
                continue
            found = self._find_cheapest(meeting)
            if found is None:
                return False
            slot, others = found
            waiting += self._send_away(others)
            self.schedule.put(meeting, slot)
        return not waiting

    def fit(self, meeting: int) -> bool:
        """Place it where both are free, or where one is and the other's meeting can change places."""
        slot = self._find_free(meeting)
        if slot is None:
            slot = self._make_room(meeting)
        if slot is None:
            return False
        self.schedule.put(meeting, slot)
        return True

    def _find_free(self, meeting: int) -> int | None:
        """The free slot that tears the fewest gaps, then the emptiest."""
        schedule = self.schedule
        one, other = schedule.ends[meeting]
        best, found = None, None
        for slot in list_slots(schedule.can[meeting] & ~schedule.taken[one] & ~schedule.taken[other]):
            if schedule.load[slot] >= schedule.day.tables or not schedule.keeps_order(meeting, slot):
                continue
            gaps = sum(count_gaps(schedule.taken[person] | 1 << slot) for person in (one, other))
            if best is None or (gaps, schedule.load[slot]) < best:
                best, found = (gaps, schedule.load[slot]), slot
        return found

    def _make_room(self, meeting: int) -> int | None:
        """A slot in which one is free, after the other's meeting there has changed places along a chain."""
        schedule = self.schedule
        one, other = schedule.ends[meeting]
        for free, busy in ((one, other), (other, one)):
            for there in list_slots(schedule.can[meeting] & ~schedule.taken[free]):
                if schedule.load[there] >= schedule.day.tables or not schedule.keeps_order(meeting, there):
                    continue
                for here in list_slots(schedule.open_to[busy] & ~schedule.taken[busy]):
                    if here == there or not self._clear(busy, there, here, keep=free):
                        continue
                    # What changed places may be what has to lie before or behind this meeting.
                    return there if schedule.keeps_order(meeting, there) else None
        return None

    def _clear(self, person: int, there: int, here: int, *, keep: int) -> bool:
        schedule = self.schedule
        chain, last = schedule.follow(person, there, here)
        if last in (keep, person) or not schedule.can_swap(chain, there, here):
            return False
        schedule.swap(chain, there, here)
        for end in (person, last):
            schedule.taken[end] ^= 1 << there | 1 << here
        return True

    def _find_cheapest(self, meeting: int) -> tuple[int, set[int]] | None:
        """The slot from which the least has to be sent away, and what."""
        best, found = None, None
        for slot in list_slots(self.schedule.can[meeting]):
            others = self._list_in_the_way(meeting, slot)
            price = sum(self.weight[other] for other in others)
            if self.resting.get((meeting, slot), -1) > self.step:
                price += _RESTLESS
            drawn = (price, self.random.random())
            if best is None or drawn < best:
                best, found = drawn, (slot, others)
        return found

    def _list_in_the_way(self, meeting: int, slot: int) -> set[int]:
        schedule = self.schedule
        at = schedule.at
        others = {schedule.grid[person][slot] for person in schedule.ends[meeting]} - {NOWHERE}
        others.update(first for first in schedule.earlier[meeting] if at[first] >= slot)
        others.update(second for second in schedule.later[meeting] if 0 <= at[second] <= slot)
        leaving = sum(at[other] == slot for other in others)
        if schedule.load[slot] - leaving >= schedule.day.tables:
            there = [other for other, taken in enumerate(at) if taken == slot and other not in others]
            others.add(min(there, key=lambda other: (self.weight[other], self.random.random())))
        return others

    def _send_away(self, others: set[int]) -> list[int]:
        for other in sorted(others):
            until = self.step + _REST + self.random.randrange(_REST)
            self.resting[other, self.schedule.at[other]] = until
            self.weight[other] += _GRUDGE
            self.schedule.take_out(other)
        return sorted(others)
