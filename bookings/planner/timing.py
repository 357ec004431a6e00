"""When a given order of stops can take place: exact, with several windows, lunch, sailings, nights.

A label says how a day can go up to a stop: the earliest and latest start of the day's first stop between
which nothing is lost, and the minutes from that start to the start of the last stop. Appending a stop is
a few additions; labels that are no better than another are dropped.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import TypeVar

from bookings.planner.model import FAR, Model, Passage, Window

# earliest start, latest start, minutes to the last start, has eaten, minutes well used besides visits, ...
Label = tuple[int, int, int, bool, int, "Label | None", "Step"]
# what ("visit", "lunch", "sail"), earliest, latest, minutes since the step before, what it is about
Step = tuple[str, int, int, int, object]
Timing = tuple[int, int, Label]  # end of the day's last stop, idle minutes, how
Path = tuple[tuple[int, Label], ...]  # each day that has stops, and how it goes
_Timed = TypeVar("_Timed", Timing, tuple[int, int, Path])

_MOST_LABELS = 12
_MOST_CACHED = 60_000


class Clock:
    """Times orders of stops for one model and remembers what it found."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._labels: dict[tuple[int, tuple[int, ...], int], list[Label]] = {}
        self._days: dict[tuple[int, tuple[int, ...], int], list[Timing]] = {}

    def time_track(
        self, days: list[tuple[int, ...]], *, is_open: bool = False
    ) -> list[tuple[int, int]] | None:
        """End and idle minutes of all that is worth keeping; None when the order can't be.

        `is_open`: more stops may follow, so the last day's end is not looked at.
        """
        found = [(end, idle) for end, idle, _ in self.trace(days, is_open=is_open)]
        return found or None

    def trace(self, days: list[tuple[int, ...]], *, is_open: bool = False) -> list[tuple[int, int, Path]]:
        """As `time_track`, with the label of each day that has stops."""
        visits = self.model.visits
        carried: list[tuple[int, int, Path]] = [(-FAR, 0, ())]
        place = -1
        used = [day for day, stops in enumerate(days) if stops]
        for day in used:
            stops = days[day]
            following: list[tuple[int, int, Path]] = []
            leaves_open = is_open and day == used[-1]
            for end, idle, path in carried:
                ready = self._ready(day, place, visits[stops[0]].place, end)
                for day_end, day_idle, label in self.time_day(day, stops, ready, is_open=leaves_open):
                    following.append((day_end, idle + day_idle, (*path, (day, label))))
            carried = _keep_best(following)
            if not carried:
                return []
            place = visits[stops[-1]].place
        return carried if is_open or not used else self._in_time(carried, used[-1], place)

    def time_day(
        self, day: int, stops: tuple[int, ...], ready: int, *, is_open: bool = False
    ) -> list[Timing]:
        """The ways in which a day can go that starts at `ready` or later."""
        first = self.model.visits[stops[0]].windows[day]
        if not first:
            return []
        ready = max(self.model.ceil(ready), first[0][0])
        if ready > first[-1][1]:
            return []
        if is_open:
            return [self._read(label, stops) for label in self._find_labels(day, stops, ready)]
        key = (day, stops, ready)
        known = self._days.get(key)
        if known is None:
            known = self._days[key] = self._close(day, stops, ready)
        return known

    def _ready(self, day: int, place: int, target: int, end: int) -> int:
        model = self.model
        if place < 0 or not model.chained:
            return model.ready_at_start(day, target)
        return model.ready(day, place, target, end)

    def _in_time(
        self, carried: list[tuple[int, int, Path]], day: int, place: int
    ) -> list[tuple[int, int, Path]]:
        if not self.model.chained:
            return carried
        latest = self.model.latest_end(day, place)
        return [entry for entry in carried if entry[0] <= latest]

    def _close(self, day: int, stops: tuple[int, ...], ready: int) -> list[Timing]:
        model = self.model
        last = model.visits[stops[-1]]
        latest = FAR if model.chained else model.latest_end(day, last.place)
        found = []
        for label in self._find_labels(day, stops, ready):
            timing = self._read(label, stops)
            if timing[0] <= latest and self.has_lunch(day, label, stops[-1], timing[0]):
                found.append(timing)
        return _keep_best(found)

    def has_lunch(self, day: int, label: Label, last: int, end: int) -> bool:
        """Has everybody eaten, or can they still when the last stop is over?"""
        model = self.model
        return label[3] or not model.lunch_minutes or end <= model.lunches[day][model.visits[last].place][1]

    def _read(self, label: Label, stops: tuple[int, ...]) -> Timing:
        visits, road = self.model.visits, self.model.network.road
        last = visits[stops[-1]].length
        needed = sum(visits[stop].length for stop in stops)
        for one, other in pairwise(stops):
            minutes = road[visits[one].place][visits[other].place]
            needed += minutes if minutes < FAR else 0
        earliest, _, length, _, busy, _, _ = label
        return earliest + length + last, length + last - needed - busy, label

    def _find_labels(self, day: int, stops: tuple[int, ...], ready: int) -> list[Label]:
        key = (day, stops, ready)
        known = self._labels.get(key)
        if known is None:
            if len(self._labels) > _MOST_CACHED:
                self._labels.clear()
                self._days.clear()
            if len(stops) == 1:
                known = self.begin(day, stops[0], ready)
            else:
                known = []
                for label in self._find_labels(day, stops[:-1], ready):
                    known += self.append(day, label, stops[-2], stops[-1])
            known = self._labels[key] = _drop_worse(known)
        return known

    def begin(self, day: int, stop: int, ready: int) -> list[Label]:
        """A day that starts with this stop."""
        model = self.model
        visit = model.visits[stop]
        found: list[Label] = []
        for start, latest in visit.windows[day]:
            earliest = max(start, ready)
            if earliest > latest:
                continue
            step: Step = ("visit", earliest, latest, 0, stop)
            found.append((earliest, latest, 0, not model.lunch_minutes, 0, None, step))
            if model.lunch_minutes:
                # Whoever starts this late has had the time to eat before.
                eaten = max(earliest, model.ceil(model.lunches[day][visit.place][0] + model.lunch_minutes))
                if eaten <= latest:
                    found.append((eaten, latest, 0, True, 0, None, ("visit", eaten, latest, 0, stop)))
        return found

    def append(self, day: int, label: Label, before: int, stop: int) -> list[Label]:
        """The ways in which a day goes on to this stop."""
        model = self.model
        one, other = model.visits[before], model.visits[stop]
        minutes = model.network.road[one.place][other.place]
        if minutes >= FAR:
            return self._append_by_ferry(day, label, before, stop)
        windows = other.windows[day]
        found: list[Label] = []
        _reach(found, label, windows, model.ceil(one.length + minutes + model.pause), stop)
        if not label[3]:
            lunch = model.lunch_minutes
            for place, to_lunch, from_lunch in (
                (one.place, model.ceil(one.length), model.ceil(lunch + minutes)),
                (other.place, model.ceil(one.length + minutes), model.ceil(lunch)),
            ):
                for eaten in self._eat(day, label, place, to_lunch):
                    _reach(found, eaten, windows, from_lunch, stop)
                if minutes == 0:
                    break
        return found

    def _eat(self, day: int, label: Label, place: int, minutes: int) -> list[Label]:
        earliest, latest = self.model.lunches[day][place]
        eaten = _extend(label, earliest, latest, minutes, ("lunch", earliest, latest, minutes, place))
        if eaten is None:
            return []
        return [(*eaten[:3], True, eaten[4] + self.model.lunch_minutes, *eaten[5:])]

    def _append_by_ferry(self, day: int, label: Label, before: int, stop: int) -> list[Label]:
        """By the first sailing that is reached, or the last one that is no later at the next stop."""
        model = self.model
        one, other = model.visits[before], model.visits[stop]
        passages = model.network.passages.get((one.place, other.place), ())
        ways = [(label, one.length)]
        if not label[3]:
            ways += [
                (eaten, model.lunch_minutes)
                for eaten in self._eat(day, label, one.place, model.ceil(one.length))
            ]
        found: list[Label] = []
        for from_label, minutes in ways:
            free = from_label[0] + from_label[2] + minutes
            for passage in passages:
                if passage.leave_by >= free:
                    self._cross(found, day, (from_label, minutes, passage), stop)
        return found

    def _cross(self, found: list[Label], day: int, way: tuple[Label, int, Passage], stop: int) -> None:
        model = self.model
        label, minutes, passage = way
        visit = model.visits[stop]
        windows = visit.windows[day]
        if not windows or passage.there_at > windows[-1][1]:
            return
        leave = (passage.leave_by - minutes) // model.grid * model.grid
        sea = passage.arrives - passage.leave_by - passage.road_before
        road = passage.road_before + passage.road_after
        sailing = _extend(label, leave, leave, 0, ("sail", leave, leave, 0, passage))
        if sailing is None:
            return
        has_eaten = label[3] or self._eats_aboard(day, passage, visit.place)
        sailing = (*sailing[:3], has_eaten, sailing[4] + sea + road, *sailing[5:])
        _reach(found, sailing, visit.windows[day], model.ceil(passage.there_at) - leave, stop)
        if not has_eaten:
            for eaten in self._eat(day, sailing, visit.place, model.ceil(passage.there_at) - leave):
                _reach(found, eaten, visit.windows[day], model.ceil(model.lunch_minutes), stop)

    def _eats_aboard(self, day: int, passage: Passage, place: int) -> bool:
        model = self.model
        if not model.lunch_minutes:
            return True
        earliest, latest = model.lunches[day][place]
        return max(earliest, passage.departs) + model.lunch_minutes <= min(
            latest + model.lunch_minutes, passage.arrives
        )


