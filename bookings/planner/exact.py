"""Small problems to the end: every order of stops that could still be best, or until out of patience."""

from bookings.planner.insertion import Route
from bookings.planner.model import Visit
from bookings.planner.routes import Evaluator, Routes


class Proof:
    """Tries every order of stops, day after day, track after track; `is_complete`: nothing better exists."""

    def __init__(self, evaluator: Evaluator, routes: Routes, value: int, *, patience: int) -> None:
        self.evaluator, self.model = evaluator, evaluator.model
        self.best, self.best_value = routes, value
        self.patience = patience
        self._required = self.model.required
        self._are_alike = all(visit.track == -1 for visit in self.model.visits)
        self._open_day((), ())
        self.is_complete = self.patience >= 0 and not evaluator.has_given_up

    def _open_day(self, routes: Routes, chosen: tuple[int, ...]) -> None:
        """All that can follow when the next day begins with nothing in it."""
        days = self.model.days
        if routes and len(routes) % days == 0 and not self._closes_well(routes):
            return
        if len(routes) == days * self.model.tracks:
            self._look_at(routes)
        else:
            self._extend(routes, (), chosen)

    def _closes_well(self, routes: Routes) -> bool:
        """Can the last of these tracks be beside those before it? Groups that are alike swap for nothing."""
        days = self.model.days
        if self._are_alike and len(routes) > days and routes[-days:] > routes[-2 * days : -days]:
            return False
        whole = self._fill_up(routes, days * self.model.tracks)
        return self.model.tracks == 1 or self.evaluator.cost(whole) is not None

    def _extend(self, routes: Routes, route: Route, chosen: tuple[int, ...]) -> None:
        self.patience -= 1
        if self.patience < 0 or self._most_that_can_be((*routes, route), chosen) <= self.best_value:
            return
        track, day = divmod(len(routes), self.model.days)
        if len(route) < self.model.most_stops[day]:
            past = list(routes[track * self.model.days :])
            here = {self.model.visits[number].host for today in (*past, route) for number in today}
            for number in self._list_next(track, day, chosen):
                longer = (*route, number)
                is_new = self.model.visits[number].host not in here
                if is_new and self.evaluator.clock.time_track([*past, longer], is_open=True):
                    self._extend(routes, longer, (*chosen, number))
        self._open_day((*routes, route), chosen)

    def _list_next(self, track: int, day: int, chosen: tuple[int, ...]) -> list[int]:
        left = self._count_left(chosen)
        return [
            number
            for number, visit in enumerate(self.model.visits)
            if visit.windows[day] and visit.track in (-1, track) and left[visit.host] > 0
        ]

    def _count_left(self, chosen: tuple[int, ...]) -> dict[int, int]:
        """How often each host may still be visited."""
        visits = self.model.visits
        left = {visit.host: self.model.rotating.get(visit.host, 1) for visit in visits}
        for number in chosen:
            left[visits[number].host] -= 1
        return left

    def _most_that_can_be(self, routes: Routes, chosen: tuple[int, ...]) -> int:
        """What is chosen, without its ways home, and the most that the free places could add."""
        track, day = divmod(len(routes) - 1, self.model.days)
        stops = self.model.most_stops
        places = sum(stops[day:]) - len(routes[-1]) + (self.model.tracks - track - 1) * sum(stops)
        best = sorted(self._list_gains(track, day, chosen), reverse=True)[:places]
        return self.evaluator.worth(chosen) + sum(max(0, gain) for gain in best) - self._ways(routes)

    def _list_gains(self, track: int, day: int, chosen: tuple[int, ...]) -> list[int]:
        """The most that each further visit to a host could add, from this day of this track on."""
        model, left = self.model, self._count_left(chosen)
        seen = {model.visits[number].host for number in chosen}
        counts = [0] * len(model.marginals)
        for number in chosen:
            for group in model.visits[number].groups:
                counts[group] += 1
        first: dict[int, int] = {}
        again: dict[int, int] = {}
        for number, visit in enumerate(model.visits):
            if left[visit.host] > 0 and self._may_come(visit, track, day):
                gain = self.evaluator.gain(number, counts, self._required)
                first[visit.host] = max(gain, first.get(visit.host, gain))
                again[visit.host] = max(visit.gain_again, again.get(visit.host, visit.gain_again))
        gains = [gain for host, gain in first.items() if host not in seen]
        for host, gain in again.items():
            gains += [gain] * (left[host] - (host not in seen))
        return gains

    def _may_come(self, visit: Visit, track: int, day: int) -> bool:
        if track < self.model.tracks - 1 and visit.track != track:
            return visit.track == -1 or visit.track > track
        return visit.track in (-1, track) and any(visit.windows[day:])

    def _ways(self, routes: Routes) -> int:
        """The cost of the ways so far; the way to the departure may still become another."""
        days = self.model.days
        tracks = [routes[first : first + days] for first in range(0, len(routes), days)]
        return sum(self._track_ways(track) for track in tracks)

    def _track_ways(self, so_far: Routes) -> int:
        routes = self._fill_up(so_far, self.model.days)
        total = self.evaluator.way_cost(routes)
        if len(so_far) == self.model.days or not any(self.model.ends):
            return total
        return total - sum(self._way_home(routes, day) for day in range(len(so_far)))

    def _way_home(self, routes: Routes, day: int) -> int:
        anchor = self.model.ends[day]
        is_last = not self.model.chained or not any(routes[day + 1 :])
        if anchor is None or not routes[day] or not is_last:
            return 0
        return self.evaluator.leg(self.model.visits[routes[day][-1]].place, anchor.place)

    def _fill_up(self, routes: Routes, length: int) -> Routes:
        return (*routes, *([()] * (length - len(routes))))

    def _look_at(self, routes: Routes) -> None:
        value = self.evaluator.value(routes)
        if value is not None and value > self.best_value:
            self.best, self.best_value = routes, value
