"""Annealing: one stop after another comes in where chance says, and pushes out those in its way."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from itertools import pairwise
from math import log
from random import Random
from typing import NamedTuple

from bookings.planner.insertion import ANYWHERE, Route
from bookings.planner.model import FAR, Window
from bookings.planner.routes import Evaluator, Routes

_CYCLE, _SHORT_CYCLE = 20_000, 2_000  # tries until it is cold; where each has to be timed
_LONGER = 1.6  # than the one before is each cycle
_HOT, _LUKEWARM, _COLD = 0.45, 0.15, 0.02  # of what a stop is worth on average
_COOLING_EVERY = 200
_MOST_PUSHED = 3
_DETOUR = (
    0.4  # what an average way costs here beside the score, of what a stop is worth: room is worth something
)


class _Offer(NamedTuple):
    """A visit that may come into a route of one day and track."""

    number: int
    place: int
    length: int
    opens: int
    closes: int
    windows: tuple[Window, ...]
    host: int


class _Lane(NamedTuple):
    """A route with its limits: before each gap the place and when one is free, behind it until when."""

    route: Route
    places: list[int]  # with those where the day begins and ends
    ends: list[int]  # of the beginning and of each stop, as early as can be
    late: list[int]  # the latest start of each stop, and the day's end


class _Home(NamedTuple):
    """Where a host is in the plan."""

    number: int
    slot: int


_Gap = tuple[_Lane, int, int]  # a route, a position, that of the first behind it that stays
_Ways = Sequence[Sequence[float]]


class Annealing:
    """Many small changes, worse ones too as long as it is warm. Where the limits of a route tell all, nothing
    else is asked; elsewhere a change is timed exactly before it is made. Each host is in a plan but once.
    """

    def __init__(self, evaluator: Evaluator, random: Random, locked: Set[int]) -> None:
        model = self.model = evaluator.model
        self.evaluator, self._chance, self._locked = evaluator, random.random, locked
        self._is_plain = model.is_plain
        slots = range(model.tracks * model.days)
        self._offers = [[self._offer(n, slot) for n in self._list_open(slot)] for slot in slots]
        self._open_slots = [slot for slot in slots if self._offers[slot]]
        self._mean = 1.0
        self._minutes, self._cost = evaluator.insertions.minutes, evaluator.insertions.cost
        self._price: _Ways = ()
        self._gains = [visit.gain for visit in model.visits]
        self._stops = [
            [(visit.place, visit.length, visit.windows[day]) for visit in model.visits]
            for day in range(model.days)
        ]
        self._cycle, self._hot = (_CYCLE, _HOT) if model.is_plain else (_SHORT_CYCLE, _LUKEWARM)
        self._tries = 0
        self._warmth = 0.0
        self._left: dict[int, tuple[_Lane, _Lane | None]] = {}  # a route, and what it is without the visit

    def start_from(self, routes: Routes, value: int) -> None:
        """Goes on from routes that are possible."""
        self.best, self.best_value = routes, value
        self.value = value
        stops = sum(map(len, routes))
        self._mean = value / stops if stops and value > 0 else max([1.0, *self._gains])
        self._price = self._price_ways()
        lanes = [self._build_lane(slot, route) for slot, route in enumerate(routes)]
        self._lanes = [lane for lane in lanes if lane is not None]
        if len(self._lanes) < len(lanes):  # what stands already may break what holds for all others
            self._open_slots = []
            return
        self._count_all()

    def run(self, tries: int) -> None:
        """So many tries; `best` is the best since the start."""
        for _ in range(tries if self._open_slots else 0):
            if self._tries % _COOLING_EVERY == 0:
                self._warmth = self._mean * self._hot * (_COLD / self._hot) ** (self._tries / self._cycle)
            self._tries += 1
            self._try()

    @property
    def routes(self) -> Routes:
        """Where it stands; not always at the best."""
        return tuple(lane.route for lane in self._lanes)

    @property
    def is_cold(self) -> bool:
        """Has a cycle come to its end?"""
        return self._tries >= self._cycle

    def warm_up(self) -> None:
        """A longer cycle begins."""
        self._cycle, self._tries = int(self._cycle * _LONGER), 0

    def _list_open(self, slot: int) -> list[int]:
        track, day = divmod(slot, self.model.days)
        return [
            number
            for number, visit in enumerate(self.model.visits)
            if visit.windows[day] and visit.track in (-1, track) and number not in self._locked
        ]

    def _offer(self, number: int, slot: int) -> _Offer:
        visit = self.model.visits[number]
        windows = visit.windows[slot % self.model.days]
        opens, closes = windows[0][0], windows[-1][1]
        return _Offer(number, visit.place, visit.length, opens, closes, windows, visit.host)

    def _price_ways(self) -> list[list[float]]:
        """What a way costs in the score, and for the room that it takes; nothing for sailings."""
        known = [way for row in self._minutes for way in row if way < FAR]
        rate = _DETOUR * self._mean * len(known) / max(1, sum(known))
        return [
            [cost + way * rate if way < FAR else float(cost) for cost, way in zip(costs, ways, strict=True)]
            for costs, ways in zip(self._cost, self._minutes, strict=True)
        ]

    def _try(self) -> None:
        chance = self._chance
        slot = self._open_slots[int(chance() * len(self._open_slots))]
        offers = self._offers[slot]
        offer = offers[int(chance() * len(offers))]
        lane: _Lane | None = self._lanes[slot]
        home = self._homes.get(offer.host)
        if home is not None:
            if home.number in self._locked:
                return
            if home.slot == slot:
                lane = self._leave(home)
        gap = self._find_gap(lane, offer) if lane else None
        if lane and gap:
            self._weigh(offer, slot, (lane, *gap), home)

    def _leave(self, home: _Home) -> _Lane | None:
        lane = self._lanes[home.slot]
        known = self._left.get(home.number)
        if known is None or known[0] is not lane:
            at = lane.route.index(home.number)
            left = self._build_lane(home.slot, lane.route[:at] + lane.route[at + 1 :])
            known = self._left[home.number] = lane, left
        return known[1]

    def _find_gap(self, lane: _Lane, offer: _Offer) -> Window | None:
        """A position by chance, and that of the first behind it that stays; None where it won't go."""
        route, places, ends, late = lane
        _, place, length, opens, closes, windows, _ = offer
        low = max(0, bisect_left(late, opens + length) - _MOST_PUSHED + 1)
        high = bisect_right(ends, closes)
        if high <= low:
            return None
        position = after = low + int(self._chance() * (high - low))
        start = max(opens, self._arrive(places[position], place, ends[position]))
        if start > closes:
            return None
        if len(windows) > 1:
            start = next(max(start, first) for first, last in windows if start <= last)
        end, ways = start + length, self._minutes[place]
        most = min(position + _MOST_PUSHED, len(route))
        while end + ways[places[after + 1]] > late[after]:
            if ways[places[after + 1]] >= FAR and self._arrive(place, places[after + 1], end) <= late[after]:
                break
            if after >= most or route[after] in self._locked:
                return None
            after += 1
        return position, after

    def _arrive(self, one: int, other: int, at: int) -> int:
        minutes = self._minutes[one][other]
        return at + minutes if minutes < FAR else self.model.network.arrive(one, other, at)

    def _weigh(self, offer: _Offer, slot: int, gap: _Gap, home: _Home | None) -> None:
        """Makes the change if it is good enough for the time being."""
        lane, position, after = gap
        gone = lane.route[position:after] if home is None else (*lane.route[position:after], home.number)
        gain = self._gain(offer.number, gone)
        least = self._warmth * log(1.0 - self._chance())
        price = self._count_ways(self._price, offer.place, gap, home)
        if gain - price < least:
            return
        lanes = self._change_lanes(offer, slot, gap, home)
        if lanes is None:
            return
        if self._is_plain:
            gain -= int(self._count_ways(self._cost, offer.place, gap, home))
        else:
            value = self.evaluator.value(tuple(lane.route for lane in lanes))
            if value is None or value - self.value < least:
                return
            gain = value - self.value
        self._lanes = lanes
        self._settle(offer, slot, gone)
        self._adopt(self.value + gain)

    def _adopt(self, value: int) -> None:
        self.value = value
        if value > self.best_value:
            self.best, self.best_value = self.routes, value

    def _count_ways(self, ways: _Ways, place: int, gap: _Gap, home: _Home | None) -> float:
        """The ways over a place instead of along those pushed out; those to its old home are saved."""
        lane, position, after = gap
        more = _detour(ways, place, lane.places[position : after + 2])
        if home is None:
            return more
        left = self._lanes[home.slot]
        at = left.route.index(home.number)
        return more - _detour(ways, left.places[at + 1], left.places[at : at + 3 : 2])

    def _gain(self, number: int, gone: Route) -> int:
        """What one visit brings that comes for others, ways left out."""
        if not self.model.marginals and not self.model.required:
            return self._gains[number] - sum([self._gains[one] for one in gone])
        counts, visits = self._counts, self.model.visits
        total = 0
        for one in gone:
            for group in visits[one].groups:
                counts[group] -= 1
            total -= self.evaluator.gain(one, counts, self.model.required)
        total += self.evaluator.gain(number, counts, self.model.required)
        for one in gone:
            for group in visits[one].groups:
                counts[group] += 1
        return total

    def _change_lanes(self, offer: _Offer, slot: int, gap: _Gap, home: _Home | None) -> list[_Lane] | None:
        """All routes after the change; None where one of them can't be."""
        lane, position, after = gap
        route = (*lane.route[:position], offer.number, *lane.route[after:])
        if len(route) > self.model.most_stops[slot % self.model.days]:
            return None
        lanes = list(self._lanes)
        changed = [(slot, self._build_lane(slot, route))]
        if home is not None and home.slot != slot:
            changed.append((home.slot, self._leave(home)))
        for number, built in changed:
            if built is None:
                return None
            lanes[number] = built
        return lanes

    def _settle(self, offer: _Offer, slot: int, gone: Route) -> None:
        """Keeps in mind who is where."""
        visits, counts = self.model.visits, self._counts
        for number in gone:
            visit = visits[number]
            del self._homes[visit.host]
            for group in visit.groups:
                counts[group] -= 1
        self._homes[offer.host] = _Home(offer.number, slot)
        for group in visits[offer.number].groups:
            counts[group] += 1

    def _count_all(self) -> None:
        """Who is where, and how often each interest is met."""
        self._homes: dict[int, _Home] = {}
        self._counts = [0] * len(self.model.marginals)
        for slot, lane in enumerate(self._lanes):
            for number in lane.route:
                visit = self.model.visits[number]
                self._homes[visit.host] = _Home(number, slot)
                for group in visit.groups:
                    self._counts[group] += 1

    def _build_lane(self, slot: int, route: Route) -> _Lane | None:
        """The route with its limits; None where it can't be. What lunch, nights and a chained day's ways from
        and to elsewhere take is not looked at.
        """
        model, day, minutes = self.model, slot % self.model.days, self._minutes
        start = None if model.chained else model.starts[day]
        finish = None if model.chained else model.ends[day]
        stops = [self._stops[day][number] for number in route]
        place, end = (start.place, start.at - model.pause) if start else (ANYWHERE, -FAR)
        places, ends = [place], [end]
        for at_place, length, windows in stops:
            start_at = _first_start(windows, self._arrive(place, at_place, end))
            if start_at is None:
                return None
            place, end = at_place, start_at + length
            places.append(place)
            ends.append(end)
        place, by = (finish.place, finish.at + model.pause) if finish else (ANYWHERE, FAR * 2)
        places.append(place)
        late = [by]
        for at_place, length, windows in reversed(stops):
            way = minutes[at_place][place]
            last_start = _last_start(windows, by - way - length if way < FAR else FAR)
            if last_start is None:
                return None
            place, by = at_place, last_start
            late.append(by)
        late.reverse()
        return _Lane(route, places, ends, late)


def _first_start(windows: tuple[Window, ...], at: int) -> int | None:
    for opens, closes in windows:
        if at <= closes:
            return max(at, opens)
    return None


def _last_start(windows: tuple[Window, ...], by: int) -> int | None:
    for opens, closes in reversed(windows):
        if by >= opens:
            return min(by, closes)
    return None


def _detour(ways: _Ways, place: int, around: list[int]) -> float:
    """What the way over a place is more than the way along those around it."""
    row = ways[around[0]]
    if len(around) == 2:
        return row[place] + ways[place][around[1]] - row[around[1]]
    saved = sum([ways[one][other] for one, other in pairwise(around)])
    return row[place] + ways[place][around[-1]] - saved
