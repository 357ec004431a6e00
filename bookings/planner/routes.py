"""What routes are worth, and where another visit could go in: the figures that the search lives on."""

from collections.abc import Sequence

from bookings.planner.model import FAR, Model
from bookings.planner.timing import Clock

Route = tuple[int, ...]  # the visits of one track on one day, in order
Routes = tuple[Route, ...]  # track after track, day after day
Option = tuple[int, int, int, int]  # visit, position, minutes more, cost more

REQUIRED = 10**10
_MOST_CACHED = 20_000


class Evaluator:
    """Costs and worth of routes in one model; it remembers what it has computed."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.clock = Clock(model)
        self._tracks: dict[tuple[Route, ...], int | None] = {}
        self._options: dict[tuple[int, Route, int, int], list[list[Option]]] = {}
        places = range(len(model.network.road))
        # One place to another: cost, minutes with the pause; where nothing leads, FAR.
        joined = [[model.network.joins(one, other) for other in places] for one in places]
        self._cost = [[model.leg_cost(o, t) if joined[o][t] else FAR for t in places] for o in places]
        self._gap = [[minutes + model.pause for minutes in row] for row in model.network.road]
        most = sum(model.most_stops) * model.tracks + 2
        self._marginals = [(*marginals, *marginals[-1:] * most) for marginals in model.marginals]
        self._ready = [[model.ready_at_start(day, place) for place in places] for day in range(model.days)]
        self._late_end = [
            [FAR if model.chained else model.latest_end(day, place) for place in places]
            for day in range(model.days)
        ]
        self._by_day = [
            [number for number, visit in enumerate(model.visits) if visit.windows[day]]
            for day in range(model.days)
        ]

    def split(self, routes: Routes) -> list[tuple[Route, ...]]:
        """The days of each track."""
        days = self.model.days
        return [tuple(routes[track * days : (track + 1) * days]) for track in range(self.model.tracks)]

    def value(self, routes: Routes) -> int | None:
        """The score of routes, None when they can't be; a required host that is missing costs the world."""
        costs = [self.track_cost(days) for days in self.split(routes)]
        chosen = [visit for route in routes for visit in route]
        total = self.worth(chosen)
        for cost in costs:
            if cost is None:
                return None
            total -= cost
        return total

    def worth(self, chosen: Sequence[int]) -> int:
        """What these visits are worth together, ways and waiting left out."""
        visits, model = self.model.visits, self.model
        counts = [0] * len(model.marginals)
        total = -REQUIRED * len(model.required - {visits[visit].host for visit in chosen})
        for number in chosen:
            total += visits[number].gain
            for group in visits[number].groups:
                total += self._marginals[group][counts[group]]
                counts[group] += 1
        return total

    def gain(self, number: int, counts: Sequence[int], missing: frozenset[int] | set[int]) -> int:
        """What a visit would add to those that are counted."""
        visit = self.model.visits[number]
        total = visit.gain + (REQUIRED if visit.host in missing else 0)
        for group in visit.groups:
            total += self._marginals[group][counts[group]]
        return total

    def track_cost(self, days: tuple[Route, ...]) -> int | None:
        """The cost of a track's ways and waiting at its best; None when it can't be."""
        if days in self._tracks:
            return self._tracks[days]
        if len(self._tracks) > _MOST_CACHED:
            self._tracks.clear()
        cost = self._tracks[days] = self._find_cost(days)
        return cost

    def _find_cost(self, days: tuple[Route, ...]) -> int | None:
        ways = self.way_cost(days)
        if ways >= FAR:
            return None
        timings = self.clock.time_track(list(days))
        if timings is None:
            return None
        return ways + min(idle for _, idle in timings) * self.model.idle_cost

    def way_cost(self, days: Sequence[Route]) -> int:
        """The cost of all ways between stops, from the start and to the end."""
        total = 0
        for day, route in enumerate(days):
            before, after = self.neighbours(days, day)
            places = [before, *(self.model.visits[visit].place for visit in route), after]
            if route:
                total += sum(
                    self.leg(one, other) for one, other in zip(places[:-1], places[1:-1], strict=False)
                )
                is_last = not self.model.chained or not any(days[day + 1 :])
                total += self.leg(places[-2], after) if is_last else 0
        return total

    def leg(self, one: int, other: int) -> int:
        """The cost of one way; nothing where it begins or ends anywhere."""
        return self._cost[one][other] if one >= 0 and other >= 0 else 0

    def neighbours(self, days: Sequence[Route], day: int) -> tuple[int, int]:
        """The places before and after a day, -1 where it begins or ends anywhere."""
        model = self.model
        start, end = model.starts[day], model.ends[day]
        before, after = (start.place if start else -1), (end.place if end else -1)
        if model.chained:
            for route in days[:day]:
                before = model.visits[route[-1]].place if route else before
            for route in reversed(days[day + 1 :]):
                after = model.visits[route[0]].place if route else after
        return before, after

    def list_options(self, day: int, route: Route, before: int, after: int) -> list[list[Option]]:
        """For each visit that may fit into a route, where; the cheapest position first.

        Lunch and the nights are not looked at: an option may turn out not to fit, but what isn't listed can't.
        """
        key = (day, route, before, after)
        found = self._options.get(key)
        if found is None:
            if len(self._options) > _MOST_CACHED // 10:
                self._options.clear()
            found = self._options[key] = self._find_options(day, route, before, after)
        return found

    def _find_options(self, day: int, route: Route, before: int, after: int) -> list[list[Option]]:
        if len(route) >= self.model.most_stops[day]:
            return []
        early, late = self._find_limits(day, route)
        stops = [self.model.visits[number] for number in route]
        places = [before, *(stop.place for stop in stops), after]
        found = []
        for number in self._by_day[day]:
            if number in route:
                continue
            options = []
            for position in range(len(route) + 1):
                option = self._fit(day, number, position, (places, early, late))
                if option is not None:
                    options.append(option)
            if options:
                options.sort(key=lambda option: (option[3], option[2], option[1]))
                found.append(options)
        return found

    def _fit(
        self, day: int, number: int, position: int, limits: tuple[list[int], list[int], list[int]]
    ) -> Option | None:
        """A position between two stops: what it costs, None when the times leave no room."""
        places, early, late = limits
        visit = self.model.visits[number]
        place, one, other = visit.place, places[position], places[position + 1]
        windows = visit.windows[day]
        start = windows[0][0]
        if position:
            start = max(start, self._reach(one, place, early[position - 1]))
        elif one >= 0:
            start = max(start, self._ready[day][place])
        if start > windows[-1][1]:
            return None
        if len(windows) > 1:
            start = next(max(start, opens) for opens, closes in windows if start <= closes)
        gap = self._gap[place][other] if other >= 0 else 0
        if position < len(late):
            if start + visit.length + gap > late[position] and gap < FAR:
                return None
            if gap >= FAR and self._reach(place, other, start + visit.length) > late[position]:
                return None
        elif start + visit.length > self._late_end[day][place]:
            return None
        cost = (self._cost[one][place] if one >= 0 else 0) + (self._cost[place][other] if other >= 0 else 0)
        if cost >= FAR:
            return None
        saved = self._cost[one][other] if one >= 0 and other >= 0 else 0
        minutes = visit.length + (cost - saved) // max(1, self.model.travel_cost)
        if not self.model.travel_cost:
            minutes = visit.length + self._more_minutes(one, place, other)
        return number, position, minutes, cost - saved

    def _more_minutes(self, one: int, place: int, other: int) -> int:
        road = self.model.network.road
        first = road[one][place] if one >= 0 else 0
        second = road[place][other] if other >= 0 else 0
        return first + second - (road[one][other] if one >= 0 and other >= 0 else 0)

    def _reach(self, one: int, place: int, end: int) -> int:
        gap = self._gap[one][place]
        return end + gap if gap < FAR else self.model.network.arrive(one, place, end)

    def _find_limits(self, day: int, route: Route) -> tuple[list[int], list[int]]:
        """The earliest end and the latest start of each stop."""
        visits = [self.model.visits[number] for number in route]
        early: list[int] = []
        for index, visit in enumerate(visits):
            start = visit.windows[day][0][0]
            if index:
                start = max(start, self._reach(visits[index - 1].place, visit.place, early[-1]))
            start = next((max(start, opens) for opens, closes in visit.windows[day] if start <= closes), FAR)
            early.append(start + visit.length)
        late = [FAR] * len(visits)
        for index in reversed(range(len(visits))):
            visit = visits[index]
            latest = visit.windows[day][-1][1]
            if index + 1 < len(visits):
                gap = self._gap[visit.place][visits[index + 1].place]
                latest = min(latest, late[index + 1] - visit.length - gap) if gap < FAR else latest
            else:
                latest = min(latest, self._late_end[day][visit.place] - visit.length)
            late[index] = next(
                (min(latest, closes) for opens, closes in reversed(visit.windows[day]) if latest >= opens),
                -FAR,
            )
        return early, late
