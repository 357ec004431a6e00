"""Groups that visit the same host one after another, because it can't take all of them at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import heappop, heappush
from itertools import combinations, product
from typing import Any

from bookings.planner.insertion import Route
from bookings.planner.model import Model, Window
from bookings.planner.problem import Firmness, Problem
from bookings.planner.timing import Clock, Path, unroll
from bookings.planner.worth import takes_all_at_once

Timed = tuple[int, Path]  # idle minutes, and how each day goes
_Days = tuple[Route, ...]
_Tracks = tuple[_Days, ...]
_Stop = tuple[int, int]  # visit, start
_Bar = tuple[int, int, int]  # visit, and the instants between which it may not start
_Bars = tuple[_Bar, ...]
_Way = tuple[
    int, Path, tuple[_Stop, ...]
]  # idle minutes, how each day goes, the stops at hosts that may be shared
_Ways = list[_Way]  # of each track
_Try = tuple[
    int, int, tuple[_Bars, ...], _Ways
]  # waiting, number, what each track is barred, and how it then goes

_MOST_CACHED = 20_000
_MOST_TRIES = 200


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
    return cut_starts(windows, [(starts - length, ends) for starts, ends in busy], grid=grid)


def cut_starts(
    windows: Sequence[tuple[Window, ...]], barred: Iterable[Window], *, grid: int
) -> tuple[tuple[Window, ...], ...]:
    """The starts that are left when none may lie between two instants, both of them still free."""
    for after, before in barred:
        last, first = after // grid * grid, -(-before // grid) * grid
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
        self._known: dict[_Tracks, list[Timed] | None] = {}
        self._within: dict[tuple[_Days, _Bars], _Way | None] = {}
        self.has_given_up = False  # once at the limit: there may have been times, or less waiting

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
            ways = self._find_ways(key)
            self._known[key] = None if ways is None else [(idle, path) for idle, path, _ in ways]
        return self._known[key]

    def _find_ways(self, tracks: _Tracks) -> _Ways | None:
        alone = [way for days in tracks if (way := self._time_within(days, ()))]
        if len(alone) < len(tracks):
            return None
        quick = self._take_turns(tracks, _waiting(alone))
        if quick is not None and _waiting(quick) == _waiting(alone):
            return quick
        return self._give_way(tracks, alone, quick)

    def _take_turns(self, tracks: _Tracks, least: int) -> _Ways | None:
        """One track after another, each beside those before it; in the order that waits least."""
        best: _Ways | None = None
        for order in self._list_orders(tracks):
            found = self._time_in_order(tracks, order)
            if found is not None and (best is None or _waiting(found) < _waiting(best)):
                best = found
            if best is not None and _waiting(best) == least:
                break
        return best

    def _list_orders(self, tracks: _Tracks) -> Iterator[list[int]]:
        """Who chooses first: everybody once, in both directions round."""
        numbers = list(range(len(tracks)))
        if len(numbers) < 2 or not self.has_shared(tracks):
            yield numbers
            return
        for first in numbers:
            yield numbers[first:] + numbers[:first]
            yield [*reversed(numbers[: first + 1]), *reversed(numbers[first + 1 :])]

    def _time_in_order(self, tracks: _Tracks, order: Sequence[int]) -> _Ways | None:
        found: dict[int, _Way] = {}
        for track in order:
            taken = [stop for _, _, stops in found.values() for stop in stops]
            way = self._time_within(tracks[track], tuple(self._list_bars(tracks[track], taken)))
            if way is None:
                return None
            found[track] = way
        return [found[track] for track in range(len(tracks))]

    def _list_bars(self, days: _Days, taken: Sequence[_Stop]) -> Iterator[_Bar]:
        """The starts that these stops of the others leave to no visit of the same host."""
        visits, pause = self.model.visits, self.model.turn_pause
        for number in (number for route in days for number in route):
            for other, start in taken:
                if visits[other].host == visits[number].host:
                    ends = start + visits[other].length
                    yield number, start - pause - visits[number].length, ends + pause

    def _give_way(self, tracks: _Tracks, alone: _Ways, quick: _Ways | None) -> _Ways | None:
        """All tracks at once: where two of them meet at a host, once the one and once the other gives way.

        A try bars each track some starts; its waiting is the least that these leave to each. So the first
        try in which nobody meets waits least of all. `quick` stands where none waits less, or none was found
        within the limit.
        """
        tries: list[_Try] = [(_waiting(alone), 0, ((),) * len(tracks), alone)]
        number = 0
        while tries:
            if -number >= _MOST_TRIES:
                self.has_given_up = True
                break
            waiting, _, barred, ways = heappop(tries)
            if quick is not None and waiting >= _waiting(quick):
                break
            clash = self._find_clash(ways)
            if clash is None:
                return ways
            for track, bar in clash:
                number -= 1
                bars = tuple(sorted({*barred[track], bar}))
                way = self._time_within(tracks[track], bars)
                if way is not None:
                    other_ways = [*ways[:track], way, *ways[track + 1 :]]
                    others = (*barred[:track], bars, *barred[track + 1 :])
                    heappush(tries, (_waiting(other_ways), number, others, other_ways))
        return quick

    def _find_clash(self, ways: _Ways) -> tuple[tuple[int, _Bar], tuple[int, _Bar]] | None:
        """The first two stops that meet at a host; with what each track is barred that gives way.

        Whoever starts at its time or later, while the other starts at its own or later, meets it as long as
        neither waits for the other's end: so one of the two bars holds in all that is possible.
        """
        visits, pause = self.model.visits, self.model.turn_pause
        met = []
        for one, other in combinations(range(len(ways)), 2):
            for (a, starts), (b, other_starts) in product(ways[one][2], ways[other][2]):
                ends = starts + visits[a].length + pause
                other_ends = other_starts + visits[b].length + pause
                if visits[a].host == visits[b].host and starts < other_ends and other_starts < ends:
                    bars = (one, (a, starts - 1, other_ends)), (other, (b, other_starts - 1, ends))
                    met.append((min(starts, other_starts), bars))
        return min(met)[1] if met else None

    def _time_within(self, days: _Days, bars: _Bars) -> _Way | None:
        """The way of a track that waits least and starts no visit where it is barred."""
        key = days, bars
        if key not in self._within:
            _keep_small(self._within)
            self._within[key] = self._find_way(days, bars)
        return self._within[key]

    def _find_way(self, days: _Days, bars: _Bars) -> _Way | None:
        """Without bars, where that keeps to them and waits no longer."""
        timings = self.clock.trace(list(days))
        if not timings:
            return None
        least = min(idle for _, idle, _ in timings)
        for way in (self._read(timing) for timing in timings if timing[1] == least):
            if not _is_barred(way[2], bars):
                return way
        timings = Clock(self._without(bars)).trace(list(days))
        return self._read(min(timings, key=_by_waiting)) if timings else None

    def _without(self, bars: _Bars) -> Model:
        """The model in which nothing starts where it is barred."""
        visits = list(self.model.visits)
        for number, after, before in bars:
            windows = cut_starts(visits[number].windows, [(after, before)], grid=self.model.grid)
            visits[number] = replace(visits[number], windows=windows)
        return replace(self.model, visits=tuple(visits))

    def _read(self, timing: tuple[int, int, Path]) -> _Way:
        _, idle, path = timing
        return idle, path, tuple(self._list_stops(path))

    def _list_stops(self, path: Path) -> Iterator[_Stop]:
        """The stops at hosts that groups may share."""
        for _day, label in path:
            at = label[0]
            for what, earliest, _, minutes, about, _ in unroll(label):
                at = max(earliest, at + minutes)
                if (
                    what == "visit"
                    and isinstance(about, int)
                    and self.model.visits[about].host in self.model.rotating
                ):
                    yield about, at


def _is_barred(stops: Sequence[_Stop], bars: _Bars) -> bool:
    return any(
        number == barred and after < at < before for number, at in stops for barred, after, before in bars
    )


def _by_waiting(timing: tuple[int, int, Path]) -> tuple[int, int]:
    return timing[1], timing[0]


def _waiting(ways: Sequence[_Way]) -> int:
    return sum(idle for idle, _, _ in ways)


def _keep_small(known: dict[Any, Any]) -> None:
    if len(known) > _MOST_CACHED:
        known.clear()
