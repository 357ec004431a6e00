"""Which slots can stay where they are. Their times are given, so that nothing has to be tried: the best way
up to a stop is the best way up to one before it that leaves time for both. Groups go their own ways between
the stops at which all are together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain, islice, product
from typing import TypeVar

from bookings.planner.build import build_model
from bookings.planner.frames import FrameDay, local_date
from bookings.planner.model import Model
from bookings.planner.problem import Firmness, FixedStop, Problem
from bookings.planner.steps import Steps

_MOST_CHOICES = 4
_ORDER = (Firmness.PINNED, Firmness.ACCEPTED, Firmness.ASKED)

Worth = tuple[int, ...]  # how many stay of the pinned ones, of the accepted ones, of the asked ones
_Eaten = tuple[bool, ...]  # group by group
_State = TypeVar("_State", bool, _Eaten)

_BEGIN, _END = "", "\n"  # no keys of stops


@dataclass
class _Way:
    """What stays on a way up to a stop: several sets where as many stay in each."""

    worth: Worth = (0, 0, 0)
    stays: list[tuple[str, ...]] = field(default_factory=lambda: [()])


def list_stays(problem: Problem) -> list[set[str]]:
    """The keys of the fixed stops that can stay, with nothing else: all pinned ones, and of the sets of these
    those with the most accepted ones, then the most asked ones. Nothing where the pinned ones don't go
    together.
    """
    if not problem.fixed:
        return [set()]
    best = _Stays(problem).find_best()
    if best.worth[0] < sum(stop.firmness == Firmness.PINNED for stop in problem.fixed):
        return []
    return [set(keys) for keys in best.stays]


def build_standing(problem: Problem) -> Model:
    """The model of the fixed stops, all of them pinned, on their days."""
    pinned = tuple(replace(stop, firmness=Firmness.PINNED) for stop in problem.fixed)
    days = sorted({local_date(stop.interval.start, stop.zone) for stop in pinned})
    zones = {**problem.zones, **{candidate.place: candidate.zone for candidate in problem.candidates}}
    bare = replace(problem, candidates=(), fixed=pinned, must=(), zones=zones)
    return build_model(bare, tuple(FrameDay(day) for day in days), {}).model


class _Stays:
    """All groups, from one stop of all to the next one that stays."""

    def __init__(self, problem: Problem) -> None:
        model = build_standing(problem)
        self.steps = Steps(model)
        self.marks = {stop.key: _mark(stop) for stop in problem.fixed}
        self.keys = [_key_of(model, number) for number in range(len(model.visits))]
        shared = {stop.key for stop in problem.fixed if stop.group is None} if model.tracks > 1 else set()
        numbers = sorted(range(len(model.visits)), key=lambda n: (*self.steps.when(n), self.keys[n]))
        self.lines = [[n for n in numbers if model.visits[n].track == group] for group in range(model.tracks)]
        self.together = list(dict.fromkeys(self.keys[n] for n in numbers if self.keys[n] in shared))
        self._go_alone = cache(self._find_alone)

    def find_best(self) -> _Way:
        """The most that can stay."""
        ways: dict[str, dict[_Eaten, _Way]] = {_BEGIN: {(False,) * len(self.lines): _Way()}}
        for key in (*self.together, _END):
            found: dict[_Eaten, _Way] = {}
            for before, earlier in ways.items():
                for eaten, way in earlier.items():
                    self._go_together(found, before, eaten, way, key)
            ways[key] = found
        return max(ways[_END].values(), key=lambda way: way.worth)

    def _go_together(
        self, found: dict[_Eaten, _Way], before: str, eaten: _Eaten, way: _Way, key: str
    ) -> None:
        """From a stop of all to a later one, or to the end: each group as it does best."""
        alone = [self._go_alone(group, before, has_eaten)[key] for group, has_eaten in enumerate(eaten)]
        there = _Way() if key == _END else _Way(self.marks[key], [(key,)])
        for ends in product(*(ways.items() for ways in alone)):
            parts = [way, *(part for _eaten, part in ends), there]
            worth = _add(*(part.worth for part in parts))
            stays = (tuple(chain(*some)) for some in product(*(part.stays for part in parts)))
            _note(found, tuple(has_eaten for has_eaten, _part in ends), worth, stays)

    def _find_alone(self, group: int, begin: str, eaten: bool) -> dict[str, dict[bool, _Way]]:
        """From a stop of all past the stops of one group to each later stop of all, and to the end."""
        line = self.lines[group]
        at = next((number for number in line if self.keys[number] == begin), None)
        ways: dict[int | None, dict[bool, _Way]] = {at: {eaten: _Way()}}
        found: dict[str, dict[bool, _Way]] = {}
        for number in line if at is None else line[line.index(at) + 1 :]:
            key = self.keys[number]
            if key in self.together:
                found[key] = self._go_on(ways, number, _Way())
            else:
                ways[number] = self._go_on(ways, number, _Way(self.marks[key], [(key,)]))
        found[_END] = {}
        for before, has_eaten, way in _each(ways):
            if self.steps.ends(before, has_eaten):
                _note(found[_END], True, way.worth, way.stays)
        return found

    def _go_on(self, ways: dict[int | None, dict[bool, _Way]], number: int, there: _Way) -> dict[bool, _Way]:
        found: dict[bool, _Way] = {}
        for before, has_eaten, way in _each(ways):
            then = self.steps.go(before, has_eaten, number)
            if then is not None:
                stays = ((*some, *there.stays[0]) for some in way.stays)
                _note(found, then, _add(way.worth, there.worth), stays)
        return found


def _mark(stop: FixedStop) -> Worth:
    return tuple(int(stop.firmness == firmness) for firmness in _ORDER)


def _add(*worths: Worth) -> Worth:
    return tuple(map(sum, zip(*worths, strict=True)))


def _each(ways: dict[int | None, dict[bool, _Way]]) -> Iterator[tuple[int | None, bool, _Way]]:
    return ((stop, eaten, way) for stop, some in ways.items() for eaten, way in some.items())


def _note(found: dict[_State, _Way], state: _State, worth: Worth, stays: Iterable[tuple[str, ...]]) -> None:
    """The most that stay count; where as many do, each set."""
    known = found.get(state)
    if known is None or worth > known.worth:
        found[state] = _Way(worth, list(islice(stays, _MOST_CHOICES)))
    elif worth == known.worth:
        more = chain(known.stays, islice(stays, _MOST_CHOICES))
        known.stays = list(dict.fromkeys(more))[:_MOST_CHOICES]


def _key_of(model: Model, number: int) -> str:
    source = model.visits[number].source
    assert isinstance(source, FixedStop)
    return source.key
