"""Delegations that are too large for their hosts: groups that visit the same hosts one after another."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.planner.explain import list_rulings
from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Firmness, Rules
from bookings.planner.repair import repair
from bookings.planner.solve import solve
from tests.planner.checker import Checker
from tests.planner.problems import MONDAY, ROADS, a_candidate, a_delegation, a_fixed, a_problem, at

HOURLY = Rules(
    pause_minutes=0, within_place_minutes=0, grid_minutes=60, check_in_minutes=0, night_rest_minutes=600,
)  # fmt: skip
NEAR = {**ROADS, ("umea", "skelleftea"): 60, ("skelleftea", "umea"): 60}
MORNING, ALL_DAY = ("11:00", "12:00"), ("11:00", "12:00", "15:00")
AREAS = ("energy/wind", "waste/biogas", "forest/timber")


@st.composite
def small_problems(draw):
    """Two or three groups and hosts in whole hours: what is tried is all there is."""
    groups, hosts, closes = draw(st.sampled_from([(2, 2, ALL_DAY), (2, 3, MORNING), (3, 2, MORNING)]))
    pick = lambda *values: draw(st.sampled_from(values))  # noqa: E731 - short, it is asked so often
    offers = tuple(
        a_candidate(
            f"c{number}", pick("umea", "skelleftea"), minutes=pick(60, 120), opens=pick("08:00", "09:00"),
            closes=pick(*closes), topics=(pick(*AREAS),), group_max=pick(4, 4, 8),
            visits_left=pick(None, None, 1), visits_last_year=pick(0, 1, 2, 3),
        )
        for number in range(hosts)
    )  # fmt: skip
    rules = replace(HOURLY, host_buffer_minutes=draw(st.sampled_from([0, 60])))
    delegation = a_delegation(size=4 * groups, groups=groups, interests=AREAS)
    return a_problem(*offers, delegation=delegation, rules=rules, roads=NEAR)


def best_score(problem) -> float:
    """By trying every hour for every group at every host."""
    checker, choices = Checker(problem), []
    for offer, group in product(problem.candidates, range(problem.delegation.groups)):
        starts = [at(MONDAY, f"{hour:02}:00") for hour in range(8, 15)]
        stops = [
            PlannedStop(
                offer.key, offer.host, offer.place, offer.zone, start,
                start + timedelta(minutes=offer.minutes), MONDAY, group=group,
            )
            for start in starts
        ]  # fmt: skip
        choices.append([None, *(stop for stop in stops if not checker.stop_faults(stop))])
    tried = (tuple(stop for stop in chosen if stop) for chosen in product(*choices))
    return max(
        checker.score(list(stops)) for stops in tried if not checker.faults(Plan((), stops, (), (), 0.0))
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(small_problems())
def test_groups_take_turns_as_well_as_by_trying_everything(problem):
    progress = solve(problem, steps=1000)

    plan = progress.plans[0]
    assert Checker(problem).faults(plan) == []
    assert Checker(problem).score(list(plan.stops)) == pytest.approx(plan.score)
    assert plan.score == pytest.approx(best_score(problem))
    assert progress.is_proved


def test_a_group_waits_where_that_lets_both_hosts_be_seen_by_all():
    offers = [
        a_candidate(f"c{number}", minutes=120, opens="08:00", closes="15:00", topics=AREAS[:1], group_max=4)
        for number in range(2)
    ]
    delegation = a_delegation(size=8, groups=2, interests=AREAS)
    problem = a_problem(
        *offers, delegation=delegation, rules=replace(HOURLY, host_buffer_minutes=60), roads=NEAR
    )

    plan = solve(problem, steps=200).plans[0]

    assert plan.score == pytest.approx(best_score(problem))


def forty_visitors(groups: int):
    """Golden case 7: hosts take twelve at a time, a guide for every six."""
    offers = [
        a_candidate(f"c{number}", topics=(topic,), group_max=6, guides=2)
        for number, topic in enumerate(AREAS)
    ]
    delegation = a_delegation(size=40, groups=groups, interests=AREAS)
    rules = replace(HOURLY, grid_minutes=15, host_buffer_minutes=15)
    return a_problem(*offers, delegation=delegation, rules=rules)


def test_forty_visitors_in_one_group_are_too_many_for_twelve_at_a_time():
    problem = forty_visitors(1)
    plan = solve(forty_visitors(4), steps=50).plans[0]

    progress = solve(problem, steps=50)
    ruling = list_rulings(problem, plan)["c0"]

    assert progress.plans == ()
    assert (ruling.code, ruling.params["rounds"], ruling.params["most_rounds"]) == ("group_too_large", 4, 2)


def test_forty_visitors_in_four_groups_see_all_hosts_one_after_another():
    problem = forty_visitors(4)

    plan = solve(problem, steps=100).plans[0]

    assert Checker(problem).faults(plan) == []
    seen = {(stop.host, stop.group) for stop in plan.stops}
    assert seen == set(product(("c0", "c1", "c2"), range(4)))
    assert {(stop.parallel, stop.rounds) for stop in plan.stops} == {(2, 1)}
    for host in ("c0", "c1", "c2"):
        stops = sorted((s for s in plan.stops if s.host == host), key=lambda stop: stop.starts_at)
        assert all(one.ends_at + timedelta(minutes=15) <= other.starts_at for one, other in pairwise(stops))


def test_two_groups_swap_two_hosts():
    offers = [
        a_candidate(f"c{number}", opens="09:00", closes="11:00", topics=(topic,), group_max=20)
        for number, topic in enumerate(AREAS[:2])
    ]
    delegation = a_delegation(size=40, groups=2, interests=AREAS)

    plan = solve(a_problem(*offers, delegation=delegation, rules=HOURLY), steps=50).plans[0]

    order = {group: [stop.host for stop in plan.stops if stop.group == group] for group in (0, 1)}
    assert sorted(order.values()) == [["c0", "c1"], ["c1", "c0"]]


def test_a_host_that_takes_everybody_or_has_one_visit_left_this_month_is_seen_once():
    delegation = a_delegation(size=40, groups=2)
    for rules in ({"group_max": 40}, {}, {"group_max": 20, "visits_left": 1}):
        plan = solve(a_problem(a_candidate("c", **rules), delegation=delegation), steps=50).plans[0]
        assert len(plan.stops) == 1


def test_beside_a_group_that_stands_the_other_gets_another_time():
    offer = a_candidate("c", closes="12:00", group_max=20)
    stands = a_fixed(offer, MONDAY, "10:00", group=1)
    problem = a_problem(offer, fixed=(stands,), delegation=a_delegation(size=40, groups=2), rules=HOURLY)

    plan = solve(problem, steps=50).plans[0]

    assert Checker(problem).faults(plan) == []
    assert {(stop.group, stop.fixed_key) for stop in plan.stops} == {(1, stands.key), (0, "")}


def test_a_group_that_has_to_move_stays_with_the_host_and_the_other_group_where_it_is():
    offer, other = a_candidate("c", group_max=20), a_candidate("d", group_max=20)
    slots = (
        a_fixed(offer, MONDAY, "10:00", group=0),
        replace(a_fixed(offer, MONDAY, "12:00", Firmness.ASKED, group=1), key="second"),
        replace(a_fixed(other, MONDAY, "12:00", Firmness.PINNED, group=1), key="new"),
    )
    problem = a_problem(offer, other, fixed=slots, delegation=a_delegation(size=40, groups=2), rules=HOURLY)

    mended = repair(problem)

    [move] = mended.moves
    assert (move.key, move.stop.host, move.stop.group) == ("second", "c", 1)
    assert set(mended.kept) == {"slot-c", "new"}
