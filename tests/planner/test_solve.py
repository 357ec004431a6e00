"""Small problems: as good as trying everything. Large ones: at once, bounded, several programmes."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.planner.problem import Problem, Rules
from bookings.planner.solve import improve, solve
from tests.planner.brute import best_score
from tests.planner.problems import ROADS, a_candidate, a_delegation, a_problem, problems

HOURLY = Rules(
    pause_minutes=0, within_place_minutes=0, grid_minutes=60, check_in_minutes=0, night_rest_minutes=600,
)  # fmt: skip


@st.composite
def hourly_problems(draw) -> Problem:
    """Whole hours throughout: what the brute force tries is all there is."""
    problem = draw(problems(most=3, most_days=2, places=("umea", "skelleftea")))
    days = (problem.delegation.windows[0].latest - problem.delegation.windows[0].earliest).days + 1
    window = replace(problem.delegation.windows[0], half_days=days * 2)
    delegation = replace(problem.delegation, windows=(window,), departure=None)
    offers = tuple(replace(c, minutes=draw(st.sampled_from([60, 120]))) for c in problem.candidates)
    fixed = tuple(
        stop for stop in problem.fixed if stop.interval.start.minute == 0 and stop.interval.minutes % 60 == 0
    )
    roads = {**ROADS, ("umea", "skelleftea"): 60, ("skelleftea", "umea"): 60}
    return replace(problem, delegation=delegation, candidates=offers, fixed=fixed, roads=roads, rules=HOURLY)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(hourly_problems())
def test_small_problems_are_solved_as_well_as_by_trying_everything(problem):
    progress = solve(problem, steps=100)

    best = best_score(problem)
    found = progress.plans[0].score if progress.plans else None
    assert (found or 0.0) == pytest.approx(best or 0.0)
    assert found is None or best is not None


def test_without_anything_to_visit_there_is_an_answer_without_plans():
    progress = solve(a_problem())

    assert (progress.plans, progress.is_proved) == ((), True)


def test_plans_only_get_better_and_the_bound_only_falls():
    offers = [a_candidate(f"c{n}", topics=("energy/wind", f"waste/{n}"), days=2) for n in range(30)]
    delegation = a_delegation(days=2, interests=("energy/wind", "waste"))

    stages = list(improve(a_problem(*offers, days=2, delegation=delegation), steps=200))

    scores = [stage.plans[0].score for stage in stages]
    bounds = [stage.bound for stage in stages]
    assert scores == sorted(scores)
    assert bounds == sorted(bounds, reverse=True)
    assert stages[-1].gap < 0.2


def test_programmes_beside_the_best_visit_other_hosts_for_the_most_part():
    offers = [a_candidate(f"c{n}", topics=("energy/wind",)) for n in range(12)]

    plans = solve(a_problem(*offers), steps=200).plans

    assert len(plans) > 1
    for plan in plans[1:]:
        assert len(set(plan.hosts) & set(plans[0].hosts)) <= 0.6 * len(plans[0].hosts)


def test_the_search_stops_when_it_is_told_to():
    offers = [a_candidate(f"c{n}") for n in range(30)]
    heard = []

    solve(
        a_problem(*offers),
        steps=10_000,
        on_progress=lambda stage: bool(heard.append(stage)) or len(heard) < 3,
    )

    assert len(heard) == 3
