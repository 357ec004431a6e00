"""Groups that visit the same host one after another, because it can't take all of them at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from bookings.planner.insertion import Route
from bookings.planner.model import Model, Window
from bookings.planner.problem import Firmness, Problem
from bookings.planner.timing import Clock, Path, unroll
from bookings.planner.worth import takes_all_at_once

Timed = tuple[int, Path]  # idle minutes, and how each day goes
_Days = tuple[Route, ...]
_Stop = tuple[int, int, int]  # host, start, end
_Taken = tuple[_Stop, ...]
_Way = tuple[int, Path, _Taken]  # idle minutes, how each day goes, what it takes of hosts

_MOST_CACHED = 20_000


def count_turns(problem: Problem) -> dict[str, int]:
    """The hosts that groups may visit one after another, and how many of them: where none of a host's offers
    takes the whole delegation at once, and as its cap of the month allows."""
    groups = problem.delegation.groups
    if groups < 2:
        return {}
    firm = [stop.host for stop in problem.fixed if stop.firmness != Firmness.ASKED]
    asked = [stop.host for stop in problem.fixed if stop.firmness == Firmness.ASKED]
    found = dict.fromkeys((offer.host for offer in problem.candidates), groups)
    for offer in problem.candidates:
        most = 1 if takes_all_at_once(problem, offer) else groups
        most = most if offer.visits_left is None else min(most, offer.visits_left)
        found[offer.host] = min(found[offer.host], most)
    found |= {host: max(asked.count(host), found.get(host, 1)) for host in asked}
    left = {host: most - firm.count(host) for host, most in found.items() if most > 1}
    return {host: most for host, most in left.items() if most > 0}


def cut_windows(
    windows: Sequence[tuple[Window, ...]], busy: Sequence[Window], *, length: int, grid: int
) -> tuple[tuple[Window, ...], ...]:
    """The starts that are left when a stop of this length may touch none of the busy times."""
    for starts, ends in busy:
        last, first = (starts - length) // grid * grid, -(-ends // grid) * grid
        windows = [tuple(_cut(day, last, first)) for day in windows]
    return tuple(windows)


def _cut(day: tuple[Window, ...], last: int, first: int) -> Iterator[Window]:
    for opens, closes in day:
        if opens <= min(closes, last):
            yield opens, min(closes, last)
        if max(opens, first) <= closes:
            yield max(opens, first), closes


class TurnTaker:
    """Times tracks beside each other: what one of them has at a host, the others find taken."""

    def __init__(self, model: Model, clock: Clock) -> None:
        self.model, self.clock = model, clock
        self._known: dict[tuple[_Days, ...], list[Timed] | None] = {}
        self._beside: dict[tuple[_Days, _Taken], _Way | None] = {}

    def has_shared(self, tracks: Sequence[_Days]) -> bool:
        """Is a host visited by several groups?"""
        rotating, visits = self.model.rotating, self.model.visits
        hosts = [visits[n].host for days in tracks for route in days for n in route]
        shared = [host for host in hosts if host in rotating]
        return len(shared) > len(set(shared))

    def find_times(self, tracks: Sequence[_Days]) -> list[Timed] | None:
        """The times of each track with as little waiting as was found; None when there are none."""
        key = tuple(tracks)
        if key not in self._known:
            _keep_small(self._known)
            self._known[key] = self._find_times(key)
        return self._known[key]

    def _find_times(self, tracks: tuple[_Days, ...]) -> list[Timed] | None:
        alone = [self._time_beside(days, ()) for days in tracks]
        if any(way is None for way in alone):
            return None
        least = sum(way[0] for way in alone if way)
        best: list[_Way] | None = None
        for order in self._list_orders(tracks):
            found = self._take_turns(tracks, order)
            if found is not None and (best is None or _waiting(found) < _waiting(best)):
                best = found
            if best is not None and _waiting(best) == least:
                break
        return None if best is None else [(idle, path) for idle, path, _ in best]

    def _list_orders(self, tracks: Sequence[_Days]) -> Iterator[list[int]]:
        """Who chooses first: everybody once, in both directions round."""
        numbers = list(range(len(tracks)))
        if len(numbers) < 2 or not self.has_shared(tracks):
            yield numbers
            return
        for first in numbers:
            yield numbers[first:] + numbers[:first]
            yield [*reversed(numbers[: first + 1]), *reversed(numbers[first + 1 :])]

    def _take_turns(self, tracks: Sequence[_Days], order: Sequence[int]) -> list[_Way] | None:
        busy: list[_Stop] = []
        found: dict[int, _Way] = {}
        visits = self.model.visits
        for track in order:
            hosts = {visits[number].host for route in tracks[track] for number in route}
            way = self._time_beside(tracks[track], tuple(stop for stop in busy if stop[0] in hosts))
            if way is None:
                return None
            found[track] = way
            busy += way[2]
        return [found[track] for track in range(len(tracks))]

    def _time_beside(self, days: _Days, taken: _Taken) -> _Way | None:
        key = days, taken
        if key not in self._beside:
            _keep_small(self._beside)
            self._beside[key] = self._find_way(days, taken)
        return self._beside[key]

    def _find_way(self, days: _Days, taken: _Taken) -> _Way | None:
        for _, idle, path in sorted(self.clock.trace(list(days)), key=_by_waiting):
            stops = tuple(self._list_stops(path))
            if not self._meets(stops, taken):
                return idle, path, stops
        if not taken:
            return None
        timings = Clock(self._without(days, taken)).trace(list(days))
        if not timings:
            return None
        _, idle, path = min(timings, key=_by_waiting)
        return idle, path, tuple(self._list_stops(path))

    def _without(self, days: _Days, taken: _Taken) -> Model:
        """The model in which these visits have only the hosts' times that the others have left."""
        model, pause = self.model, self.model.turn_pause
        visits = list(model.visits)
        for number in (number for route in days for number in route):
            visit = visits[number]
            busy = [(starts - pause, ends + pause) for host, starts, ends in taken if host == visit.host]
            if busy:
                windows = cut_windows(visit.windows, busy, length=visit.length, grid=model.grid)
                visits[number] = replace(visit, windows=windows)
        return replace(model, visits=tuple(visits))

    def _meets(self, stops: _Taken, taken: _Taken) -> bool:
        pause = self.model.turn_pause
        return any(
            host == other and starts < other_ends + pause and other_starts < ends + pause
            for host, starts, ends in stops
            for other, other_starts, other_ends in taken
        )

    def _list_stops(self, path: Path) -> Iterator[_Stop]:
        """The stops at hosts that groups may share."""
        for _day, label in path:
            at = label[0]
            for what, earliest, _, minutes, about, _ in unroll(label):
                at = max(earliest, at + minutes)
                if what == "visit" and isinstance(about, int):
                    visit = self.model.visits[about]
                    if visit.host in self.model.rotating:
                        yield visit.host, at, at + visit.length


def _by_waiting(timing: tuple[int, int, Path]) -> tuple[int, int]:
    return timing[1], timing[0]


def _waiting(ways: Sequence[_Way]) -> int:
    return sum(idle for idle, _, _ in ways)


def _keep_small(known: dict[Any, Any]) -> None:
    if len(known) > _MOST_CACHED:
        known.clear()
