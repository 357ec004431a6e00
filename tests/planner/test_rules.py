"""Whatever the problem: a plan breaks no hard rule."""

from dataclasses import replace

from hypothesis import HealthCheck, given, settings

from bookings.planner.problem import Firmness
from bookings.planner.solve import solve
from tests.planner.checker import Checker
from tests.planner.problems import problems

few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@few
@given(problems(most=9))
def test_a_plan_breaks_no_hard_rule_and_its_score_is_the_sum_of_its_parts(problem):
    progress = solve(problem, steps=60)

    checker = Checker(problem)
    assert [checker.faults(plan) for plan in progress.plans] == [[] for _ in progress.plans]
    assert all(plan.score <= progress.bound + 1e-6 for plan in progress.plans)


@few
@given(problems())
def test_what_hosts_have_accepted_and_staff_have_pinned_stays_where_it_is(problem):
    progress = solve(problem, steps=60)

    firm = {stop.key for stop in problem.fixed if stop.firmness != Firmness.ASKED}
    for plan in progress.plans:
        assert firm <= {stop.fixed_key for stop in plan.stops}


@few
@given(problems())
def test_the_same_seed_and_number_of_steps_give_the_same_plans(problem):
    once, again = (solve(replace(problem), seed=7, steps=60) for _ in range(2))

    assert once == again
