"""A hundred requests in a row over sixty equal hosts: how the load spreads."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from bookings.planner.solve import solve
from tests.planner.problems import a_candidate, a_delegation, a_problem

HOSTS, REQUESTS = 60, 100
AREAS = tuple(f"area{number}/topic" for number in range(6))


def spread_requests() -> list[int]:
    """Visits of each host after all requests; ten hosts are equal in each area."""
    hosts = {
        f"h{number}": a_candidate(f"h{number}", topics=(AREAS[number % 6],), kind="company")
        for number in range(HOSTS)
    }
    for request in range(REQUESTS):
        wishes = tuple(AREAS[(request + step) % 6] for step in range(3))
        problem = a_problem(*hosts.values(), delegation=a_delegation(interests=wishes))
        for stop in solve(problem, steps=0).plans[0].stops:
            host = hosts[stop.host]
            load = {
                "visits_last_year": host.visits_last_year + 1,
                "hours_last_year": host.hours_last_year + 1,
            }
            hosts[stop.host] = replace(host, **load, days_since_asked=10)
    return [host.visits_last_year for host in hosts.values()]


def draw_loads(loads: Iterable[int]) -> list[str]:
    """A bar for each number of visits, as long as there are hosts with it."""
    hosts = Counter(loads)
    return [f"{visits:4} visits {'█' * hosts[visits]} {hosts[visits]}" for visits in range(max(hosts) + 1)]
