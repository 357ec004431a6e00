"""The bound of days that go out and home is never below what can be reached."""

from itertools import combinations, pairwise, permutations
from random import Random

import pytest

from bookings.planner.bound import Bound
from bookings.planner.model import Anchor, Model, Network, Visit

SPREAD = 60


def a_model(random: Random, *, tracks: int) -> Model:
    """Five visits and a home in a square, some at the same place, open for different parts of a day."""
    points = [(random.randrange(SPREAD), random.randrange(SPREAD)) for _ in range(5)]
    ways = [[abs(a - c) + abs(b - d) for c, d in points] for a, b in points]
    day = random.randrange(80, 260)
    visits = []
    for host in range(5):
        opens = random.randrange(0, 60)
        window = (opens, opens + random.randrange(20, 160))
        visits.append(
            Visit(host, random.randrange(5), random.randrange(5, 40), ((window,),), random.randrange(1, 50))
        )
    return Model(
        visits=tuple(visits), network=Network(ways), days=1, tracks=tracks, chained=False,
        starts=(Anchor(0, 0),), ends=(Anchor(0, day),), most_stops=(5,),
        pause=random.choice([0, 5]), travel_cost=random.choice([0, 1]),
    )  # fmt: skip


def worth_of(model: Model, route: tuple[int, ...]) -> int | None:
    """The value of one route from home to home; None when it can't be."""
    visits = [model.visits[number] for number in route]
    places = [0, *(visit.place for visit in visits), 0]
    at = 0
    for position, visit in enumerate(visits):
        at += model.network.road[places[position]][visit.place] + (model.pause if position else 0)
        opens, closes = visit.windows[0][0]
        at = max(at, opens)
        if at > closes:
            return None
        at += visit.length
    if at + model.network.road[places[-2]][0] > (model.ends[0].at if model.ends[0] else 0):
        return None
    ways = sum(model.network.road[one][other] for one, other in pairwise(places)) * model.travel_cost
    return sum(visit.gain for visit in visits) - ways


def best_of(model: Model) -> int:
    """All routes of all sets of visits, one or two of them side by side."""
    best: dict[frozenset[int], int] = {frozenset(): 0}
    for size in range(1, 6):
        for chosen in combinations(range(5), size):
            worths = [worth_of(model, route) for route in permutations(chosen)]
            reached = [worth for worth in worths if worth is not None]
            if reached:
                best[frozenset(chosen)] = max(reached)
    if model.tracks == 1:
        return max(best.values())
    return max(a + b for one, a in best.items() for other, b in best.items() if not one & other)


@pytest.mark.parametrize("tracks", [1, 2])
def test_no_routes_reach_more_than_the_bound(tracks):
    for seed in range(60):
        model = a_model(Random(seed), tracks=tracks)

        best = best_of(model)
        assert all(best <= one.value + 1e-6 for one in Bound(model).relaxations), seed
