"""What routes cost and are worth: the figures that the search lives on."""

from collections.abc import Sequence
from itertools import pairwise

from bookings.planner.insertion import Insertions, Route
from bookings.planner.model import FAR, Model
from bookings.planner.timing import Clock, Path
from bookings.planner.turns import TurnTaker

Routes = tuple[Route, ...]  # track after track, day after day

REQUIRED = 10**10
_MOST_CACHED = 20_000


class Evaluator:
    """Costs and worth of routes in one model; it remembers what it has computed."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.clock = Clock(model)
        self._turns = TurnTaker(model, self.clock)
        self._tracks: dict[tuple[Route, ...], int | None] = {}
        places = range(len(model.network.road))
        # One place to another: cost, minutes with the pause; where nothing leads, FAR.
        joined = [[model.network.joins(one, other) for other in places] for one in places]
        self._cost = [[model.leg_cost(o, t) if joined[o][t] else FAR for t in places] for o in places]
        most = sum(model.most_stops) * model.tracks + 2
        self._marginals = [(*marginals, *marginals[-1:] * most) for marginals in model.marginals]
        self.insertions = Insertions(model, self._cost)

    @property
    def has_given_up(self) -> bool:
        """Were there groups so entangled that not all times were tried?"""
        return self._turns.has_given_up

    def split(self, routes: Routes) -> list[tuple[Route, ...]]:
        """The days of each track."""
        days = self.model.days
        return [tuple(routes[track * days : (track + 1) * days]) for track in range(self.model.tracks)]

    def value(self, routes: Routes) -> int | None:
        """The score of routes, None when they can't be; a required host that is missing costs the world."""
        cost = self.cost(routes)
        return None if cost is None else self.worth([visit for route in routes for visit in route]) - cost

    def cost(self, routes: Routes) -> int | None:
        """The cost of all tracks' ways and waiting; None when they can't be, each or beside each other."""
        total = 0
        tracks = self.split(routes)
        for days in tracks:
            cost = self.track_cost(days)
            if cost is None:
                return None
            total += cost
        if not self.model.rotating or not self._turns.has_shared(tracks):
            return total
        timed = self._turns.find_times(tracks)
        if timed is None:
            return None
        ways = sum(self.way_cost(days) for days in tracks)
        return ways + sum(idle for idle, _ in timed) * self.model.idle_cost

    def time_tracks(self, routes: Routes) -> list[tuple[int, Path]]:
        """Idle minutes and times of each track; the routes have to be possible."""
        timed = self._turns.find_times(self.split(routes))
        assert timed is not None
        return timed

    def worth(self, chosen: Sequence[int]) -> int:
        """What these visits are worth together, ways and waiting left out."""
        visits, model = self.model.visits, self.model
        counts = [0] * len(model.marginals)
        total = -REQUIRED * len(model.required - {visits[visit].host for visit in chosen})
        seen: set[int] = set()
        for number in chosen:
            visit = visits[number]
            if visit.host in seen:
                total += visit.gain_again
                continue
            seen.add(visit.host)
            total += visit.gain
            for group in visit.groups:
                total += self._marginals[group][counts[group]]
                counts[group] += 1
        return total

    def gain(
        self,
        number: int,
        counts: Sequence[int],
        missing: frozenset[int] | set[int],
        *,
        is_again: bool = False,
    ) -> int:
        """What a visit would add to those that are counted; `is_again`: another group has been there."""
        visit = self.model.visits[number]
        if is_again:
            return visit.gain_again
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
                total += sum(self.leg(one, other) for one, other in pairwise(places[:-1]))
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
