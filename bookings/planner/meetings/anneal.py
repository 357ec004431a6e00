"""Fewer gaps by annealing: meetings change places along chains, at first freely, then ever more strictly."""

from collections.abc import Iterator
from math import log
from random import Random

from bookings.planner.meetings.problem import count_gaps, list_slots
from bookings.planner.meetings.schedule import Schedule

_WARM, _COLD = 0.3, 0.1
_STEPS_PER_MEETING = 400
_STAGE = 512  # steps between two looks at temperature and best
_MOST_GAINED = 2  # gaps that the other end of a chain can lose at most
_OVER_LIMIT = 4  # what a gap beyond the limit costs more than another


class Annealing:
    """Betters a complete schedule. `best` is the best met so far, `at` its slots; `lacks` what it costs."""

    def __init__(self, schedule: Schedule, random: Random) -> None:
        self.schedule = schedule
        self.random = random
        self.most_gaps = schedule.day.most_gaps
        self.prices: dict[int, int] = {}
        self.swaps: dict[tuple[int, int], list[tuple[int, int, int, int]]] = {}
        self.busy = [person for person, taken in enumerate(schedule.taken) if taken]
        self.cost = sum(self.price(taken) for taken in schedule.taken)
        self.best = self.cost
        self.at = list(schedule.at)

    def price(self, taken: int) -> int:
        """The gaps of a person's day, dearer beyond the limit."""
        known = self.prices.get(taken)
        if known is None:
            gaps = count_gaps(taken)
            over = 0 if self.most_gaps is None else max(0, gaps - self.most_gaps)
            known = self.prices[taken] = gaps + _OVER_LIMIT * over
        return known

    def run(self) -> Iterator[int]:
        """Ever longer rounds from warm to cold, without end; yields the best cost after each stage."""
        stages = max(1, _STEPS_PER_MEETING * len(self.at) // _STAGE)
        while True:
            cooling = (_COLD / _WARM) ** (1 / stages)
            warmth = _WARM
            for _ in range(stages):
                if not self.best or not self.busy:
                    return
                warmth *= cooling
                self._work(warmth)
                if self.cost < self.best:
                    self.best, self.at = self.cost, list(self.schedule.at)
                yield self.best
            stages *= 2

    def _work(self, warmth: float) -> None:
        # The hot loop of the whole solver: names are local, and the ways of a chain are tested while walking.
        schedule, price = self.schedule, self.price
        taken, grid, ends, can, load = (
            schedule.taken, schedule.grid, schedule.ends, schedule.can, schedule.load,
        )  # fmt: skip
        tables, has_order = schedule.day.tables, bool(schedule.day.before)
        draw, busy, people = self.random.random, self.busy, len(self.busy)
        for _ in range(_STAGE):
            person = busy[int(draw() * people)]
            old = taken[person]
            swaps = self.swaps.get((old, schedule.open_to[person]))
            if swaps is None:
                swaps = self._list_swaps(person)
            if not swaps:
                continue
            there, here, new, loss = swaps[int(draw() * len(swaps))]
            limit = -warmth * log(1.0 - draw())
            if loss - _MOST_GAINED > limit:
                continue
            chain: list[int] = []
            last, slot, to, back = person, there, 1 << here, 1 << there
            while (meeting := grid[last][slot]) >= 0:
                if not can[meeting] & to:
                    break
                chain.append(meeting)
                one, other = ends[meeting]
                last = other if last == one else one
                slot = there + here - slot
                to, back = back, to
            if meeting >= 0 or (len(chain) % 2 and load[here] >= tables):
                continue
            other_new = taken[last] ^ (1 << there | 1 << here)
            loss += price(other_new) - price(taken[last])
            if loss > limit or (has_order and not schedule.swap_keeps_order(chain, there, here)):
                continue
            schedule.swap(chain, there, here)
            taken[person], taken[last] = new, other_new
            self.cost += loss

    def _list_swaps(self, person: int) -> list[tuple[int, int, int, int]]:
        """(from slot, to slot, day after, loss) of one person's changes that tear no gap there."""
        old, open_to = self.schedule.taken[person], self.schedule.open_to[person]
        swaps = self.swaps[old, open_to] = [
            (there, here, new, loss)
            for there in list_slots(old)
            for here in list_slots(open_to & ~old)
            if (loss := self.price(new := old ^ (1 << there | 1 << here)) - self.price(old)) <= 0
        ]
        return swaps
