"""From one stop at its time to the next, and when another stop could come in between."""

from dataclasses import replace

from bookings.planner.model import FAR, Model, Visit, Window
from bookings.planner.timing import Clock, Label

Line = tuple[int, ...]  # the stops of one group, by the clock
_Ahead = tuple[bool, bool]  # can one go on from a stop without having eaten, and having eaten?


class Steps:
    """Stops whose times are given. Of the ways to a stop only who has eaten matters: who has is never worse
    off. `before` None is where the delegation comes from, `after` None where it goes to.
    """

    def __init__(self, model: Model) -> None:
        self.model, self.clock = model, Clock(model)
        self.days = [_day_of(visit) for visit in model.visits]
        self._known: dict[tuple[int | None, bool, int], bool | None] = {}
        self._gaps: dict[tuple[int | None, bool, int | None, bool, int], list[Window]] = {}
        self._sights: dict[Line, tuple[list[bool | None], list[_Ahead]]] = {}

    def add(self, visit: Visit) -> int:
        """One more stop; its number."""
        self.model = replace(self.model, visits=(*self.model.visits, visit))
        self.clock = Clock(self.model)
        self.days.append(_day_of(visit))
        return len(self.days) - 1

    def when(self, number: int) -> tuple[int, int]:
        """The day and the minute at which a stop begins."""
        day = self.days[number]
        return day, self.model.visits[number].windows[day][0][0]

    def go(self, before: int | None, eaten: bool, number: int) -> bool | None:
        """Has one eaten at the next stop? None when it can't be reached in time."""
        key = before, eaten, number
        if key not in self._known:
            labels = self._reach(before, eaten, number)
            self._known[key] = any(label[3] for label in labels) if labels else None
        return self._known[key]

    def ends(self, before: int | None, eaten: bool) -> bool:
        """Can a group's stops end with this one?"""
        if before is None:
            return True
        visit = self.model.visits[before]
        day, start = self.when(before)
        return start <= self._latest_start(day, visit, eaten, None, is_free=True)

    def can_be(self, line: Line) -> bool:
        """Do these stops go together, one after another?"""
        eaten = self._look_along(line)[0][-1]
        return eaten is not None and self.ends(line[-1] if line else None, eaten)

    def list_starts(self, line: Line, number: int) -> list[Window]:
        """Between which minutes a stop, whose own windows are those of one day, could begin on a line."""
        behind, ahead = self._look_along(line)
        day = self.days[number]
        found = []
        for position in range(len(line) + 1):
            before = line[position - 1] if position else None
            after = line[position] if position < len(line) else None
            eaten = behind[position]
            if eaten is None or (before is not None and self.days[before] > day):
                break
            is_free, is_open = ahead[position]
            if is_open and (after is None or self.days[after] >= day):
                found += self._fit(before, eaten, after, is_free, number)
        return found

    def _reach(self, before: int | None, eaten: bool, number: int) -> list[Label]:
        model, day = self.model, self.days[number]
        place = model.visits[number].place
        if before is None:
            return self.clock.begin(day, number, model.ceil(model.ready_at_start(day, place)))
        last = model.visits[before]
        other, start = self.when(before)
        if other == day:
            return self.clock.append(day, self._label(start, start, eaten, before), before, number)
        if other > day or start > self._latest_for_lunch(other, last, eaten):
            return []
        return self.clock.begin(
            day, number, model.ceil(model.ready(day, last.place, place, start + last.length))
        )

    def _label(self, first: int, last: int, eaten: bool, number: int) -> Label:
        return first, last, 0, eaten, 0, None, ("visit", first, last, 0, number)

    def _latest_for_lunch(self, day: int, visit: Visit, eaten: bool) -> int:
        """When the last stop of a day has to begin, so that there is a lunch after it if there was none."""
        if eaten or not self.model.lunch_minutes:
            return FAR
        return self.model.lunches[day][visit.place][1] - visit.length

    def _latest_start(self, day: int, visit: Visit, eaten: bool, after: int | None, *, is_free: bool) -> int:
        """The latest start of a day's last stop."""
        model, place = self.model, visit.place
        if after is None:
            latest_end = model.latest_end(day, place)
        else:
            other, start = self.when(after)
            target = model.visits[after].place
            if not is_free and not any(label[3] for label in self.clock.begin(other, after, -FAR)):
                return -FAR
            leave = model.network.leave_latest
            latest_end = max(
                leave(place, target, start - model.rest), leave(place, target, start) - model.rest
            )
        return min(latest_end - visit.length, self._latest_for_lunch(day, visit, eaten))

    def _look_along(self, line: Line) -> tuple[list[bool | None], list[_Ahead]]:
        """Who has eaten when a stop is gone on from, and whether all that follows can be."""
        known = self._sights.get(line)
        if known is not None:
            return known
        behind: list[bool | None] = [False]
        for before, number in zip((None, *line), line, strict=False):
            eaten = behind[-1]
            behind.append(None if eaten is None else self.go(before, eaten, number))
        ahead: list[_Ahead] = [(True, True)]
        for number, after in zip(reversed(line), (None, *reversed(line)), strict=False):
            following = ahead[-1]
            ahead.append((self._goes_on(number, False, after, following),
                          self._goes_on(number, True, after, following)))  # fmt: skip
        self._sights[line] = behind, ahead[::-1]
        return self._sights[line]

    def _goes_on(self, number: int, eaten: bool, after: int | None, following: _Ahead) -> bool:
        if after is None:
            return self.ends(number, eaten)
        then = self.go(number, eaten, after)
        return then is not None and following[then]

    def _fit(
        self, before: int | None, eaten: bool, after: int | None, is_free: bool, number: int
    ) -> list[Window]:
        """Between two stops; `is_free`: one may come to the second without having eaten."""
        key = before, eaten, after, is_free, number
        if key in self._gaps:
            return self._gaps[key]
        model, day = self.model, self.days[number]
        visit = model.visits[number]
        closes = visit.windows[day][-1][1]
        earliest: dict[bool, int] = {}
        for label in self._reach(before, eaten, number):
            start = model.ceil(label[0] + label[2])
            earliest[label[3]] = min(start, earliest.get(label[3], FAR))
        found = []
        for has_eaten, start in earliest.items():
            if after is not None and self.days[after] == day:
                way = self._label(start, closes, has_eaten, number)
                reached = self.clock.append(day, way, number, after)
                latest = max((label[1] for label in reached if label[3] or is_free), default=-FAR)
            else:
                latest = self._latest_start(day, visit, has_eaten, after, is_free=is_free)
            latest = min(latest, closes) // model.grid * model.grid
            found += [(start, latest)] if start <= latest else []
        self._gaps[key] = found
        return found


def _day_of(visit: Visit) -> int:
    return next((day for day, windows in enumerate(visit.windows) if windows), -1)


def common_starts(one: list[Window], other: list[Window]) -> list[Window]:
    """What lies in both."""
    both = [(max(a, c), min(b, d)) for a, b in one for c, d in other]
    return [(first, last) for first, last in both if first <= last]
