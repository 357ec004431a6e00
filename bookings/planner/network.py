"""How one gets from place to place: the quickest roads, and the sailings worth taking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bookings.planner.model import FAR, Network, Passage
from bookings.planner.problem import Problem

_MINUTE = timedelta(minutes=1)


def build_network(problem: Problem, places: tuple[str, ...], minute: Callable[[datetime], int]) -> Network:
    """Quickest ways by road; sailings join what no road does that may be driven."""
    rules = problem.rules
    ports = {port for sailing in problem.sailings for port in (sailing.origin, sailing.target)}
    roads = _quickest(problem, {*places, *ports})
    table = [
        [rules.within_place_minutes if one == other else roads.get((one, other), FAR) for other in places]
        for one in places
    ]
    for row in table:
        row[:] = [minutes if minutes <= rules.longest_road_minutes else FAR for minutes in row]
    passages = {}
    sailings = _group_sailings(problem, minute)
    for one, origin in enumerate(places):
        for other, target in enumerate(places):
            if table[one][other] >= FAR:
                found = _list_passages(origin, target, roads, sailings, problem)
                if found:
                    passages[one, other] = found
    return Network(table, passages)


def _quickest(problem: Problem, places: set[str]) -> dict[tuple[str, str], int]:
    """Sums of legs; a single leg too long to be driven is no part of a way."""
    longest = problem.rules.longest_road_minutes
    legs = {pair: minutes for pair, minutes in problem.roads.items() if minutes <= longest}
    towns = sorted({town for pair in legs for town in pair} | places)
    best = dict(legs)
    for town in towns:
        best[town, town] = 0
    for middle in towns:
        into = [(town, best[town, middle]) for town in towns if (town, middle) in best]
        out = [(town, best[middle, town]) for town in towns if (middle, town) in best]
        for one, first in into:
            for other, second in out:
                if first + second < best.get((one, other), FAR):
                    best[one, other] = first + second
    return best


def _group_sailings(
    problem: Problem, minute: Callable[[datetime], int]
) -> dict[tuple[str, str], list[Passage]]:
    found: dict[tuple[str, str], list[Passage]] = {}
    for sailing in sorted(problem.sailings, key=lambda one: (one.departs_at, one.arrives_at)):
        departs = minute(sailing.departs_at)
        arrives = departs - (sailing.departs_at - sailing.arrives_at) // _MINUTE
        pair = sailing.origin, sailing.target
        found.setdefault(pair, []).append(Passage(0, 0, departs, arrives, 0, 0, sailing))
    return found


def _list_passages(
    origin: str,
    target: str,
    roads: dict[tuple[str, str], int],
    sailings: dict[tuple[str, str], list[Passage]],
    problem: Problem,
) -> tuple[Passage, ...]:
    """The sailings between the ports that are nearest, without those that another one beats."""
    longest = problem.rules.longest_road_minutes
    ways = [
        (roads[origin, port] + roads[landing, target], port, landing)
        for port, landing in sailings
        if roads.get((origin, port), FAR) <= longest and roads.get((landing, target), FAR) <= longest
    ]
    if not ways:
        return ()
    _, port, landing = min(ways)
    before, after = roads[origin, port], roads[landing, target]
    found = [
        replace(
            sailing,
            leave_by=sailing.departs - _check_in(sailing, problem) - before,
            there_at=sailing.arrives + after,
            road_before=before,
            road_after=after,
        )
        for sailing in sailings[port, landing]
    ]
    kept: list[Passage] = []
    # Whoever may leave later and is there no later has the better one.
    for passage in sorted(found, key=lambda one: (-one.leave_by, one.there_at)):
        if not kept or passage.there_at < kept[-1].there_at:
            kept.append(passage)
    return tuple(reversed(kept))


def _check_in(passage: Passage, problem: Problem) -> int:
    own = passage.sailing.check_in_minutes if passage.sailing else None
    return problem.rules.check_in_minutes if own is None else own
