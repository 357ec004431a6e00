"""The problem in whole numbers: minutes since a common midnight, sixtieths of points, places by index."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bookings.planner.problem import Sailing

FAR = 10**8
SCALE = 60  # sixtieths of a point: a weight per hour times minutes stays whole

Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A sailing as the way between two places: leave the first by then, be at the second then."""

    leave_by: int
    there_at: int
    departs: int
    arrives: int
    road_before: int
    road_after: int
    sailing: Sailing | None = None


@dataclass(frozen=True)
class Network:
    """Quickest ways by road, and sailings where no road is short enough to be driven."""

    road: Sequence[Sequence[int]]
    passages: Mapping[tuple[int, int], tuple[Passage, ...]] = field(default_factory=dict)

    def joins(self, origin: int, target: int) -> bool:
        """Is there any way at all?"""
        return self.road[origin][target] < FAR or (origin, target) in self.passages

    def arrive(self, origin: int, target: int, at: int) -> int:
        """The earliest arrival of those who leave at or after `at`; FAR when there is none."""
        minutes = self.road[origin][target]
        if minutes < FAR:
            return at + minutes
        passage = self.find_passage(origin, target, at)
        return passage.there_at if passage else FAR

    def find_passage(self, origin: int, target: int, at: int) -> Passage | None:
        """The first sailing that is still reached."""
        passages = self.passages.get((origin, target), ())
        position = bisect_left(passages, at, key=lambda passage: passage.leave_by)
        return passages[position] if position < len(passages) else None

    def leave_latest(self, origin: int, target: int, by: int) -> int:
        """When to leave at the latest to be there in time; -FAR when it can't be."""
        minutes = self.road[origin][target]
        if minutes < FAR:
            return by - minutes
        fitting = [p.leave_by for p in self.passages.get((origin, target), ()) if p.there_at <= by]
        return max(fitting, default=-FAR)

    def road_minutes(self, origin: int, target: int) -> int:
        """The minutes on the road of a way, the ports' roads where it sails."""
        minutes = self.road[origin][target]
        if minutes < FAR:
            return minutes
        passage = self.passages[origin, target][0]
        return passage.road_before + passage.road_after


@dataclass(frozen=True, slots=True)
class Visit:
    """One way to take one host; several of the same host exclude each other."""

    host: int
    place: int
    length: int
    windows: tuple[tuple[Window, ...], ...]  # per day, of starts
    gain: int = 0
    gain_again: int = 0  # instead of gain and groups, where another group has been at the host
    groups: tuple[int, ...] = ()
    track: int = -1
    source: Any = None


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place and the minute at which one comes free there or has to be there."""

    place: int
    at: int


@dataclass(frozen=True)
class Model:
    """What the search works on. `chained` days follow one another from stop to stop over the nights;
    otherwise each day begins and ends at anchors of its own.
    """

    visits: tuple[Visit, ...]
    network: Network
    days: int
    tracks: int = 1
    chained: bool = True
    starts: tuple[Anchor | None, ...] = ()
    ends: tuple[Anchor | None, ...] = ()
    required: frozenset[int] = frozenset()  # hosts without whom no plan is one
    rotating: Mapping[int, int] = field(default_factory=dict)  # host: groups that it takes one after another
    turn_pause: int = 0  # between two groups at a host
    marginals: tuple[tuple[int, ...], ...] = ()  # per group: worth of the first, second, ... visit in it
    pause: int = 0
    grid: int = 1
    rest: int = 0
    lunch_minutes: int = 0
    lunches: tuple[tuple[Window, ...], ...] = ()  # per day, per place: earliest start, latest start
    most_stops: tuple[int, ...] = ()
    travel_cost: int = 0  # per minute on the road
    crossing_cost: int = 0
    idle_cost: int = 0  # per minute

    @property
    def is_plain(self) -> bool:
        """Do the limits of a day's stops tell whether it can be, and its ways what it costs?"""
        is_alone = not self.chained and not self.rotating and not self.network.passages
        return is_alone and not self.lunch_minutes and not self.idle_cost and self.grid == 1

    def leg_cost(self, origin: int, target: int) -> int:
        """What a way costs in the score."""
        minutes = self.network.road_minutes(origin, target)
        sails = self.network.road[origin][target] >= FAR
        return minutes * self.travel_cost + (self.crossing_cost if sails else 0)

    def ready(self, day: int, place: int, target: int, end: int) -> int:
        """When the first stop of a day can begin after a stop that ended at `end` on an earlier day.

        The night's rest comes before the way or after it.
        """
        arrive = self.network.arrive
        return min(arrive(place, target, end) + self.rest, arrive(place, target, end + self.rest))

    def ready_at_start(self, day: int, target: int) -> int:
        """When the first stop can begin for those who come from the anchor."""
        anchor = self.starts[day]
        return -FAR if anchor is None else self.network.arrive(anchor.place, target, anchor.at)

    def latest_end(self, day: int, place: int) -> int:
        """When the last stop has to be over."""
        anchor = self.ends[day]
        return FAR if anchor is None else self.network.leave_latest(place, anchor.place, anchor.at)

    def ceil(self, minute: int) -> int:
        """The next minute of the grid."""
        return -(-minute // self.grid) * self.grid
