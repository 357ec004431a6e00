"""Explanations are true: forcing a host in loses what they say, and what they say conflicts does."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from bookings.domain.time import Interval
from bookings.planner.conflicts import Demand, find_conflict, is_feasible, list_demands, list_relaxations
from bookings.planner.explain import explain_chosen, explain_left_out, force_in, list_rulings
from bookings.planner.problem import ClosedTime, Reason, Waypoint
from bookings.planner.solve import solve
from tests.planner.brute import best_score
from tests.planner.checker import Checker
from tests.planner.problems import (
    MONDAY,
    a_candidate,
    a_delegation,
    a_fixed,
    a_problem,
    at,
    list_days,
    problems,
)
from tests.planner.test_solve import hourly_problems

few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@few
@given(hourly_problems())
def test_forcing_a_host_in_loses_what_is_said_or_can_not_be_done(problem):
    plans = solve(problem, steps=60).plans
    if not plans:
        return

    for offer in problem.candidates:
        if offer.host in plans[0].hosts:
            continue
        answer = explain_left_out(problem, plans[0], offer.key)
        forced = best_score(force_in(problem, offer))
        if answer.reason is None:
            assert forced == pytest.approx(plans[0].score - answer.loss)
            assert Checker(force_in(problem, offer)).faults(answer.plan) == []
        elif answer.reason.code not in {"has_slot", "no_shared_interest"}:
            assert forced is None


@few
@given(problems())
def test_the_gain_of_a_chosen_host_is_what_the_plan_would_lose_without_it(problem):
    plans = solve(problem, steps=60).plans
    if not plans:
        return

    gains = explain_chosen(problem, plans[0])

    assert [gain.stop for gain in gains] == list(plans[0].stops)
    assert all(abs(sum(gain.parts.values()) - gain.score) < 1e-6 for gain in gains)


def test_a_chosen_host_says_which_wishes_it_meets_and_which_parts_it_adds():
    problem = a_problem(a_candidate("a", topics=("energy/wind",), kind="company"))

    (gain,) = explain_chosen(problem, solve(problem, steps=20).plans[0])

    assert (gain.areas, gain.topics) == (("energy",), ("energy/wind",))
    assert gain.parts == {"areas": 120, "topics": 40, "newcomers": 8, "variety": 6}


def test_a_rule_that_keeps_a_host_out_is_named_with_its_values():
    closed = ClosedTime(Interval(at(MONDAY, "08:00"), at(MONDAY, "17:00")), "holiday", {"name": "Monday"})
    offers = (
        a_candidate("fine"),
        a_candidate("private", is_excluded=True),
        a_candidate("refuses", refuses=frozenset({"XX"})),
        a_candidate("silent", languages=("fi",)),
        a_candidate("narrow", group_max=2),
        a_candidate("large", group_min=50),
        a_candidate("other", topics=("forest/timber",)),
        a_candidate("holiday", open_times=(), closed_times=(closed,)),
        a_candidate("brief", opens="09:00", closes="09:30"),
        a_candidate("never", open_times=()),
    )
    problem = a_problem(*offers, delegation=a_delegation(languages=("en",), country="XX"))

    rulings = list_rulings(problem, solve(problem, steps=20).plans[0])

    codes = {key: reason.code for key, reason in rulings.items()}
    assert codes == {
        "private": "excluded", "refuses": "excluded", "silent": "no_shared_language",
        "narrow": "group_too_large",
        "large": "group_too_small", "other": "no_shared_interest", "holiday": "closed", "brief": "too_short",
        "never": "not_open",
    }  # fmt: skip
    assert rulings["private"].params == rulings["refuses"].params == {}
    assert rulings["holiday"].params["code"] == "holiday"
    assert rulings["narrow"].params["rounds"] == 4


def test_two_slots_at_the_same_time_are_the_conflict_and_either_can_go():
    one, other = a_candidate("a"), a_candidate("b")
    fixed = (a_fixed(one, MONDAY, "10:00"), a_fixed(other, MONDAY, "10:30"))

    conflict = find_conflict(a_problem(one, other, a_candidate("c"), fixed=fixed, must=("c",)))

    slots = (Demand("slot", "slot-a"), Demand("slot", "slot-b"))
    assert (conflict.demands, conflict.rules) == (slots, ())
    assert conflict.drop == ((slots[0],), (slots[1],))


def test_hosts_on_both_shores_on_one_day_conflict_with_the_timetable():
    problem = a_problem(a_candidate("west"), a_candidate("east", "vaasa"), must=("west", "east"))

    conflict = find_conflict(problem)

    assert {demand.key for demand in conflict.demands} == {"west", "east"}
    assert "sailings" in {rule.code for rule in conflict.rules}
    assert solve(problem, steps=20).plans == ()


def test_hosts_on_both_shores_without_any_timetable_are_told_that_it_is_empty():
    around = {("umea", "vaasa"): 720, ("vaasa", "umea"): 720}
    hosts = a_candidate("west", days=2), a_candidate("east", "vaasa", days=2)
    problem = a_problem(*hosts, days=2, must=("west", "east"), sailings=())

    conflicts = [find_conflict(one) for one in (problem, replace(problem, roads={**problem.roads, **around}))]

    assert [one.rules[0] for one in conflicts] == [Reason("sailings", {"count": 0})] * 2


def test_a_host_that_refuses_and_one_that_is_closed_are_two_conflicts_to_be_dropped_together():
    offers = (a_candidate("a", languages=("fi",)), a_candidate("b", open_times=()), a_candidate("c"))
    delegation = a_delegation(languages=("en",))

    conflict = find_conflict(a_problem(*offers, delegation=delegation, must=("a", "b", "c")))

    assert conflict.drop == ((Demand("host", "a"), Demand("host", "b")),)
    assert len(conflict.demands) == 1


def test_more_hosts_than_the_days_hold():
    offers = [a_candidate(f"c{n}", days=2) for n in range(5)]

    conflict = find_conflict(a_problem(*offers, must=tuple(f"c{n}" for n in range(5))))

    assert len(conflict.demands) == 5
    assert "most_stops" in {rule.code for rule in conflict.rules}
    assert len(conflict.drop) == 5


@few
@given(problems(most=4, most_days=2))
def test_a_conflict_is_one_and_nothing_in_it_is_idle(problem):
    problem = replace(problem, must=tuple(dict.fromkeys(offer.host for offer in problem.candidates[:3])))

    conflict = find_conflict(problem)

    progress = solve(problem, steps=60)
    if conflict is None:
        assert progress.plans
        return
    assert progress.plans == ()
    demands = list(conflict.demands)
    assert not is_feasible(problem, demands)
    for demand in demands:
        assert is_feasible(problem, [other for other in demands if other != demand])
    for gone in conflict.drop:
        assert is_feasible(problem, [demand for demand in list_demands(problem) if demand not in gone])


def test_each_rule_of_a_conflict_is_needed_for_it():
    delegation = a_delegation(departure=Waypoint("umea", at(MONDAY, "11:00")))
    problem = a_problem(a_candidate("a", opens="13:00"), delegation=delegation, must=("a",))

    conflict = find_conflict(problem)

    assert {rule.code for rule in conflict.rules} == {"departure", "open_times"}
    for reason, relax in list_relaxations(problem):
        if reason in conflict.rules:
            assert is_feasible(relax(problem), list(conflict.demands))


def test_a_host_that_could_come_in_says_who_would_go_for_it():
    wishes = ("energy/wind", "waste/biogas")
    offers = (
        a_candidate("a", opens="10:00", closes="11:00"),
        a_candidate("b", opens="10:00", closes="11:00", topics=wishes),
    )
    problem = a_problem(*offers, delegation=a_delegation(interests=wishes))
    plan = solve(problem, steps=20).plans[0]

    answer = explain_left_out(problem, plan, "a")

    assert (plan.hosts, answer.dropped, answer.loss) == (("b",), ("b",), 160)


def test_days_without_an_opening_name_the_next_that_has_one():
    late = a_candidate("late", open_times=a_candidate("late", days=3).open_times[2:])
    problem = a_problem(a_candidate("a"), late, days=3)
    plan = replace(solve(problem, steps=20).plans[0])
    plan = replace(plan, frame=plan.frame[:1])

    ruling = list_rulings(problem, plan)["late"]

    assert (ruling.code, ruling.params["open_on"]) == ("not_open", list_days(3)[2])
