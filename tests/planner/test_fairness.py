"""Fair load: who was visited less comes first where hosts are equal."""

from dataclasses import replace
from statistics import median

from bookings.planner.solve import solve
from tests.planner.problems import a_candidate, a_delegation, a_problem

AREAS = tuple(f"area{number}/topic" for number in range(6))


def test_a_hundred_requests_over_sixty_hosts_leave_nobody_above_twice_the_median_load():
    hosts = {
        f"h{number}": a_candidate(f"h{number}", topics=(AREAS[number % 6],), kind="company")
        for number in range(60)
    }

    for request in range(100):
        wishes = tuple(AREAS[(request + step) % 6] for step in range(3))
        problem = a_problem(*hosts.values(), delegation=a_delegation(interests=wishes))
        plan = solve(problem, steps=0).plans[0]
        for stop in plan.stops:
            host = hosts[stop.host]
            load = {
                "visits_last_year": host.visits_last_year + 1,
                "hours_last_year": host.hours_last_year + 1,
            }
            hosts[stop.host] = replace(host, **load, days_since_asked=10)

    loads = [host.visits_last_year for host in hosts.values()]
    assert sum(loads) >= 300
    assert max(loads) <= 2 * median(loads)