def unroll(label: Label) -> Iterator[tuple[str, int, int, int, object, bool]]:
    """The steps of a label from the first to the last; with a mark where lunch was had on that step."""
    chain: list[Label] = []
    current: Label | None = label
    while current is not None:
        chain.append(current)
        current = current[5]
    before = True
    for entry in reversed(chain):
        yield (*entry[6], entry[3] and not before)
        before = entry[3]


def _reach(found: list[Label], label: Label, windows: tuple[Window, ...], minutes: int, stop: int) -> None:
    for start, latest in windows:
        extended = _extend(label, start, latest, minutes, ("visit", start, latest, minutes, stop))
        if extended is not None:
            found.append(extended)


def _extend(label: Label, start: int, latest: int, minutes: int, step: Step) -> Label | None:
    first, last, length, has_eaten, busy, _, _ = label
    length += minutes
    if first + length > latest:
        return None
    wait = start - last - length
    if wait > 0:
        return last, last, length + wait, has_eaten, busy, label, step
    return max(start - length, first), min(latest - length, last), length, has_eaten, busy, label, step


def _drop_worse(labels: list[Label]) -> list[Label]:
    """Keeps what is earlier, less idle or freer to shift than every other."""
    if len(labels) < 2:
        return labels
    labels.sort(key=lambda label: (label[0] + label[2], label[2] - label[4]))
    kept: list[Label] = []
    for label in labels:
        if not any(_is_no_worse(other, label) for other in kept):
            kept.append(label)
    return kept[:_MOST_LABELS]


def _is_no_worse(one: Label, other: Label) -> bool:
    """Is `one`, which is no later, as good for whatever follows?"""
    if other[3] and not one[3]:
        return False
    stiffer = max(0, (other[1] + other[2]) - (one[1] + one[2]))
    return one[2] - one[4] + stiffer <= other[2] - other[4]


def _keep_best(found: list[_Timed]) -> list[_Timed]:
    """Keeps what ends earlier or idles less than every other."""
    if len(found) < 2:
        return found
    found.sort(key=lambda entry: (entry[0], entry[1]))
    kept = [found[0]]
    for entry in found[1:]:
        if entry[1] < kept[-1][1]:
            kept.append(entry)
    return kept[:_MOST_LABELS]
