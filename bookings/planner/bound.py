"""How good a plan could be at most: a relaxation whose prices are bettered step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from bookings.planner.least import Least, list_least
from bookings.planner.model import Model

_ROUNDS = 60
_PATIENCE = 7  # rounds that better nothing
_HOUR = 60
_LEAST = 0.01  # hours
_ANYWHERE = -1


class Bound:
    """An upper bound on the score of a model; more rounds lower it. The lowest of its relaxations counts."""

    def __init__(self, model: Model) -> None:
        self.relaxations = [_Relaxation(model, least) for least in list_least(model)]
        self.value = min(one.value for one in self.relaxations)

    def improve(self, best: float, rounds: int = _ROUNDS) -> float:
        """A few rounds of better prices; `best` is the value of a known plan."""
        self.value = min(self.value, *(one.improve(best, rounds) for one in self.relaxations))
        return self.value


class _Choice(NamedTuple):
    """A visit on any of its days: what it is worth with its way, and the hours that it takes with it."""

    worth: float
    hours: float
    days: tuple[int, ...]
    groups: tuple[int, ...]
    place: int
    times: int = 1  # how often: further groups come to the same host


@dataclass
class _Prices:
    """Of interests, and of each day's hours and places for stops."""

    groups: list[float]
    hours: list[float]
    stops: list[float]

    def move(self, slopes: "_Prices", step: float) -> "_Prices":
        """All prices against their slopes, none below nothing."""
        return _Prices(*(
            [max(0.0, price - step * slope) for price, slope in zip(prices, own, strict=True)]
            for prices, own in zip(self.parts, slopes.parts, strict=True)
        ))  # fmt: skip

    @property
    def parts(self) -> tuple[list[float], list[float], list[float]]:
        return self.groups, self.hours, self.stops


