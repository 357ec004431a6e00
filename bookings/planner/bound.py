"""How good a plan could be at most: a relaxation whose prices are bettered step by step."""

from heapq import nlargest, nsmallest

from bookings.planner.model import Model

_ROUNDS = 60


class Bound:
    """An upper bound on the score of a model; more rounds lower it. The lowest of its relaxations counts."""

    def __init__(self, model: Model) -> None:
        goes_home = not model.chained and bool(model.starts) and all(model.starts) and all(model.ends)
        self.relaxations = [_Relaxation(model, shares=shares) for shares in (False, True)[: 1 + goes_home]]
        self.value = min(one.value for one in self.relaxations)

    def improve(self, best: float, rounds: int = _ROUNDS) -> float:
        """A few rounds of better prices; `best` is the value of a known plan."""
        self.value = min(self.value, *(one.improve(best, rounds) for one in self.relaxations))
        return self.value


class _Relaxation:
    """One way to count what the ways cost: by the least one to each stop or, where each day goes out and home
    (`shares`), by half of the two least ones on its two sides.

    The constraint that an interest counts only as often as hosts for it are chosen gets a price; without
    it, the best hosts by number and by minutes are a matter of sorting.
    """

    def __init__(self, model: Model, *, shares: bool) -> None:
        self.model = model
        self.prices = [float(marginals[1] if len(marginals) > 1 else 0) for marginals in model.marginals]
        self.stops = sum(model.most_stops) * model.tracks
        self.minutes: float = sum(_longest_day(model, day) for day in range(model.days)) * model.tracks
        self._least = _share_ways(model) if shares else _find_ways(model)
        # A track without a known start comes to its first stop for nothing.
        free = [] if all(model.starts) and model.starts else self._least
        self._free_way = model.tracks * max((cost for cost, _ in free), default=0)
        longest = max((minutes for _, minutes in self._least), default=0)
        if shares:
            self.minutes = sum(_day_between_anchors(model, day) for day in range(model.days)) * model.tracks
        else:
            self.minutes += model.tracks * model.days * (model.pause + longest)
        self._again = self._list_again()
        self.value = float(self._evaluate()[0])
        self._stride = 1.0

    def improve(self, best: float, rounds: int) -> float:
        """A few rounds of better prices."""
        for _ in range(rounds):
            value, slope = self._evaluate()
            if value < self.value - 1e-6:
                self.value = value
            else:
                self._stride *= 0.95
            norm = sum(part * part for part in slope)
            if not norm or value <= best:
                break
            step = self._stride * max(1.0, value - best) / norm
            self.prices = [
                max(0.0, price - step * part) for price, part in zip(self.prices, slope, strict=True)
            ]
        return self.value

    def _list_again(self) -> list[tuple[float, float, int]]:
        """Further groups at hosts that take one after another: they count for no interest's price."""
        model = self.model
        best: dict[int, tuple[float, float, int]] = {}
        for visit, (way, minutes) in zip(model.visits, self._least, strict=True):
            if visit.host in model.rotating:
                value, length, _ = best.get(visit.host, (-1.0, float("inf"), -1))
                length = min(length, visit.length + minutes + model.pause)
                best[visit.host] = max(value, visit.gain_again - way), length, -1
        return [best[host] for host in best if best[host][0] > 0 for _ in range(model.rotating[host] - 1)]

    def _evaluate(self) -> tuple[float, list[float]]:
        model, prices = self.model, self.prices
        worth: dict[int, tuple[float, float, int]] = {}
        for number, visit in enumerate(model.visits):
            way, minutes = self._least[number]
            value = visit.gain - way + sum(prices[group] for group in visit.groups)
            known = worth.get(visit.host)
            length = visit.length + minutes + model.pause
            length = length if known is None else min(length, known[1])
            if known is None or value > known[0]:
                worth[visit.host] = (value, length, number)
            else:
                worth[visit.host] = (known[0], length, known[2])
        total, chosen = self._choose(worth)
        total += self._free_way
        slope = [0.0] * len(prices)
        for number in chosen:
            for group in model.visits[number].groups:
                slope[group] += 1
        for group, marginals in enumerate(model.marginals):
            counted = list(marginals[:-1]) + [marginals[-1]] * max(1, self.stops - len(marginals) + 1)
            for points in counted[: self.stops]:
                if points > prices[group]:
                    total += points - prices[group]
                    slope[group] -= 1
        return total, slope

    def _choose(self, worth: dict[int, tuple[float, float, int]]) -> tuple[float, list[int]]:
        """The best hosts by number of stops and, apart from that, by minutes (the last in part)."""
        required = self.model.required
        must = [entry for host, entry in worth.items() if host in required]
        free = [entry for host, entry in worth.items() if host not in required and entry[0] > 0]
        free += self._again
        base = sum(entry[0] for entry in must)
        chosen = [entry[2] for entry in must]
        by_number = nlargest(max(0, self.stops - len(must)), free)
        left = self.minutes - sum(entry[1] for entry in must)
        by_minutes = 0.0
        for value, length, _ in sorted(free, key=lambda entry: -entry[0] / max(1, entry[1])):
            if left <= 0:
                break
            by_minutes += value * min(1.0, left / max(1, length))
            left -= length
        total = base + min(sum(entry[0] for entry in by_number), by_minutes)
        return total, chosen + [entry[2] for entry in by_number if entry[2] >= 0]


