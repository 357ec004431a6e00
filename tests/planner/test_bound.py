"""The bound is never below what can be reached: on days that go out and home, and on days in a row."""

from dataclasses import replace
from itertools import combinations, pairwise, permutations
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bookings.planner.bound import Bound
from bookings.planner.build import build_model, index_openings
from bookings.planner.frames import list_frames
from bookings.planner.model import SCALE, Anchor, Model, Network, Visit
from bookings.planner.solve import solve
from tests.planner.brute import best_score
from tests.planner.problems import RULES, a_candidate, a_problem, problems

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


@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
@given(problems(most=4, most_days=2), st.integers(0, 60))
def test_no_programme_over_both_shores_reaches_more_than_the_bound(problem, rounds):
    """Nights, lunches, sailings, stops that stand: at whatever prices the bound has come to."""
    window = problem.delegation.windows[0]
    days = (window.latest - window.earliest).days + 1
    whole = replace(problem.delegation, windows=(replace(window, half_days=days * 2),))
    problem = replace(problem, delegation=whole)
    openings = index_openings(problem)
    models = [build_model(problem, frame, openings) for frame in list_frames(problem, openings.values())]
    found = [plan.score for plan in solve(problem, steps=50).plans]
    found += [score for score in [best_score(problem)] if score is not None]

    bounds = [Bound(built.model) for built in models]

    highest = [max(bound.relaxations[n].improve(-1e9, rounds) for bound in bounds) for n in (0, 1) if bounds]

    assert all(score * SCALE <= value + 1e-3 for value in highest for score in found)


@pytest.mark.parametrize("pause", [0, 15])
def test_a_day_that_is_full_to_the_last_minute_is_within_the_bound(pause):
    """Four stops, the pauses between them and an hour for lunch, from eight to five."""
    length = (540 - 60 - 2 * pause) // 4 // 15 * 15
    offers = [
        replace(a_candidate(f"c{n}", opens="08:00", closes="17:00"), minutes=length, topics=(f"energy/{n}",))
        for n in range(6)
    ]
    rules = replace(RULES, pause_minutes=pause, grid_minutes=15, most_stops_a_day=6)
    problem = a_problem(*offers, rules=rules)
    built = build_model(problem, list_frames(problem, index_openings(problem).values())[0])

    (plan, *_) = solve(problem, steps=50).plans

    bounds = [one.improve(-1e9, 100) for one in Bound(built.model).relaxations]
    assert len(plan.stops) == 4
    assert min(bounds) >= plan.score * SCALE - 1e-3
    assert min(bounds) < plan.score * SCALE * 1.5
