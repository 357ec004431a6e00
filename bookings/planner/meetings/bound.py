"""How few gaps a day can have at least: everybody's cheapest day when the seats of a slot have a price."""

from collections import Counter
from dataclasses import dataclass
from math import ceil

from bookings.planner.meetings.problem import MeetingDay, list_slots, narrow_slots

_PATIENCE = 6  # rounds without a better bound before the steps grow shorter
_SHORTER = 0.6
_LONGEST_STEP, _SHORTEST_STRIDE = 5, 0.01
_CLOSE = 1e-6


@dataclass(frozen=True)
class _Demand:
    """What is known of a person's day: so many meetings, in these slots, some of them certain."""

    meetings: int
    can: int
    certain: int


@dataclass(frozen=True)
class _Part:
    """The beginning of a day: slots taken so far and what they cost."""

    cost: float
    taken: int


class GapBound:
    """`value`: no schedule has fewer gaps in all. Each round may raise it.

    Who meets whom is left out (a Lagrangian relaxation): people choose their slots for themselves, and
    prices on the slots keep them within the tables. `is_impossible`: somebody's meetings don't fit into
    the day. `is_final`: more rounds won't help.
    """

    def __init__(self, day: MeetingDay) -> None:
        self.seats = 2 * day.tables
        self.demands = _list_demands(day)
        self.prices = [0.0] * day.slots
        self.best = 0.0
        self.is_impossible = False
        self.is_final = False
        self.stride, self.idle = 1.0, 0
        self.work()

    @property
    def value(self) -> int:
        return ceil(self.best - _CLOSE)

    def work(self, known: int | None = None) -> None:
        """One round of prices; `known` is the number of gaps of a schedule at hand."""
        value, use = -self.seats * sum(self.prices), [0] * len(self.prices)
        for demand, people in self.demands.items():
            cheapest = _find_cheapest_day(demand, self.prices)
            if cheapest is None:
                self.is_impossible = self.is_final = True
                return
            value += people * cheapest.cost
            for slot in list_slots(cheapest.taken):
                use[slot] += people
        self.idle = 0 if value > self.best + _CLOSE else self.idle + 1
        self.best = max(self.best, value)
        if self.idle > _PATIENCE:
            self.stride, self.idle = self.stride * _SHORTER, 0
        self._raise_prices(value, use, known)

    def _raise_prices(self, value: float, use: list[int], known: int | None) -> None:
        excess = [taken - self.seats for taken in use]
        norm = sum(
            part * part for part, price in zip(excess, self.prices, strict=True) if part > 0 or price > 0
        )
        if not norm or self.stride < _SHORTEST_STRIDE:
            self.is_final = True
            return
        aim = self.best + _LONGEST_STEP if known is None else min(known, self.best + _LONGEST_STEP)
        step = self.stride * max(0.05, aim - value) / norm
        self.prices = [max(0.0, price + step * part) for price, part in zip(self.prices, excess, strict=True)]


def _list_demands(day: MeetingDay) -> Counter[_Demand]:
    """How many people have the same demand: they choose alike."""
    slots = narrow_slots(day)
    count, can, certain = [0] * day.people, [0] * day.people, [0] * day.people
    for meeting, mask in zip(day.meetings, slots, strict=True):
        for person in meeting.people:
            count[person] += 1
            can[person] |= mask
            if mask.bit_count() == 1:
                certain[person] |= mask
    return Counter(_Demand(*known) for known in zip(count, can, certain, strict=True) if known[0])


def _find_cheapest_day(demand: _Demand, prices: list[float]) -> _Part | None:
    """The slots that cost one person least, by the number taken so far and whether the last slot was."""
    parts = {(0, False): _Part(0.0, 0)}
    for slot, price in enumerate(prices):
        after: dict[tuple[int, bool], _Part] = {}
        for (count, sits), part in parts.items():
            if demand.can >> slot & 1 and count < demand.meetings:
                gap = bool(count) and not sits
                _keep(after, (count + 1, True), _Part(part.cost + price + gap, part.taken | 1 << slot))
            if not demand.certain >> slot & 1:
                _keep(after, (count, False), part)
        parts = after
    ends = [parts[end] for end in ((demand.meetings, True), (demand.meetings, False)) if end in parts]
    return min(ends, key=lambda part: part.cost, default=None)


def _keep(parts: dict[tuple[int, bool], _Part], end: tuple[int, bool], part: _Part) -> None:
    known = parts.get(end)
    if known is None or part.cost < known.cost:
        parts[end] = part
