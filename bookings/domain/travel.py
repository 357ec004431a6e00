"""How long it takes from town to town: the quickest way over single legs, ferry and check-in included."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

CHECK_IN_MINUTES = 30


class TravelMode(StrEnum):
    NONE = "none"
    ROAD = "road"
    FERRY = "ferry"


@dataclass(frozen=True)
class TravelLeg:
    """One row of the table: from a town to another without change."""

    origin: str
    target: str
    mode: TravelMode
    minutes: int


@dataclass(frozen=True)
class TravelTime:
    """The quickest way: its minutes with check-in, the towns passed, `ferry` if any part of it sails."""

    minutes: int
    mode: TravelMode
    via: tuple[str, ...] = ()


@dataclass(frozen=True)
class TravelTable:
    """The quickest way between any two towns that the legs join, computed once."""

    times: Mapping[tuple[str, str], TravelTime]
    within_place_minutes: int = 0

    def find_travel(self, origin: str, target: str) -> TravelTime | None:
        """The quickest way, or None when the table does not join the towns."""
        if origin == target and origin:
            return TravelTime(self.within_place_minutes, TravelMode.NONE)
        return self.times.get((origin, target))

    def needed_gap(self, origin: str, target: str) -> timedelta:
        """The time to keep free between a stop here and one there; nothing where the way is not known."""
        travel = self.find_travel(origin, target)
        return timedelta(minutes=travel.minutes if travel else 0)


@dataclass(order=True)
class _Way:
    minutes: int
    changes: int
    towns: tuple[str, ...]
    sails: bool = field(compare=False, default=False)

    def extend(self, leg: TravelLeg) -> "_Way":
        towns = (*self.towns, leg.target)
        return _Way(self.minutes + leg.minutes, self.changes + 1, towns, self.sails or _sails(leg))

    def as_travel_time(self) -> TravelTime:
        mode = TravelMode.FERRY if self.sails else TravelMode.ROAD
        return TravelTime(self.minutes, mode, self.towns[1:-1])


def build_travel_table(
    legs: Iterable[TravelLeg], *, check_in_minutes: int = CHECK_IN_MINUTES, within_place_minutes: int = 0
) -> TravelTable:
    """Computes every quickest way. Legs go one way: give both directions."""
    from_town: defaultdict[str, list[TravelLeg]] = defaultdict(list)
    for leg in legs:
        from_town[leg.origin].append(_add_check_in(leg, check_in_minutes))
    times = {
        (origin, target): way.as_travel_time()
        for origin in list(from_town)
        for target, way in _find_ways(origin, from_town).items()
        if target != origin
    }
    return TravelTable(times, within_place_minutes)


def _add_check_in(leg: TravelLeg, minutes: int) -> TravelLeg:
    return TravelLeg(leg.origin, leg.target, leg.mode, leg.minutes + (minutes if _sails(leg) else 0))


def _sails(leg: TravelLeg) -> bool:
    return leg.mode is TravelMode.FERRY


def _find_ways(origin: str, from_town: Mapping[str, list[TravelLeg]]) -> dict[str, _Way]:
    """Dijkstra; of two equal ways the one with fewer changes, then by name: the answer never varies."""
    found: dict[str, _Way] = {}
    waiting = [_Way(0, 0, (origin,))]
    while waiting:
        way = heapq.heappop(waiting)
        town = way.towns[-1]
        if town in found:
            continue
        found[town] = way
        for leg in from_town.get(town, ()):
            heapq.heappush(waiting, way.extend(leg))
    return found
