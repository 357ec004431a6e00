"""Small problems to the end: every order of stops that could still be best, or until out of patience."""

from bookings.planner.insertion import Route
from bookings.planner.routes import Evaluator, Routes


class Proof:
    """Tries every order of stops on one track; `is_complete` says that nothing better exists."""

    def __init__(self, evaluator: Evaluator, routes: Routes, value: int, *, patience: int) -> None:
        self.evaluator, self.model = evaluator, evaluator.model
        self.best, self.best_value = routes, value
        self.patience = patience
        self._required = self.model.required
        self.is_complete = self.model.tracks == 1
        if self.is_complete:
            self._open_day([], 0, ())

    def _open_day(self, days: list[Route], day: int, chosen: tuple[int, ...]) -> None:
        """All that can follow when `day` begins with nothing in it."""
        if day == self.model.days:
            self._look_at(tuple(days))
            return
        self._extend(days, day, (), chosen)

    def _extend(self, days: list[Route], day: int, route: Route, chosen: tuple[int, ...]) -> None:
        self.patience -= 1
        if self.patience < 0:
            self.is_complete = False
            return
        if self._most_that_can_be([*days, route], day, chosen) <= self.best_value:
            return
        visits = self.model.visits
        hosts = {visits[number].host for number in chosen}
        if len(route) < self.model.most_stops[day]:
            for number, visit in enumerate(visits):
                if visit.windows[day] and visit.host not in hosts and visit.track in (-1, 0):
                    longer = (*route, number)
                    if self.evaluator.clock.time_track([*days, longer], is_open=True):
                        self._extend(days, day, longer, (*chosen, number))
        self._open_day([*days, route], day + 1, chosen)

    def _most_that_can_be(self, days: list[Route], day: int, chosen: tuple[int, ...]) -> int:
        """What is chosen, without its ways home, and the most that the free places could add."""
        model, evaluator = self.model, self.evaluator
        visits = model.visits
        hosts = {visits[number].host for number in chosen}
        counts = [0] * len(model.marginals)
        for number in chosen:
            for group in visits[number].groups:
                counts[group] += 1
        gains: dict[int, int] = {}
        for number, visit in enumerate(visits):
            if visit.host not in hosts and any(visit.windows[day:]):
                gain = evaluator.gain(number, counts, self._required)
                gains[visit.host] = max(gain, gains.get(visit.host, 0))
        places = sum(model.most_stops[day:]) - len(days[-1])
        best = sorted(gains.values(), reverse=True)[:places]
        return evaluator.worth(chosen) + sum(best) - self._ways(days)

    def _ways(self, days: list[Route]) -> int:
        """The cost of the ways so far; the way to the departure may still become another."""
        routes = [*days, *([()] * (self.model.days - len(days)))]
        total = self.evaluator.way_cost(routes)
        ends = [anchor.place for anchor in self.model.ends if anchor is not None]
        if not ends:
            return total
        return total - sum(self._way_home(routes, day) for day in range(len(days)))

    def _way_home(self, routes: list[Route], day: int) -> int:
        anchor = self.model.ends[day]
        is_last = not self.model.chained or not any(routes[day + 1 :])
        if anchor is None or not routes[day] or not is_last:
            return 0
        return self.evaluator.leg(self.model.visits[routes[day][-1]].place, anchor.place)

    def _look_at(self, routes: Routes) -> None:
        value = self.evaluator.value(routes)
        if value is not None and value > self.best_value:
            self.best, self.best_value = routes, value