class _Relaxation:
    """Prices stand for what is given up: that an interest counts only as often as hosts for it are chosen,
    and that a day has but so many hours and stops. What is left is to choose for each host by itself, and to
    go to a place if what is chosen there is worth the way.
    """

    def __init__(self, model: Model, least: Least) -> None:
        self.model, self._least = model, least
        self._hours = [minutes * model.tracks / _HOUR for minutes in least.days]
        self._stops = [most * model.tracks for most in model.most_stops]
        self._choices = self._list_choices()
        self._again = self._list_again()
        groups = [float(marginals[1] if len(marginals) > 1 else 0) for marginals in model.marginals]
        self.prices = _Prices(groups, [0.0] * model.days, [0.0] * model.days)
        first = [(self._evaluate(prices)[0], prices) for prices in self._list_first_prices()]
        self.value, self.prices = min(first, key=lambda entry: entry[0])
        self._best_prices = self.prices
        self._stride, self._vain = 1.0, 0

    def improve(self, best: float, rounds: int) -> float:
        """A few rounds of better prices; after some in vain on from the best ones in smaller steps."""
        for _ in range(rounds):
            value, slopes = self._evaluate(self.prices)
            self._vain += 1
            if value < self.value - 1e-6:
                self.value, self._vain, self._best_prices = value, 0, self.prices
            elif self._vain > _PATIENCE:
                self._stride, self._vain, self.prices = self._stride / 2, 0, self._best_prices
                value, slopes = self._evaluate(self.prices)
            norm = sum(slope * slope for part in slopes.parts for slope in part)
            if not norm or value <= best:
                break
            self.prices = self.prices.move(slopes, self._stride * max(1.0, value - best) / norm)
        return self.value

    def _list_choices(self) -> dict[int, list[_Choice]]:
        """What each host could be visited for."""
        found: dict[int, list[_Choice]] = {}
        for visit, (cost, minutes) in zip(self.model.visits, self._least.ways, strict=True):
            days = tuple(day for day, windows in enumerate(visit.windows) if windows)
            hours = (visit.length + minutes + self._least.pause) / _HOUR
            choice = _Choice(visit.gain - cost, hours, days, visit.groups, visit.place)
            if days:
                found.setdefault(visit.host, []).append(choice)
        return found

    def _list_again(self) -> list[_Choice]:
        """Further groups at hosts that take one after another: they count for no interest's price."""
        best: dict[int, _Choice] = {}
        for visit, (cost, _) in zip(self.model.visits, self._least.ways, strict=True):
            times = self.model.rotating.get(visit.host, 1) - 1
            if times and visit.host in self._choices:
                hours = min(choice.hours for choice in self._choices[visit.host])
                days = tuple(sorted({day for choice in self._choices[visit.host] for day in choice.days}))
                place = visit.place if _is_at_one_place(self._choices[visit.host]) else _ANYWHERE
                choice = _Choice(visit.gain_again - cost, hours, days, (), place, times)
                best[visit.host] = max(choice, best.get(visit.host, choice))
        return list(best.values())

    def _list_first_prices(self) -> Iterator[_Prices]:
        """Prices at which no more than the hours are wanted, or no more than the stops."""
        groups, days = self.prices.groups, self.model.days
        worth = [(self._net(c, self.prices), c) for choices in self._choices.values() for c in choices]
        worth += [(self._net(choice, self.prices), choice) for choice in self._again]
        stops = sorted((value for value, choice in worth for _ in range(choice.times)), reverse=True)
        price = stops[sum(self._stops)] if len(stops) > sum(self._stops) else 0.0
        yield _Prices(groups, [0.0] * days, [max(0.0, price)] * days)
        left, dear = sum(self._hours), 0.0
        for value, choice in sorted(worth, key=lambda entry: -entry[0] / max(_LEAST, entry[1].hours)):
            left -= choice.hours * choice.times
            if left < 0:
                dear = value / max(_LEAST, choice.hours)
                break
        yield _Prices(groups, [max(0.0, dear)] * days, [0.0] * days)

    def _net(self, choice: _Choice, prices: _Prices) -> float:
        return choice.worth + sum(prices.groups[group] for group in choice.groups)

    def _evaluate(self, prices: _Prices) -> tuple[float, _Prices]:
        """The bound at these prices, and how it changes with each of them."""
        chosen, total = self._choose(prices)
        slopes = _Prices([0.0] * len(prices.groups), list(self._hours), [float(most) for most in self._stops])
        for choice, day in chosen:
            slopes.hours[day] -= choice.hours * choice.times
            slopes.stops[day] -= choice.times
            for group in choice.groups:
                slopes.groups[group] += 1
        total += self._least.free_cost
        total += sum(price * hours for price, hours in zip(prices.hours, self._hours, strict=True))
        total += sum(price * most for price, most in zip(prices.stops, self._stops, strict=True))
        every = sum(self._stops)
        for group, marginals in enumerate(self.model.marginals):
            counted = list(marginals[:-1]) + [marginals[-1]] * max(1, every - len(marginals) + 1)
            for points in counted[:every]:
                if points > prices.groups[group]:
                    total += points - prices.groups[group]
                    slopes.groups[group] -= 1
        return total, slopes

    def _choose(self, prices: _Prices) -> tuple[list[tuple[_Choice, int]], float]:
        """The best choice and day of each host that is worth its price, at places worth going to."""
        must: list[tuple[_Choice, int]] = []
        total = 0.0
        at: dict[int, list[tuple[float, _Choice, int]]] = {}
        for host, choices in self._choices.items():
            value, choice, day = max(self._best_day(choice, prices) for choice in choices)
            if host in self.model.required:
                must.append((choice, day))
                total += value
            elif value > 0:
                place = choice.place if _is_at_one_place(choices) else _ANYWHERE
                at.setdefault(place, []).append((value, choice, day))
        for choice in self._again:
            value, _, day = self._best_day(choice, prices)
            if value > 0:
                at.setdefault(choice.place, []).append((value * choice.times, choice, day))
        for place, entries in at.items():
            gain = sum(value for value, _, _ in entries) - self._least.entering.get(place, 0)
            if gain > 0:
                total += gain
                must += [(choice, day) for _, choice, day in entries]
        return must, total

    def _best_day(self, choice: _Choice, prices: _Prices) -> tuple[float, _Choice, int]:
        price, day = min((prices.hours[day] * choice.hours + prices.stops[day], day) for day in choice.days)
        return self._net(choice, prices) - price, choice, day


def _is_at_one_place(choices: list[_Choice]) -> bool:
    return len({choice.place for choice in choices}) == 1
