"""The best plan by trying everything: each host not at all, or at each full hour of each day."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from zoneinfo import ZoneInfo

from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Candidate, Firmness, FixedStop, Problem
from tests.planner.checker import Checker
from tests.planner.problems import at


def list_choices(problem: Problem) -> list[list[PlannedStop | None]]:
    """For each candidate, and for each fixed stop, where it could be."""
    checker = Checker(problem)
    found: list[list[PlannedStop | None]] = []
    for offer in problem.candidates:
        stops = [stop for stop in _all_times(problem, offer) if not checker.stop_faults(stop)]
        if _is_asked_for(problem, offer):
            found.append([None, *stops])
    for fixed in problem.fixed:
        stop = as_stop(fixed)
        found.append([stop, None] if fixed.firmness == Firmness.ASKED else [stop])
    return found


def list_plans(problem: Problem) -> Iterator[tuple[PlannedStop, ...]]:
    """Every valid plan."""
    checker = Checker(problem)
    for chosen in product(*list_choices(problem)):
        stops = tuple(stop for stop in chosen if stop)
        if len({stop.host for stop in stops}) == len(stops) and not checker.faults(_plan(stops)):
            yield stops


def best_score(problem: Problem) -> float | None:
    """The score of the best, None when there is no valid plan."""
    checker = Checker(problem)
    return max((checker.score(list(stops)) for stops in list_plans(problem)), default=None)


def _plan(stops: tuple[PlannedStop, ...]) -> Plan:
    return Plan((), stops, (), (), 0.0)


def _is_asked_for(problem: Problem, offer: Candidate) -> bool:
    wishes = {wish.split("/")[0] for wish in problem.delegation.interests}
    return bool(
        wishes & {topic.split("/")[0] for topic in offer.topics}
        or {offer.host, offer.key} & {*problem.delegation.wanted_hosts, *problem.must}
    )


def _all_times(problem: Problem, offer: Candidate) -> Iterator[PlannedStop]:
    size, rounds = problem.delegation.size, 1
    while offer.group_max and rounds * offer.guides * offer.group_max < size:
        rounds += 1
    days = {interval.start.astimezone(ZoneInfo(offer.zone)).date() for interval in offer.open_times}
    for day in sorted(days):
        for hour in range(8, 17):
            starts = at(day, f"{hour:02}:00", offer.zone)
            ends = starts + timedelta(minutes=offer.minutes * rounds)
            yield PlannedStop(
                offer.key, offer.host, offer.place, offer.zone, starts, ends, day, rounds=rounds
            )  # fmt: skip


def as_stop(fixed: FixedStop) -> PlannedStop:
    """A fixed stop where it is."""
    day = fixed.interval.start.astimezone(ZoneInfo(fixed.zone)).date()
    return PlannedStop(
        fixed.candidate, fixed.host, fixed.place, fixed.zone, fixed.interval.start, fixed.interval.end, day,
        group=fixed.group, fixed_key=fixed.key,
    )  # fmt: skip
