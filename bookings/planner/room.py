"""Where stops could come in among those that stand: at times that all the groups concerned have free."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bookings.domain.time import Interval
from bookings.planner.build import Openings, build_model, index_openings_of
from bookings.planner.frames import Frame, list_frames, local_date
from bookings.planner.model import FAR, Network, Visit, Window
from bookings.planner.problem import Candidate, Firmness, FixedStop, Problem
from bookings.planner.steps import Line, Steps, common_starts
from bookings.planner.turns import cut_windows

MOST_FRAMES = 2
_MOST_SEARCHED = 8
_PATIENCE = 4000


@dataclass(frozen=True)
class Standing:
    """Stops at their times: the number of each in the steps, and the line of each group."""

    numbers: Mapping[str, int]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Arrival:
    """A stop that is to come in: by one of the offers, for these groups, near an instant but not `not_at`."""

    key: str
    offers: tuple[Candidate, ...]
    groups: tuple[int, ...]
    near: datetime
    not_at: datetime | None = None


@dataclass(frozen=True)
class Place:
    """Where a stop comes in."""

    arrival: Arrival
    offer: Candidate
    interval: Interval
    spot: tuple[int, int, int, int]  # place, length, day, minute


class PatienceError(Exception):
    """More would have to be tried than may be."""


class Room:
    """The days of a frame, with the fixed stops of a problem, of which each could also be elsewhere: as all
    `slots` could."""

    def __init__(
        self, problem: Problem, frame: Frame, slots: Collection[FixedStop], *, is_only: bool = True
    ) -> None:
        self.is_only = is_only  # no other days that the delegation has could be looked at
        self.groups = tuple(range(max(1, problem.delegation.groups)))
        self.patience = FAR
        # Each as one group's own: a stop of all would be pinned, and close its host to everybody else.
        asked = tuple(replace(stop, firmness=Firmness.ASKED, group=stop.group or 0) for stop in problem.fixed)
        movable = replace(problem, fixed=asked, must=())
        hosts = {stop.host for stop in slots}
        self.built = build_model(movable, frame, index_openings_of(movable, hosts))
        one = as_one(movable)
        whole = build_model(one, frame, index_openings_of(one, hosts)) if len(self.groups) > 1 else self.built
        self.steps = Steps(self.built.model)
        self._visits = _index_offers(self.built.model.visits)
        self._visits_of_all = _index_offers(whole.model.visits)
        self._keys_at: dict[str, list[str]] = {}
        for stop in problem.fixed:
            self._keys_at.setdefault(stop.host, []).append(stop.key)
        self._numbers: dict[tuple[int, int, int, int | None], int] = {}
        self._free: dict[tuple[Line, int], list[Window]] = {}
        self._most = problem.rules.most_stops_a_day

    @property
    def is_plain(self) -> bool:
        """Does no stop make another one possible? So it is where every place that is reached over another
        one is reached without it too."""
        return _is_closed(self.built.model.network)

    def groups_of(self, stop: FixedStop) -> tuple[int, ...]:
        """Who is there."""
        return self.groups if stop.group is None else (stop.group,)

    def stand(self, stops: Collection[FixedStop]) -> Standing:
        """These of the fixed stops where they are."""
        groups = {stop.key: self.groups_of(stop) for stop in stops}
        numbers: dict[str, int] = {}
        for number, visit in enumerate(self.built.model.visits):
            if isinstance(visit.source, FixedStop) and visit.source.key in groups:
                numbers.setdefault(visit.source.key, number)
        lines = [[numbers[key] for key in groups if group in groups[key]] for group in self.groups]
        return Standing(numbers, tuple(self._sort(line) for line in lines))

    def can_stand(self, standing: Standing, groups: Collection[int]) -> bool:
        """Do the stops of each of these groups go together?"""
        return all(self.steps.can_be(standing.lines[group]) for group in groups)

    def leave(self, standing: Standing, keys: Collection[str]) -> Standing:
        """Without these."""
        gone = {standing.numbers[key] for key in keys}
        numbers = {key: number for key, number in standing.numbers.items() if key not in keys}
        lines = (tuple(number for number in line if number not in gone) for line in standing.lines)
        return Standing(numbers, tuple(lines))

    def put_in(self, standing: Standing, place: Place) -> Standing:
        """With one more stop at its time."""
        number, arrival = self._number(*place.spot), place.arrival
        lines = [
            self._sort((*line, number)) if group in arrival.groups else line
            for group, line in enumerate(standing.lines)
        ]
        return Standing({**standing.numbers, arrival.key: number}, tuple(lines))

    def settle(self, standing: Standing, arrivals: Sequence[Arrival]) -> Iterator[tuple[Place, ...]]:
        """The ways in which all of them come in, those nearest to their times first."""
        if not arrivals:
            yield ()
            return
        first, *rest = arrivals
        if not all(self.has_place(standing, arrival) for arrival in rest):
            return
        for place in self._list_places(standing, first):
            for others in self.settle(self.put_in(standing, place), rest):
                yield (place, *others)

    def settle_most(self, standing: Standing, arrivals: Sequence[Arrival]) -> tuple[Place, ...]:
        """All of them, if that is not too much to try; else each in turn that still has a place."""
        self.patience = _PATIENCE
        with suppress(PatienceError):
            if places := next(self.settle(standing, arrivals), None):
                return places
        self.patience = FAR
        found: list[Place] = []
        for arrival in arrivals:
            for place in self._list_places(standing, arrival)[:1]:
                standing = self.put_in(standing, place)
                found.append(place)
        return tuple(found)

    def describe(self, arrival: Arrival) -> object:
        """What alone decides where it could come in."""
        visits = [self._visit(offer, arrival) for offer in arrival.offers]
        return tuple((visit.place, visit.length, visit.windows) for visit in visits if visit)

    def has_place(self, standing: Standing, arrival: Arrival) -> bool:
        """Is there any?"""
        old = arrival.not_at and self.built.minute(arrival.not_at)
        every = (windows for _offer, _visit, _day, windows in self._list_windows(standing, arrival))
        return any(window != (old, old) for windows in every for window in windows)

    def _list_places(self, standing: Standing, arrival: Arrival) -> list[Place]:
        found = [
            self._place(arrival, offer, (visit.place, visit.length, day, minute))
            for offer, visit, day, windows in self._list_windows(standing, arrival)
            for minute in self._list_minutes(windows)
            if self.built.instant(minute) != arrival.not_at
        ]

        def distance(place: Place) -> tuple[bool, timedelta, datetime, str]:
            start, zone = place.interval.start, place.offer.zone
            is_other_day = local_date(start, zone) != local_date(arrival.near, zone)
            return is_other_day, abs(start - arrival.near), start, place.offer.key

        return sorted(found, key=distance)

    def _list_minutes(self, windows: Collection[Window]) -> list[int]:
        """Each once: windows with the lunch before a stop and windows with it after may overlap."""
        grid = self.built.model.grid
        return sorted({minute for opens, closes in windows for minute in range(opens, closes + 1, grid)})

    def _place(self, arrival: Arrival, offer: Candidate, spot: tuple[int, int, int, int]) -> Place:
        _place, length, _day, minute = spot
        interval = Interval(self.built.instant(minute), self.built.instant(minute + length))
        return Place(arrival, offer, interval, spot)

    def _list_windows(
        self, standing: Standing, arrival: Arrival
    ) -> Iterator[tuple[Candidate, Visit, int, list[Window]]]:
        lines = {standing.lines[group] for group in arrival.groups}
        for offer in arrival.offers:
            visit = self._visit(offer, arrival)
            if visit is None:
                continue
            for day, windows in enumerate(self._cut(standing, offer.host, visit)):
                starts = list(windows)
                for line in lines if starts else ():
                    number = self._number(visit.place, visit.length, day, None)
                    starts = common_starts(starts, self._find_free(line, number))
                yield offer, visit, day, starts

    def _visit(self, offer: Candidate, arrival: Arrival) -> Visit | None:
        visits = self._visits_of_all if arrival.groups == self.groups else self._visits
        return visits.get(offer.key)

    def _cut(self, standing: Standing, host: str, visit: Visit) -> Sequence[tuple[Window, ...]]:
        """What other groups at the host leave of its times."""
        numbers = [standing.numbers[key] for key in self._keys_at.get(host, ()) if key in standing.numbers]
        if not numbers:
            return visit.windows
        pause, busy = self.built.model.turn_pause, []
        for number in numbers:
            _day, start = self.steps.when(number)
            busy.append((start - pause, start + self.steps.model.visits[number].length + pause))
        return cut_windows(visit.windows, busy, length=visit.length, grid=self.built.model.grid)

    def _sort(self, line: Collection[int]) -> Line:
        return tuple(sorted(line, key=lambda number: (*self.steps.when(number), number)))

    def _find_free(self, line: Line, number: int) -> list[Window]:
        """When a line has the time for a stop, on a day that has not as many as it may."""
        if self.patience <= 0:
            raise PatienceError
        self.patience -= 1
        key = line, number
        if key not in self._free:
            day = self.steps.days[number]
            is_full = sum(self.steps.days[stop] == day for stop in line) >= self._most
            self._free[key] = [] if is_full else self.steps.list_starts(line, number)
        return self._free[key]

    def _number(self, place: int, length: int, day: int, start: int | None) -> int:
        """The stop at this minute of a day, or at any."""
        key = place, length, day, start
        if key not in self._numbers:
            window = (-FAR, FAR) if start is None else (start, start)
            windows = tuple((window,) if other == day else () for other in range(self.built.model.days))
            self._numbers[key] = self.steps.add(Visit(-1, place, length, windows))
        return self._numbers[key]


def list_rooms(problem: Problem, slots: Collection[FixedStop]) -> Iterator[Room]:
    """The days that the fixed stops are on, and the slots where that can still be."""
    pinned = tuple(replace(stop, firmness=Firmness.PINNED) for stop in problem.fixed)
    standing = replace(problem, fixed=pinned)
    openings = index_openings_of(standing, (stop.host for stop in slots))
    frames = list_same_frames(standing, slots, openings)
    for frame in frames[:MOST_FRAMES]:
        yield Room(problem, frame, slots, is_only=len(frames) <= MOST_FRAMES)


def list_same_frames(problem: Problem, slots: Collection[FixedStop], openings: Openings) -> list[Frame]:
    """Those that promise most first, only those with all days of the slots where there are any."""
    days = {local_date(stop.interval.start, stop.zone) for stop in slots}
    frames = list_frames(problem, openings.values(), most=_MOST_SEARCHED)
    same = [frame for frame in frames if days <= {entry.day for entry in frame}]
    return same or frames


def as_one(problem: Problem) -> Problem:
    """The same delegation in one piece."""
    return replace(problem, delegation=replace(problem.delegation, groups=1))


def _index_offers(visits: Collection[Visit]) -> dict[str, Visit]:
    return {visit.source.key: visit for visit in visits if isinstance(visit.source, Candidate)}


def _is_closed(network: Network) -> bool:
    places = range(len(network.road))
    roads = [{other for other in places if other == one or network.road[one][other] < FAR} for one in places]
    ways = [{other for other in places if other == one or network.joins(one, other)} for one in places]
    return all(
        roads[middle] <= (roads[one] if middle in roads[one] else ways[one])
        and (middle not in roads[one] or ways[middle] <= ways[one])
        for one in places
        for middle in ways[one]
    )
