"""Fair load: who was visited less comes first where hosts are equal."""

from statistics import median

from tests.planner.fairness import draw_loads, spread_requests


def test_a_hundred_requests_over_sixty_hosts_leave_nobody_above_twice_the_median_load():
    loads = spread_requests()

    print(*draw_loads(loads), sep="\n")
    assert sum(loads) >= 300
    assert max(loads) <= 2 * median(loads)
