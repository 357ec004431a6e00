"""Why something can't be: the smallest set of demands and rules that don't go together, and what to drop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations

from bookings.domain.time import Interval
from bookings.planner.build import Built, build_model, index_openings
from bookings.planner.frames import list_frames
from bookings.planner.insertion import Route
from bookings.planner.problem import Candidate, DateWindow, Firmness, FixedStop, Params, Problem, Reason
from bookings.planner.routes import Evaluator

_PATIENCE = 3000
_MOST_FRAMES = 8
_MOST_DROPPED = 3
_USUAL_CROSSING = 240
"""Minutes between Umeå and Vaasa, as most sources have it."""


@dataclass(frozen=True)
class Demand:
    """Something that has to be in: a host, or a slot that stands."""

    kind: str  # "host", "slot"
    key: str


@dataclass(frozen=True)
class Conflict:
    """Demands and rules of which none can be left out of the conflict.

    `drop` lists ways out: demands without which all the others fit, the fewest there are.
    """

    demands: tuple[Demand, ...]
    rules: tuple[Reason, ...]
    drop: tuple[tuple[Demand, ...], ...]


def find_conflict(problem: Problem) -> Conflict | None:
    """The smallest conflict among what has to be in; None where everything fits."""
    demands = list_demands(problem)
    relaxations = list_relaxations(problem)
    if is_feasible(problem, demands):
        return None
    kept = list(demands)
    for demand in demands:
        without = [other for other in kept if other != demand]
        if not is_feasible(problem, without):
            kept = without
    held, relaxed = [], problem
    for reason, relax in relaxations:
        looser = relax(relaxed)
        if is_feasible(looser, kept):
            held.append(reason)
        else:
            relaxed = looser
    return Conflict(tuple(kept), tuple(held), _list_drops(problem, demands, kept))


def list_demands(problem: Problem) -> list[Demand]:
    """Hosts that must be in, and slots that neither move nor go."""
    hosts = [Demand("host", host) for host in dict.fromkeys(problem.must)]
    return hosts + [Demand("slot", stop.key) for stop in problem.fixed if stop.firmness != Firmness.ASKED]


def is_feasible(problem: Problem, demands: list[Demand]) -> bool:
    """Is there a way to have these demands, and nothing else, under all rules? Looked for order by order."""
    hosts = {demand.key for demand in demands if demand.kind == "host"}
    slots = {demand.key for demand in demands if demand.kind == "slot"}
    # An asked slot is one way to have its host; that it may also move is the offers' part.
    asked = {stop.key for stop in problem.fixed if stop.firmness == Firmness.ASKED and stop.host in hosts}
    fixed = tuple(stop for stop in problem.fixed if stop.key in slots | asked)
    offers = tuple(candidate for candidate in problem.candidates if candidate.host in hosts)
    if not demands:
        return True
    narrow = replace(
        problem, candidates=offers, fixed=fixed, must=tuple(sorted(hosts)), zones=_all_zones(problem)
    )
    openings = index_openings(narrow)
    if not hosts <= {c.host for c in offers if c.key in openings} | {stop.host for stop in fixed}:
        return False
    frames = list_frames(narrow, openings.values(), most=_MOST_FRAMES)
    return any(_can_visit_all(build_model(narrow, frame, openings), hosts) for frame in frames)


def _all_zones(problem: Problem) -> dict[str, str]:
    return {**problem.zones, **{candidate.place: candidate.zone for candidate in problem.candidates}}


def _can_visit_all(built: Built, hosts: set[str]) -> bool:
    model = built.model
    firm = {stop.key for stop in built.problem.fixed if stop.firmness != Firmness.ASKED}
    held = {v.source.key for v in model.visits if isinstance(v.source, FixedStop) and any(v.windows)}
    if not firm <= held or not hosts <= {visit.source.host for visit in model.visits if any(visit.windows)}:
        return False
    return _Exhaustion(built).succeeds


class _Exhaustion:
    """Tries every order in which all hosts could be visited, the tracks one after the other."""

    def __init__(self, built: Built) -> None:
        self.model = built.model
        self.evaluator = Evaluator(built.model)
        self.patience = _PATIENCE
        self.hosts = frozenset(visit.host for visit in self.model.visits)
        self.succeeds = self._go_on([], frozenset())

    def _go_on(self, routes: list[Route], seen: frozenset[int]) -> bool:
        """From the beginning of a day of a track."""
        track, day = divmod(len(routes), self.model.days)
        if day == 0 and routes and not self._is_possible(routes[-self.model.days :]):
            return False
        if track == self.model.tracks:
            return seen == self.hosts
        return self._extend(routes, (), seen)

    def _extend(self, routes: list[Route], route: Route, seen: frozenset[int]) -> bool:
        self.patience -= 1
        if self.patience < 0:
            return False
        track, day = divmod(len(routes), self.model.days)
        earlier = routes[track * self.model.days :]
        if len(route) < self.model.most_stops[day]:
            for number, visit in enumerate(self.model.visits):
                if visit.windows[day] and visit.host not in seen and visit.track in (-1, track):
                    longer = (*route, number)
                    if self.evaluator.clock.time_track([*earlier, longer], is_open=True) and self._extend(
                        routes, longer, seen | {visit.host}
                    ):
                        return True
        return self._go_on([*routes, route], seen)

    def _is_possible(self, days: list[Route]) -> bool:
        return self.evaluator.track_cost(tuple(days)) is not None


def _list_drops(
    problem: Problem, demands: list[Demand], conflict: list[Demand]
) -> tuple[tuple[Demand, ...], ...]:
    for count in range(1, _MOST_DROPPED + 1):
        # One of a conflict has to go in any case; what else has to may lie elsewhere.
        found = [
            gone
            for gone in combinations(demands, count)
            if set(gone) & set(conflict) and is_feasible(problem, [d for d in demands if d not in gone])
        ]
        if found:
            return tuple(found)
    return ()


# --- the rules, each with what the world would be without it


Relaxation = Callable[[Problem], Problem]


def list_relaxations(problem: Problem) -> list[tuple[Reason, Relaxation]]:
    """Every rule that can be part of a conflict, with its values, and the problem without it."""
    rules, delegation = problem.rules, problem.delegation
    found: list[tuple[Reason, Relaxation]] = [
        (Reason("pause", {"minutes": rules.pause_minutes}), _set_rule(pause_minutes=0)),
        (Reason("lunch", {"minutes": rules.lunch_minutes}), _set_rule(lunch_minutes=0)),
        (Reason("night_rest", {"minutes": rules.night_rest_minutes}), _set_rule(night_rest_minutes=0)),
        (Reason("most_stops", {"most": rules.most_stops_a_day}), _set_rule(most_stops_a_day=99)),
        (Reason("sailings", {"count": len(problem.sailings)}), _sail_at_any_time),
        (Reason("travel"), _without_travel),
        (Reason("working_hours"), _set_hours),
        (Reason("dates", _describe_dates(problem)), _use_all_days),
    ]
    if delegation.arrival is not None:
        values: Params = {"place": delegation.arrival.place, "at": delegation.arrival.at}
        found.insert(0, (Reason("arrival", values), _set_delegation(arrival=None)))
    if delegation.departure is not None:
        values = {"place": delegation.departure.place, "at": delegation.departure.at}
        found.insert(0, (Reason("departure", values), _set_delegation(departure=None)))
    for host in problem.must:
        found.append((Reason("open_times", {"host": host}), _open_always(host)))
        found.append((Reason("host_rules", {"host": host}), _lift_refusals(host)))
    return found


def _describe_dates(problem: Problem) -> Mapping[str, object]:
    windows = problem.delegation.windows
    return {
        "earliest": min((window.earliest for window in windows), default=None),
        "latest": max((window.latest for window in windows), default=None),
        "half_days": max((window.half_days for window in windows), default=0),
    }


def _set_rule(**values: int) -> Relaxation:
    return lambda problem: replace(problem, rules=replace(problem.rules, **values))  # type: ignore[arg-type]


def _set_delegation(**values: None) -> Relaxation:
    return lambda problem: replace(problem, delegation=replace(problem.delegation, **values))  # type: ignore[arg-type]


def _set_hours(problem: Problem) -> Problem:
    whole = replace(problem.rules.hours, opens=time(0), closes=time(23, 59))
    hours = dict.fromkeys(problem.rules.hours_of_places, whole)
    return replace(problem, rules=replace(problem.rules, hours=whole, hours_of_places=hours))


def _sail_at_any_time(problem: Problem) -> Problem:
    """The crossing as a road of the same length."""
    crossings = _list_crossings(problem)
    roads = dict(problem.roads)
    for pair, minutes in crossings:
        roads[pair] = min(minutes, roads.get(pair, minutes))
    longest = max([problem.rules.longest_road_minutes, *(minutes for _pair, minutes in crossings)])
    return replace(problem, roads=roads, rules=replace(problem.rules, longest_road_minutes=longest))


def _list_crossings(problem: Problem) -> list[tuple[tuple[str, str], int]]:
    """By the timetable; where it is empty, as if a ship of the usual length went between all zones."""
    if problem.sailings:
        return [
            ((s.origin, s.target), (s.arrives_at - s.departs_at) // timedelta(minutes=1))
            for s in problem.sailings
        ]
    zones = _all_zones(problem)
    return [((one, other), _USUAL_CROSSING) for one in zones for other in zones if zones[one] != zones[other]]


def _without_travel(problem: Problem) -> Problem:
    places = {candidate.place for candidate in problem.candidates} | {stop.place for stop in problem.fixed}
    points = (problem.delegation.arrival, problem.delegation.departure)
    places |= {point.place for point in points if point}
    roads = {(one, other): 0 for one in places for other in places}
    return replace(problem, roads=roads, rules=replace(problem.rules, within_place_minutes=0))


def _use_all_days(problem: Problem) -> Problem:
    """All days of the windows in one."""
    windows = problem.delegation.windows
    if not windows:
        return problem
    earliest, latest = min(w.earliest for w in windows), max(w.latest for w in windows)
    whole = DateWindow(earliest, latest, 2 * ((latest - earliest).days + 1))
    return replace(problem, delegation=replace(problem.delegation, windows=(whole,)))


def _open_always(host: str) -> Relaxation:
    def relax(problem: Problem) -> Problem:
        windows = problem.delegation.windows
        if not windows:
            return problem
        first = datetime.combine(min(window.earliest for window in windows), time(), UTC)
        last = datetime.combine(max(window.latest for window in windows), time(), UTC)
        whole = (Interval(first - timedelta(days=1), last + timedelta(days=2)),)
        return _change_host(problem, host, lambda candidate: replace(candidate, open_times=whole))

    return relax


def _lift_refusals(host: str) -> Relaxation:
    def lift(candidate: Candidate) -> Candidate:
        return replace(
            candidate, is_excluded=False, refuses=frozenset(), languages=(), group_min=None, group_max=None
        )

    return lambda problem: _change_host(problem, host, lift)


def _change_host(problem: Problem, host: str, change: Callable[[Candidate], Candidate]) -> Problem:
    candidates = tuple(change(c) if c.host == host else c for c in problem.candidates)
    return replace(problem, candidates=candidates)
