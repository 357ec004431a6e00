"""How long it takes from town to town: the quickest way over single legs, ferry and check-in included."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

CHECK_IN_MINUTES = 30
_PORT_MINUTES = 30
"""A port so far out is the port of the town."""
_DETOUR_MINUTES = 60
"""From town to town a road may be so much longer than from the port itself."""


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
    """The quickest way: its minutes with check-in, the towns passed, `ferry` if any part of it sails.

    Of a ferry it says whether one drives to its port, and from the other one on, further than across a town.
    """

    minutes: int
    mode: TravelMode
    via: tuple[str, ...] = ()
    starts_by_road: bool = False
    ends_by_road: bool = False


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
    legs: tuple[TravelLeg, ...] = field(compare=False, default=())

    def extend(self, leg: TravelLeg) -> "_Way":
        towns = (*self.towns, leg.target)
        return _Way(self.minutes + leg.minutes, self.changes + 1, towns, (*self.legs, leg))

    def as_travel_time(self, known: Sequence[TravelLeg]) -> TravelTime:
        via = self.towns[1:-1]
        if not any(map(_sails, self.legs)):
            return TravelTime(self.minutes, TravelMode.ROAD, via)
        first, last = self.legs[0], self.legs[-1]
        return TravelTime(
            self.minutes,
            TravelMode.FERRY,
            via,
            starts_by_road=not _sails(first) or _drives_to_port(first, known),
            ends_by_road=not _sails(last) or _drives_from_port(last, known),
        )


def build_travel_table(
    legs: Iterable[TravelLeg], *, check_in_minutes: int = CHECK_IN_MINUTES, within_place_minutes: int = 0
) -> TravelTable:
    """Computes every quickest way. Legs go one way: give both directions."""
    known = [_add_check_in(leg, check_in_minutes) for leg in legs]
    from_town: defaultdict[str, list[TravelLeg]] = defaultdict(list)
    for leg in known:
        from_town[leg.origin].append(leg)
    times = {
        (origin, target): way.as_travel_time(known)
        for origin in list(from_town)
        for target, way in _find_ways(origin, from_town).items()
        if target != origin
    }
    return TravelTable(times, within_place_minutes)


def _add_check_in(leg: TravelLeg, minutes: int) -> TravelLeg:
    return TravelLeg(leg.origin, leg.target, leg.mode, leg.minutes + (minutes if _sails(leg) else 0))


def _sails(leg: TravelLeg) -> bool:
    return leg.mode is TravelMode.FERRY


def _drives_from_port(ferry: TravelLeg, known: Iterable[TravelLeg]) -> bool:
    """Is the row a shorter ferry and a road on from there, in one?"""
    ports = {leg.target: leg.minutes for leg in known if _sails(leg) and leg.origin == ferry.origin}
    roads = (
        (leg.minutes, ports.get(leg.origin))
        for leg in known
        if not _sails(leg) and leg.target == ferry.target
    )
    return any(_makes_up(ferry, minutes, port) for minutes, port in roads)


def _drives_to_port(ferry: TravelLeg, known: Iterable[TravelLeg]) -> bool:
    """Is the row a road and a shorter ferry from its end, in one?"""
    ports = {leg.origin: leg.minutes for leg in known if _sails(leg) and leg.target == ferry.target}
    roads = (
        (leg.minutes, ports.get(leg.target))
        for leg in known
        if not _sails(leg) and leg.origin == ferry.origin
    )
    return any(_makes_up(ferry, minutes, port) for minutes, port in roads)


def _makes_up(ferry: TravelLeg, road_minutes: int, shorter_minutes: int | None) -> bool:
    """Another ferry of its own would be quicker than the shorter one and the road."""
    if shorter_minutes is None or shorter_minutes >= ferry.minutes:
        return False
    return road_minutes > _PORT_MINUTES and shorter_minutes + road_minutes <= ferry.minutes + _DETOUR_MINUTES


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
