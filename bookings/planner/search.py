"""The search: put in what gains most, then take some out and put in again, better than before."""

from itertools import pairwise
from random import Random

from bookings.planner.anneal import Annealing
from bookings.planner.insertion import Option, Route
from bookings.planner.model import Model, Visit
from bookings.planner.routes import Evaluator, Routes

_CYCLE = 60  # after so many steps the search begins again from the best
_WARMTH = 0.02
_MOST_OUT = 10
_LONGEST_STRING = 5
_PLAIN_ANNEALING, _ANNEALING = (0.98, 1000), (0.1, 50)  # its share of the steps, and its tries in each
_SKIPPED = (0.02, 0.08, 0.25)


class Search:
    """Large-neighbourhood search: the same seed and the same number of steps give the same routes."""

    def __init__(self, model: Model, *, seed: int, evaluator: Evaluator | None = None) -> None:
        self.model = model
        self.evaluator = evaluator or Evaluator(model)
        self.random = Random(seed)  # noqa: S311 - repeatable on purpose
        self.steps = self._fills = 0
        self._wins = [4, 6]
        visits = model.visits
        of_host: dict[int, int] = {}
        for visit in visits:
            of_host[visit.host] = of_host.get(visit.host, 0) + 1
        self._locked = {
            number
            for number, visit in enumerate(visits)
            if visit.host in model.required and of_host[visit.host] == 1 and _has_one_time(visit.windows)
        }
        self.best: Routes = tuple(() for _ in range(model.tracks * model.days))
        self.best_value = self._value(self.best)
        self._adopt(self._fill(self._place_locked(), weighted=False))
        self._adopt(self._fill(self._place_locked(), weighted=True))
        self.current, self.current_value = self.best, self.best_value
        self._annealing: Annealing | None = None
        self._share, self._tries = _PLAIN_ANNEALING if model.is_plain else _ANNEALING
        if model.rotating:  # a host that comes more than once is left to the other way
            self._share = 0.0

    def run(self, steps: int) -> bool:
        """Takes so many steps; did the best get better?"""
        before = self.best_value
        for _ in range(steps):
            self._step()
        return self.best_value > before

    def start_from(self, routes: Routes) -> None:
        """Goes on from routes that are known to be possible."""
        value = self.evaluator.value(routes)
        if value is not None:
            self.current, self.current_value = routes, value
            self._adopt(routes)

    def insert_into(self, routes: Routes) -> None:
        """Tries to bring what is missing into known routes: as they are, or for one or two stops of them."""
        for gone in [(), *((number,) for route in routes for number in route), *_pairs(routes)]:
            if not self._locked & set(gone):
                left = tuple(tuple(number for number in route if number not in gone) for route in routes)
                self._adopt(self._fill(left, weighted=False))

    def _step(self) -> None:
        self.steps += 1
        if self._share and self.random.random() < self._share:
            self._anneal()
        else:
            self._ruin_and_fill()

    def _anneal(self) -> None:
        """Some tries of the annealing; at the end of a cycle it begins again from the best."""
        annealing = self._annealing
        if annealing is None:
            annealing = self._annealing = Annealing(self.evaluator, self.random, self._locked)
            annealing.start_from(self.best, self.best_value)
        elif annealing.is_cold:
            annealing.warm_up()
            annealing.start_from(self.best, self.best_value)
        annealing.run(self._tries)
        if annealing.best_value > self.best_value:
            self._adopt(annealing.best)

    def _ruin_and_fill(self) -> None:
        phase = self._fills % _CYCLE
        self._fills += 1
        if phase == 0:
            self.current, self.current_value = self.best, self.best_value
        # Which order of putting in helps differs from problem to problem: what has helped comes more often.
        weighted = self.random.random() * (self._wins[0] + self._wins[1]) < self._wins[1]
        routes = self._fill(self._ruin(self.current), weighted=weighted, skips=True)
        value = self._value(routes)
        self._wins[weighted] += 1 if value > self.current_value else 0
        warmth = _WARMTH * (1 - phase / _CYCLE) * abs(self.best_value) * self.random.random()
        if value >= self.current_value - warmth:
            self.current, self.current_value = routes, value
        self._adopt(routes)

    def _adopt(self, routes: Routes) -> None:
        value = self._value(routes)
        if value > self.best_value:
            self.best, self.best_value = routes, value

    def _value(self, routes: Routes) -> int:
        value = self.evaluator.value(routes)
        return -(10**15) if value is None else value

    def _place_locked(self) -> Routes:
        """What has its host and its time already, by the clock."""
        routes: list[Route] = [()] * (self.model.tracks * self.model.days)
        visits = self.model.visits
        for number in sorted(self._locked, key=lambda number: max(visits[number].windows)):
            visit = visits[number]
            day = next(day for day, windows in enumerate(visit.windows) if windows)
            slot = max(0, visit.track) * self.model.days + day
            routes[slot] = tuple(sorted((*routes[slot], number), key=lambda n: visits[n].windows[day]))
        return tuple(routes)

    def _ruin(self, routes: Routes) -> Routes:
        placed = [number for route in routes for number in route if number not in self._locked]
        if not placed:
            return routes
        choice = self.random.random()
        if choice < 0.35:
            gone = self._pick_some(placed)
        elif choice < 0.75:
            gone = self._pick_strings(routes)
        elif choice < 0.9:
            gone = set(self.random.choice([route for route in routes if route]))
        else:
            gone = self._pick_near(placed)
        return tuple(tuple(n for n in route if n not in gone or n in self._locked) for route in routes)

    def _pick_some(self, placed: list[int]) -> set[int]:
        most = min(_MOST_OUT, max(2, len(placed) * 2 // 5))
        return set(self.random.sample(placed, min(len(placed), self.random.randint(1, most))))

    def _pick_strings(self, routes: Routes) -> set[int]:
        """A few stops in a row, on one to three days."""
        gone: set[int] = set()
        used = [route for route in routes if route]
        for route in self.random.sample(used, min(len(used), self.random.randint(1, 3))):
            length = self.random.randint(1, max(1, min(len(route), _LONGEST_STRING)))
            first = self.random.randint(0, len(route) - length)
            gone |= set(route[first : first + length])
        return gone

    def _pick_near(self, placed: list[int]) -> set[int]:
        """Stops that lie close to one of them, wherever in the plan they are."""
        visits, road = self.model.visits, self.model.network.road
        centre = visits[self.random.choice(placed)].place
        placed = sorted(placed, key=lambda number: (road[centre][visits[number].place], number))
        return set(placed[: self.random.randint(1, min(_MOST_OUT, max(2, len(placed) // 2)))])

    def _fill(self, routes: Routes, *, weighted: bool, skips: bool = False) -> Routes:
        """Puts in what gains most, or most for its minutes, until nothing gains."""
        filling = _Filling(self, routes, weighted=weighted, skips=skips)
        while filling.put_in_best():
            pass
        return tuple(filling.routes)


class _Filling:
    """One run of putting in, with what is counted on the way."""

    def __init__(self, search: Search, routes: Routes, *, weighted: bool, skips: bool) -> None:
        self.search, self.model, self.evaluator = search, search.model, search.evaluator
        self.routes = list(routes)
        self.weighted = weighted
        self.skipped = search.random.choice(_SKIPPED) if skips else 0.0
        visits = self.model.visits
        placed = [visits[number] for route in routes for number in route]
        self.seen: dict[int, int] = {}  # host: how often
        self.used: set[int] = set()  # hosts that nobody else can visit
        self.taken: set[tuple[int, int]] = set()  # hosts with the track that has been there
        self.missing = set(self.model.required - {visit.host for visit in placed})
        self.counts = [0] * len(self.model.marginals)
        for slot, route in enumerate(self.routes):
            for number in route:
                self._count(visits[number], slot // self.model.days)
        self.dead: set[tuple[int, Route, int, int]] = set()

    def put_in_best(self) -> bool:
        """Puts in the best that fits and gains; False when there is none."""
        while True:
            ranked = self._rank()
            ranked.sort(key=lambda entry: (-entry[0], entry[1], entry[2]))
            if self._put_in_one_of(ranked):
                return True
            # Where groups take turns the cheapest place of a visit may be taken: its next one may not.
            if not ranked or not self.model.rotating or self.skipped:
                return False

    def _put_in_one_of(self, ranked: list[tuple[float, int, Option]]) -> bool:
        for _, slot, option in ranked:
            if self.skipped and self.search.random.random() < self.skipped:
                continue
            if self._try(slot, option):
                return True
        return False

    def _rank(self) -> list[tuple[float, int, Option]]:
        gains: dict[int, int] = {}
        visits = self.model.visits
        ranked: list[tuple[float, int, Option]] = []
        for slot, route in enumerate(self.routes):
            track, day = divmod(slot, self.model.days)
            for options in self._options(track, day, route):
                number = options[0][0]
                visit = visits[number]
                host = visit.host
                if host in self.used or visit.track not in (-1, track):
                    continue
                if host in self.seen and (host, track) in self.taken:
                    continue
                gain = gains.get(number)
                if gain is None:
                    gain = gains[number] = self._gain(number)
                for option in options:
                    if gain > option[3] and (slot, route, number, option[1]) not in self.dead:
                        ranked.append((self._score(gain - option[3], option[2]), slot, option))
                        break
        return ranked

    def _score(self, gain: int, minutes: int) -> float:
        if not self.weighted:
            return gain
        return gain * abs(gain) / max(1, minutes + 20)

    def _options(self, track: int, day: int, route: Route) -> list[list[Option]]:
        days = self.routes[track * self.model.days : (track + 1) * self.model.days]
        before, after = self.evaluator.neighbours(days, day)
        return self.evaluator.insertions.list_options(day, route, before, after)

    def _gain(self, number: int) -> int:
        is_again = self.model.visits[number].host in self.seen
        return self.evaluator.gain(number, self.counts, self.missing, is_again=is_again)

    def _count(self, visit: Visit, track: int) -> None:
        host = visit.host
        times = self.seen[host] = self.seen.get(host, 0) + 1
        if times >= self.model.rotating.get(host, 1):
            self.used.add(host)
        self.taken.add((host, track))
        self.missing.discard(host)
        if times == 1:
            for group in visit.groups:
                self.counts[group] += 1

    def _cost(self, slot: int, route: Route) -> int | None:
        """The cost with this route in this place, of its track alone where no tracks share hosts."""
        routes = (*self.routes[:slot], route, *self.routes[slot + 1 :])
        if self.model.rotating:
            return self.evaluator.cost(routes)
        first = slot // self.model.days * self.model.days
        return self.evaluator.track_cost(routes[first : first + self.model.days])

    def _try(self, slot: int, option: Option) -> bool:
        number, position, _, _ = option
        route = self.routes[slot]
        longer = (*route[:position], number, *route[position:])
        before, after = self._cost(slot, route), self._cost(slot, longer)
        gain = self._gain(number)
        if after is None or before is None or gain <= after - before:
            self.dead.add((slot, route, number, position))
            return False
        self.routes[slot] = longer
        self._count(self.model.visits[number], slot // self.model.days)
        return True


def _has_one_time(windows: tuple[tuple[tuple[int, int], ...], ...]) -> bool:
    every = [window for day in windows for window in day]
    return len(every) == 1 and every[0][0] == every[0][1]


def _pairs(routes: Routes) -> list[tuple[int, int]]:
    return [pair for route in routes for pair in pairwise(route)]
