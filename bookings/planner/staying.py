"""Which slots can stay where they are. Their times are given, so that nothing has to be tried: the best way
up to a stop is the best way up to one before it that leaves time for both."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, islice, product

from bookings.planner.build import build_model, split_over_groups
from bookings.planner.frames import FrameDay, local_date
from bookings.planner.model import Model
from bookings.planner.problem import Firmness, FixedStop, Problem
from bookings.planner.timing import Clock, Label

_MOST_CHOICES = 4
_ORDER = (Firmness.PINNED, Firmness.ACCEPTED, Firmness.ASKED)

Worth = tuple[int, ...]  # how many stay of the pinned ones, of the accepted ones, of the asked ones


@dataclass
class _Way:
    """How a track can go up to a stop, and what stays then: several sets where as many stay in each."""

    label: Label | None = None
    worth: Worth = (0, 0, 0)
    stays: list[tuple[int, ...]] = field(default_factory=lambda: [()])


def can_stand(problem: Problem) -> bool:
    """Do the fixed stops, where they are and with nothing else, break no rule?"""
    pinned = tuple(replace(stop, firmness=Firmness.PINNED) for stop in problem.fixed)
    return bool(list_stays(replace(problem, fixed=pinned)))


def list_stays(problem: Problem) -> list[set[str]]:
    """The keys of the fixed stops that can stay, with nothing else: all pinned ones, and of the sets of these
    those with the most accepted ones, then the most asked ones. Where groups go separate ways, stops of all
    stay in any case. Nothing where the pinned ones don't go together.
    """
    if not problem.fixed:
        return [set()]
    pinned = tuple(replace(stop, firmness=Firmness.PINNED) for stop in problem.fixed)
    days = sorted({local_date(stop.interval.start, stop.zone) for stop in pinned})
    zones = {**problem.zones, **{candidate.place: candidate.zone for candidate in problem.candidates}}
    bare = replace(problem, candidates=(), fixed=pinned, must=(), zones=zones)
    model = build_model(bare, tuple(FrameDay(day) for day in days), {}).model
    firmness = {stop.key: stop.firmness for stop in split_over_groups(problem)}
    tracks = [_Track(model, track, firmness).list_best() for track in range(model.tracks)]
    return [set(chain(*keys)) for keys in islice(product(*tracks), _MOST_CHOICES)]


class _Track:
    """The stops of one group, by the clock."""

    def __init__(self, model: Model, track: int, firmness: dict[str, Firmness]) -> None:
        self.model, self.clock = model, Clock(model)
        visits = model.visits
        self.days = [next(day for day, windows in enumerate(visit.windows) if windows) for visit in visits]
        mine = [number for number, visit in enumerate(visits) if visit.track == track]
        self.order = sorted(mine, key=lambda n: (self.days[n], visits[n].windows[self.days[n]]))
        self.ranks = {n: _ORDER.index(firmness[_source(model, n).key]) for n in mine}

    def list_best(self) -> list[list[str]]:
        ends = [_Way()]
        ways: dict[int, list[_Way]] = {}
        for number in self.order:
            found: dict[bool, _Way] = {}
            for label in self._begin(number):
                self._note(found, label, _Way(), number)
            for before, earlier in ways.items():
                for way in earlier:
                    for label in self._go_on(way, before, number):
                        self._note(found, label, way, number)
            ways[number] = list(found.values())
            ends += [way for way in ways[number] if self._is_in_time(way, number)]
        best = max(way.worth for way in ends)
        if best[0] < list(self.ranks.values()).count(0):
            return []
        sets = dict.fromkeys(chain(*(way.stays for way in ends if way.worth == best)))
        return [[_source(self.model, number).key for number in stays] for stays in sets]

    def _note(self, found: dict[bool, _Way], label: Label, before: _Way, number: int) -> None:
        """The most that stay count; whoever has eaten and who hasn't are kept apart."""
        rank = self.ranks[number]
        worth = tuple(count + (place == rank) for place, count in enumerate(before.worth))
        stays = [(*some, number) for some in before.stays]
        known = found.get(label[3])
        if known is None or worth > known.worth:
            found[label[3]] = _Way(label, worth, stays)
        elif worth == known.worth:
            known.stays = list(dict.fromkeys([*known.stays, *stays]))[:_MOST_CHOICES]

    def _begin(self, number: int) -> list[Label]:
        day = self.days[number]
        ready = self.model.ready_at_start(day, self.model.visits[number].place)
        return self.clock.begin(day, number, self.model.ceil(ready))

    def _go_on(self, way: _Way, before: int, number: int) -> Iterable[Label]:
        assert way.label is not None
        day, other = self.days[before], self.days[number]
        if day == other:
            return self.clock.append(day, way.label, before, number)
        end = self._end(way.label, before)
        if not self.clock.has_lunch(day, way.label, before, end):
            return ()
        places = self.model.visits[before].place, self.model.visits[number].place
        return self.clock.begin(other, number, self.model.ceil(self.model.ready(other, *places, end)))

    def _is_in_time(self, way: _Way, last: int) -> bool:
        assert way.label is not None
        day, end = self.days[last], self._end(way.label, last)
        latest = self.model.latest_end(day, self.model.visits[last].place)
        return end <= latest and self.clock.has_lunch(day, way.label, last, end)

    def _end(self, label: Label, stop: int) -> int:
        return label[0] + label[2] + self.model.visits[stop].length


def _source(model: Model, number: int) -> FixedStop:
    source = model.visits[number].source
    assert isinstance(source, FixedStop)
    return source
