"""Days as they have to be: lunch, nights, ferries, clocks; each rule alone, by an example."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bookings.domain.time import Interval
from bookings.planner.plan import Way
from bookings.planner.problem import DateWindow, Sailing, Waypoint, WorkingHours
from bookings.planner.solve import solve
from tests.planner.checker import Checker
from tests.planner.problems import MONDAY, RULES, a_candidate, a_delegation, a_fixed, a_problem, at, list_days

WISHES = ("energy/wind", "waste/biogas")
ONE_DAY = a_delegation(interests=WISHES)
BOTH_SHORES = a_delegation(days=2, interests=WISHES)


def best_plan(problem):
    return solve(problem, steps=60).plans[0]


def clocks(plan):
    return [(stop.host, stop.starts_at.strftime("%H:%M")) for stop in plan.stops]


def test_a_full_day_has_lunch_though_one_more_stop_would_fit_without_it():
    wishes = tuple(f"area{n}/topic" for n in range(4))
    offers = [a_candidate(f"c{n}", minutes=90, closes="16:30", topics=(wishes[n],)) for n in range(4)]
    problem = a_problem(*offers, delegation=a_delegation(interests=wishes))

    plan = best_plan(problem)
    hungry = best_plan(replace(problem, rules=replace(RULES, lunch_minutes=0)))

    assert (len(hungry.stops), hungry.lunches) == (4, ())
    assert [(lunch.place, lunch.ends_at - lunch.starts_at) for lunch in plan.lunches] == [
        ("umea", timedelta(hours=1))
    ]
    assert len(plan.stops) == 3


def test_a_night_has_its_rest_before_or_after_the_ferry():
    east = a_candidate("east", "vaasa", days=2, opens="08:00", closes="17:00", topics=("waste/biogas",))
    evening = a_fixed(a_candidate("umea-late"), MONDAY, "16:00")

    plan = best_plan(
        a_problem(a_candidate("umea-late"), east, days=2, fixed=(evening,), delegation=BOTH_SHORES)
    )

    # The evening's sailing lands at 23:00: nine the next morning is just enough.
    crossing = next(leg for leg in plan.legs if leg.way is Way.FERRY)
    assert crossing.over_night
    assert plan.stops[-1].starts_at == crossing.arrives_at + timedelta(minutes=RULES.night_rest_minutes)


def test_without_a_sailing_there_is_no_crossing():
    hosts = (a_candidate("west", days=2), a_candidate("east", "vaasa", days=2, topics=("waste/biogas",)))

    with_ferry = best_plan(a_problem(*hosts, days=2, delegation=BOTH_SHORES))
    without = best_plan(a_problem(*hosts, days=2, sailings=(), delegation=BOTH_SHORES))

    assert (len(with_ferry.stops), len(without.stops)) == (2, 1)


def test_the_check_in_can_miss_the_ferry():
    west = a_candidate("west", opens="09:00", closes="10:00")
    east = a_candidate("east", "vaasa", opens="15:00", closes="17:00", topics=("waste/biogas",))
    sailing = Sailing("holmsund", "vaasa", at(MONDAY, "11:00"), at(MONDAY, "15:00", "Europe/Helsinki"))

    # Ten, half an hour to the port, half an hour there: just in time.
    in_time = a_problem(west, east, sailings=(sailing,), delegation=ONE_DAY)
    late = replace(in_time, rules=replace(RULES, check_in_minutes=31))

    assert [len(best_plan(problem).stops) for problem in (in_time, late)] == [2, 1]


def test_a_sailing_with_a_check_in_of_its_own_counts_by_it_and_others_by_the_rules():
    west = a_candidate("west", opens="09:00", closes="10:00")
    east = a_candidate("east", "vaasa", opens="15:00", closes="17:00", topics=("waste/biogas",))
    usual = Sailing("holmsund", "vaasa", at(MONDAY, "11:00"), at(MONDAY, "15:00", "Europe/Helsinki"))

    for own, stops in ((None, 2), (20, 2), (31, 1)):
        problem = a_problem(west, east, sailings=(replace(usual, check_in_minutes=own),), delegation=ONE_DAY)
        plan = best_plan(problem)
        assert (len(plan.stops), Checker(problem).faults(plan)) == (stops, [])
    # One with a long check-in beside it takes nothing from the usual one.
    slow = replace(usual, check_in_minutes=90, arrives_at=usual.arrives_at)
    assert len(best_plan(a_problem(west, east, sailings=(slow, usual), delegation=ONE_DAY)).stops) == 2


def test_nothing_begins_before_the_arrival_or_misses_the_departure():
    delegation = a_delegation(
        arrival=Waypoint("skelleftea", at(MONDAY, "10:00")),
        departure=Waypoint("skelleftea", at(MONDAY, "15:00")),
    )

    plan = best_plan(a_problem(*(a_candidate(f"c{n}") for n in range(4)), delegation=delegation))

    # Ninety minutes there and ninety back: 11:30 to 13:30.
    assert plan.stops[0].starts_at == at(MONDAY, "11:30")
    assert plan.stops[-1].ends_at <= at(MONDAY, "13:30")


def test_stops_lie_within_the_working_hours_of_their_place():
    hours = {"umea": WorkingHours(at(MONDAY, "10:00", "UTC").time(), at(MONDAY, "11:00", "UTC").time())}

    plan = best_plan(
        a_problem(*(a_candidate(f"c{n}") for n in range(3)), rules=replace(RULES, hours_of_places=hours))
    )

    assert [stop.starts_at for stop in plan.stops] == [at(MONDAY, "10:00")]


def test_no_stop_reaches_over_the_hour_that_the_clocks_skip():
    day = date(2026, 3, 29)
    night = Interval(datetime(2026, 3, 29, 0, 15, tzinfo=UTC), datetime(2026, 3, 29, 2, 0, tzinfo=UTC))
    all_day = replace(
        RULES, hours=WorkingHours(at(day, "00:00", "UTC").time(), at(day, "23:59", "UTC").time())
    )
    delegation = a_delegation(windows=(DateWindow(day, day, 2),))
    offer = a_candidate("c", open_times=(night,), minutes=60)

    plan = best_plan(a_problem(offer, delegation=delegation, rules=all_day))

    assert plan.stops[0].starts_at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)  # 03:00 summer time


def test_a_group_too_large_goes_in_parts_and_the_stop_grows():
    delegation = a_delegation(size=40)
    two_guides = a_candidate("a", group_max=12, guides=2)

    plan = best_plan(a_problem(two_guides, delegation=delegation))

    stop = plan.stops[0]
    assert (stop.parallel, stop.rounds, stop.ends_at - stop.starts_at) == (2, 2, timedelta(hours=2))


def test_groups_that_go_separate_ways_share_no_host_that_takes_them_all_at_once():
    offers = [a_candidate(f"c{n}", group_max=8) for n in range(6)]

    plan = best_plan(a_problem(*offers, delegation=a_delegation(size=8, groups=2)))

    assert {stop.group for stop in plan.stops} == {0, 1}
    assert len(set(plan.hosts)) == len(plan.hosts)


def test_an_afternoon_is_an_afternoon():
    delegation = a_delegation(windows=(DateWindow(MONDAY, MONDAY, 1),))

    plans = solve(a_problem(*(a_candidate(f"c{n}") for n in range(5)), delegation=delegation), steps=60).plans

    for plan in plans:
        assert plan.stops[0].starts_at >= at(MONDAY, "12:30") or plan.stops[-1].ends_at <= at(MONDAY, "12:30")


def test_hosts_that_have_to_be_in_find_their_places_before_others_that_are_worth_more():
    east = [
        a_candidate(f"east{n}", "vaasa", days=2, closes="14:00", minutes=100, topics=("waste/biogas",))
        for n in range(2)
    ]
    west = [a_candidate(f"west{n}", days=2, closes="15:00", minutes=80) for n in range(3)]
    others = [
        a_candidate(f"other{n:02}", ("umea", "vaasa")[n % 2], days=2, minutes=60, topics=WISHES)
        for n in range(30)
    ]
    must = tuple(offer.host for offer in (*east, *west))
    problem = a_problem(*east, *west, *others, days=2, delegation=BOTH_SHORES, must=must)

    plan = best_plan(problem)

    assert set(must) <= set(plan.hosts)
    assert Checker(problem).faults(plan) == []


def test_choices_of_days_that_are_left_aside_are_counted():
    def unseen(days):
        window = DateWindow(MONDAY, list_days(days)[-1], 2)
        offer = a_candidate("host", days=days)
        return solve(a_problem(offer, delegation=a_delegation(windows=(window,))), steps=10).unseen

    assert (unseen(5), unseen(8), unseen(11)) == (0, 0, 3)


def test_of_a_wide_window_the_days_are_taken_on_which_most_is_open():
    days = list_days(5)
    closed_first = [a_candidate(f"c{n}", days=5) for n in range(3)]
    offers = [replace(c, open_times=c.open_times[2:4]) for c in closed_first]
    delegation = a_delegation(windows=(DateWindow(days[0], days[4], 2),))

    plan = best_plan(a_problem(*offers, delegation=delegation))

    assert {stop.day for stop in plan.stops} <= set(days[2:4])
    assert len(plan.stops) == 3


def test_what_other_groups_have_gives_no_group_more_stops_than_a_day_may_have():
    offers = [a_candidate(f"c{n}", minutes=30) for n in range(12)]
    clocks = ("09:00", "10:00", "13:00")
    fixed = [
        a_fixed(offers[group * 3 + n], MONDAY, clock, group=group)
        for group in range(2)
        for n, clock in enumerate(clocks)
    ]
    problem = a_problem(*offers, fixed=tuple(fixed), delegation=a_delegation(groups=2))

    plan = solve(problem, steps=40).plans[0]

    assert [len([s for s in plan.stops if s.group == group]) for group in range(2)] == [4, 4]
