"""Annealing makes changes that keep every rule and counts what they bring as the rest of the planner does."""

from random import Random

import pytest

from bookings.planner.anneal import Annealing
from bookings.planner.build import build_model, index_openings
from bookings.planner.frames import list_frames
from bookings.planner.model import Model
from bookings.planner.routes import REQUIRED
from bookings.planner.search import Search
from tests.bench.planner_region import build_region
from tests.planner.test_bound import a_model, best_of


def a_region() -> Model:
    """Both shores, nights, lunches."""
    problem = build_region(25, days=3, groups=1)
    openings = index_openings(problem)
    frame = list_frames(problem, openings.values())[0]
    return build_model(problem, frame, openings).model


@pytest.mark.parametrize("tracks", [1, 2])
def test_small_days_out_and_home_are_annealed_to_the_best(tracks):
    for seed in range(25):
        model = a_model(Random(seed), tracks=tracks)
        search = Search(model, seed=seed)

        search.run(6)

        assert search.best_value == best_of(model), seed


@pytest.mark.parametrize(
    "model", [a_model(Random(9), tracks=2), a_region()], ids=["out and home", "in a row"]
)
def test_what_annealing_says_of_its_routes_is_what_they_are_worth(model):
    search = Search(model, seed=1)
    annealing = Annealing(search.evaluator, Random(1), set())
    annealing.start_from(search.best, search.best_value)
    begun = search.best

    for _ in range(20):
        annealing.run(40)

        assert search.evaluator.value(annealing.routes) == annealing.value
    assert annealing.routes != begun or model.is_plain
    assert annealing.best_value >= search.best_value > -REQUIRED // 2