def _longest_day(model: Model, day: int) -> int:
    """Minutes from the first start to the last end that a day can have, with a pause for each stop."""
    windows = [(visit.windows[day], visit.length) for visit in model.visits if visit.windows[day]]
    if not windows:
        return 0
    first = min(starts[0][0] for starts, _ in windows)
    last = max(starts[-1][1] + length for starts, length in windows)
    return last - first


def _day_between_anchors(model: Model, day: int) -> int:
    """Minutes from leaving to being back, with one pause more than there are between the stops."""
    start, end = model.starts[day], model.ends[day]
    return max(0, end.at - start.at) + model.pause if start and end else 0


def _share_ways(model: Model) -> list[tuple[float, float]]:
    """Half of the two least ways, in cost and in minutes, that a stop can have on its two sides."""
    places = [visit.place for visit in model.visits]
    many = {place for place in places if places.count(place) > 1}
    homes = {anchor.place for anchor in (*model.starts, *model.ends) if anchor}
    others = sorted(set(places) | homes)
    known: dict[int, tuple[float, float]] = {}
    for place in set(places):
        # A home is on both sides of a lonely stop; a place with several visits may be left for itself.
        near = [one for one in others if one != place or place in many or place in homes]
        near += [one for one in others if one in homes or one in many]
        ways = [one for one in near if model.network.joins(one, place) and model.network.joins(place, one)]
        costs = nsmallest(2, (min(model.leg_cost(one, place), model.leg_cost(place, one)) for one in ways))
        minutes = nsmallest(
            2,
            (
                min(model.network.road_minutes(one, place), model.network.road_minutes(place, one))
                for one in ways
            ),
        )
        known[place] = (sum(costs) / 2, sum(minutes) / 2)
    return [known[place] for place in places]


def _find_ways(model: Model) -> list[tuple[float, float]]:
    """The least way to each stop from anywhere."""
    nearest = _find_nearest(model)
    return [_least_way(model, nearest, visit.place) for visit in model.visits]


def _find_nearest(model: Model) -> dict[int, list[int]]:
    """From where each place can be reached: other visits' places, and the starts."""
    places = [visit.place for visit in model.visits] + [anchor.place for anchor in model.starts if anchor]
    shared = {place for place in places if places.count(place) > 1}
    distinct = sorted(set(places))
    return {place: [one for one in distinct if one != place or place in shared] for place in distinct}


def _least_way(model: Model, nearest: dict[int, list[int]], place: int) -> tuple[int, int]:
    """The least cost of coming to a place, and the least minutes."""
    ways = [one for one in nearest[place] if model.network.joins(one, place)]
    cost = min((model.leg_cost(one, place) for one in ways), default=0)
    return cost, min((model.network.road_minutes(one, place) for one in ways), default=0)
