"""Where another visit could go into a route: a fast filter, because the search asks it most of all."""

from bookings.planner.model import FAR, Model, Window

Route = tuple[int, ...]  # the visits of one track on one day, in order
Option = tuple[int, int, int, int]  # visit, position, minutes more, cost more

_MOST_CACHED = 3000
ANYWHERE = -1  # the last row and column of the tables: before the first stop, where no start is given


# A position in a route: number, between which places, when one is free there (None: at the day's start), when
# one has to be gone on, the cost of the way that is saved, when the next stop would begin; rows of tables.
_Gap = tuple[int, int, int, int, int, int, int, list[int], list[int], list[int] | None]


class Insertions:
    """The positions that a model's visits could take in its routes; it remembers what it has found."""

    def __init__(self, model: Model, cost: list[list[int]]) -> None:
        self.model = model
        places = range(len(model.network.road))
        self.minutes = [[*(minutes + model.pause for minutes in row), 0] for row in model.network.road]
        self.minutes.append([0] * (len(places) + 1))
        self.cost = [[*row, 0] for row in cost] + [[0] * (len(places) + 1)]
        self._ready = [[model.ready_at_start(day, place) for place in places] for day in range(model.days)]
        self._by_day = [
            [
                (number, visit.place, visit.length, visit.windows[day])
                for number, visit in enumerate(model.visits)
                if visit.windows[day]
            ]
            for day in range(model.days)
        ]
        self._known: dict[tuple[int, Route, int, int], list[list[Option]]] = {}

    def list_options(self, day: int, route: Route, before: int, after: int) -> list[list[Option]]:
        """For each visit that may fit into a route, where; the cheapest position first.

        Lunch and nights are not looked at: an option may turn out not to fit; what isn't listed can't.
        """
        key = (day, route, before, after)
        found = self._known.get(key)
        if found is None:
            if len(self._known) > _MOST_CACHED:
                self._known.clear()
            found = self._known[key] = self._find_options(day, route, before, after)
        return found

    def _find_options(self, day: int, route: Route, before: int, after: int) -> list[list[Option]]:
        if len(route) >= self.model.most_stops[day]:
            return []
        gaps = self._list_gaps(day, route, before, after)
        taken = set(route)
        found = []
        for number, place, length, windows in self._by_day[day]:
            if number not in taken:
                options = self._fit(number, (place, length, windows), gaps)
                if options:
                    if len(options) > 1:
                        options.sort(key=_by_cost)
                    found.append(options)
        return found

    def _fit(self, number: int, visit: tuple[int, int, tuple[Window, ...]], gaps: list[_Gap]) -> list[Option]:
        place, length, windows = visit
        first, last = windows[0][0], windows[-1][1]
        gap_to, cost_to = self.minutes[place], self.cost[place]
        has_one = len(windows) == 1
        arrive = self.model.network.arrive
        options = []
        for position, one, other, end, late, saved, due, gap_row, cost_row, ready in gaps:
            start = end + gap_row[place] if ready is None else ready[place]
            if start > last:
                if ready is not None or gap_row[place] < FAR:
                    continue
                start = arrive(one, place, end)
                if start > last:
                    continue
            start = max(start, first)
            if not has_one:
                start = next(max(start, opens) for opens, closes in windows if start <= closes)
            then = start + length + gap_to[other]
            if then > late:
                if gap_to[other] < FAR or arrive(place, other, start + length) > late:
                    continue
                then = arrive(place, other, start + length)
            cost = cost_row[place] + cost_to[other]
            if cost < FAR:
                more = then - due if due != -FAR else then - start
                options.append((number, position, max(0, more), cost - saved))
        return options

    def _list_gaps(self, day: int, route: Route, before: int, after: int) -> list[_Gap]:
        model = self.model
        ends, late = self._find_limits(day, route)
        stops = [model.visits[number] for number in route]
        places = [before, *(stop.place for stop in stops), after]
        anchor = model.ends[day] if not model.chained else None
        gaps: list[_Gap] = []
        for position in range(len(route) + 1):
            one, other = places[position], places[position + 1]
            if position < len(route):
                limit, due = late[position], ends[position] - stops[position].length
            else:
                limit = FAR * 2 if anchor is None else anchor.at + model.pause
                way = self.minutes[one][other]
                due = ends[-1] + (way if way < FAR else 0) if ends else -FAR
            ready = None
            if position == 0:
                ready = self._ready[day] if before != ANYWHERE else [-FAR] * len(self._ready[day])
            end = ends[position - 1] if position else 0
            saved, rows = self.cost[one][other], (self.minutes[one], self.cost[one])
            gaps.append((position, one, other, end, limit, saved, due, *rows, ready))
        return gaps

    def _find_limits(self, day: int, route: Route) -> tuple[list[int], list[int]]:
        """The earliest end and the latest start of each stop."""
        model = self.model
        visits = [model.visits[number] for number in route]
        ends: list[int] = []
        for index, visit in enumerate(visits):
            windows = visit.windows[day]
            start = windows[0][0]
            if index:
                start = max(start, self._reach(visits[index - 1].place, visit.place, ends[-1]))
            start = next((max(start, opens) for opens, closes in windows if start <= closes), FAR)
            ends.append(start + visit.length)
        late: list[int] = []
        following = FAR * 2
        for index in reversed(range(len(visits))):
            visit = visits[index]
            windows = visit.windows[day]
            way = self.minutes[visit.place][visits[index + 1].place] if index + 1 < len(visits) else FAR
            latest = following - visit.length - way if way < FAR else windows[-1][1]
            if index + 1 == len(visits) and not model.chained:
                latest = model.latest_end(day, visit.place) - visit.length
            following = next(
                (min(latest, closes) for opens, closes in reversed(windows) if latest >= opens), -FAR
            )
            late.append(following)
        return ends, late[::-1]

    def _reach(self, one: int, place: int, end: int) -> int:
        way = self.minutes[one][place]
        return end + way if way < FAR else self.model.network.arrive(one, place, end)


def _by_cost(option: Option) -> tuple[int, int, int]:
    return option[3], option[2], option[1]
