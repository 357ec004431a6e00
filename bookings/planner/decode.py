"""From routes back to a plan: clock times, ways, lunches, and the parts of the score."""

from dataclasses import dataclass
from itertools import pairwise

from bookings.planner.build import Built
from bookings.planner.frames import local_date
from bookings.planner.insertion import Route
from bookings.planner.model import FAR, SCALE, Passage, Visit
from bookings.planner.plan import Plan, PlannedLeg, PlannedLunch, PlannedStop, Way
from bookings.planner.problem import Candidate, Firmness, FixedStop, Sailing
from bookings.planner.routes import Evaluator, Routes
from bookings.planner.timing import Label, Path, unroll
from bookings.planner.worth import Split, group_size, split_group, weigh_again, weigh_host


def decode_plan(built: Built, evaluator: Evaluator, routes: Routes) -> Plan:
    """The plan that these routes are; they have to be possible."""
    stops: list[PlannedStop] = []
    legs: list[PlannedLeg] = []
    lunches: list[PlannedLunch] = []
    idle = 0
    for track, (spent, path) in enumerate(evaluator.time_tracks(routes)):
        timed = _Track(built, track, spent, path)
        idle += timed.idle
        stops += timed.stops
        legs += timed.list_legs()
        lunches += timed.lunches
    parts = score_parts(built, routes, legs, idle)
    return Plan(
        frame=built.frame,
        stops=tuple(sorted(stops, key=lambda stop: (stop.starts_at, stop.group))),
        legs=tuple(sorted(legs, key=lambda leg: (leg.leaves_at, leg.group))),
        lunches=tuple(lunches),
        score=sum(parts.values()) / SCALE,
        parts={name: value / SCALE for name, value in parts.items() if value},
    )


def score_parts(built: Built, routes: Routes, legs: list[PlannedLeg], idle: int) -> dict[str, int]:
    """The parts of the score in sixtieths of a point."""
    model = built.model
    parts: dict[str, int] = {}
    counts = [0] * len(model.marginals)
    seen: set[int] = set()
    for visit in (model.visits[number] for route in routes for number in route):
        for name, points in visit_parts(built, visit, is_again=visit.host in seen).items():
            parts[name] = parts.get(name, 0) + points * SCALE
        if visit.host in seen:
            continue
        seen.add(visit.host)
        for group in visit.groups:
            marginals = model.marginals[group]
            name = built.groups[group][0]
            parts[name] = parts.get(name, 0) + marginals[min(counts[group], len(marginals) - 1)]
            counts[group] += 1
    parts["travel"] = -sum(leg.road_minutes for leg in legs) * model.travel_cost
    parts["crossings"] = -sum(leg.sailing is not None for leg in legs) * model.crossing_cost
    parts["waiting"] = -idle * model.idle_cost
    return parts


def visit_parts(built: Built, visit: Visit, *, is_again: bool = False) -> dict[str, int]:
    """The points of a visit that don't depend on the rest of the plan, by name."""
    source, problem = visit.source, built.problem
    weigh = weigh_again if is_again else weigh_host
    if isinstance(source, Candidate):
        return weigh(problem, source)
    if source.is_again:
        return {}
    offer = next((c for c in problem.candidates if c.key == source.candidate), None)
    parts = weigh(problem, offer) if offer else {}
    if source.firmness == Firmness.ASKED:
        parts["kept"] = problem.weights.keep_asked
    return parts


@dataclass(frozen=True)
class _Timed:
    """One stop in minutes, and the sailing or lunch on the way to it."""

    visit: Visit
    start: int
    passage: Passage | None
    lunch: tuple[int, int] | None  # when, where

    @property
    def end(self) -> int:
        return self.start + self.visit.length


class _Track:
    def __init__(self, built: Built, track: int, idle: int, path: Path) -> None:
        self.built, self.model, self.track, self.idle = built, built.model, track, idle
        self.lunches: list[PlannedLunch] = []
        self.days: list[tuple[int, list[_Timed]]] = []
        for day, label in path:
            self.days.append((day, self._time_day(day, label)))
        self.stops = [self._stop(timed) for _, today in self.days for timed in today]

    def _time_day(self, day: int, label: Label) -> list[_Timed]:
        steps = unroll(label)
        at, found = label[0], list[_Timed]()
        passage: Passage | None = None
        lunch: tuple[int, int] | None = None
        for what, earliest, _, minutes, about, has_eaten in steps:
            at = max(earliest, at + minutes)
            if what == "lunch" and isinstance(about, int):
                lunch = (at, about)
                self._add_lunch(day, at, about)
            elif isinstance(about, Passage):
                passage = about
                if has_eaten:
                    self._add_lunch_aboard(day, about)
            elif isinstance(about, int):
                found.append(_Timed(self.model.visits[about], at, passage, lunch))
                passage = lunch = None
        return found

    def _add_lunch(self, day: int, at: int, place: int) -> None:
        minutes = self.model.lunch_minutes
        instant = self.built.instant
        name = self.built.places[place]
        date = self.built.frame[day].day
        self.lunches.append(PlannedLunch(date, name, instant(at), instant(at + minutes), group=self.track))

    def _add_lunch_aboard(self, day: int, passage: Passage) -> None:
        instant, date = self.built.instant, self.built.frame[day].day
        windows = self.model.lunches[day]
        earliest = max(min(start for start, _ in windows), passage.departs)
        until = instant(earliest + self.model.lunch_minutes)
        self.lunches.append(PlannedLunch(date, "", instant(earliest), until, aboard=True, group=self.track))

    def _stop(self, timed: _Timed) -> PlannedStop:
        source = timed.visit.source
        fixed = source.key if isinstance(source, FixedStop) else ""
        offer = source.candidate if isinstance(source, FixedStop) else source.key
        split = Split() if fixed else split_group(source, group_size(self.built.problem))
        starts = self.built.instant(timed.start)
        return PlannedStop(
            candidate=offer,
            host=source.host,
            place=source.place,
            zone=source.zone,
            starts_at=starts,
            ends_at=self.built.instant(timed.end),
            day=local_date(starts, source.zone),
            group=self.track,
            parallel=split.parallel,
            rounds=split.rounds,
            fixed_key=fixed,
        )

    def list_legs(self) -> list[PlannedLeg]:
        """All ways of the track: from the arrival, between stops, over nights, to the departure."""
        legs = []
        flat = [(day, timed) for day, today in self.days for timed in today]
        start, end = self.model.starts[0], self.model.ends[0]
        if flat and start is not None:
            legs.append(self._way(start.place, flat[0][1].visit.place, start.at, flat[0][1].start))
        for (day, one), (next_day, other) in pairwise(flat):
            legs.append(self._over_night(one, other) if next_day > day else self._in_day(one, other))
        if flat and end is not None:
            legs.append(self._way(flat[-1][1].visit.place, end.place, flat[-1][1].end, None))
        return legs

    def _way(self, origin: int, target: int, at: int, start: int | None) -> PlannedLeg:
        """From the arrival just in time; to the departure at once."""
        road = self.model.network.road[origin][target]
        if road < FAR:
            leaves = at if start is None else max(at, start - road)
            return self._leg(origin, target, leaves, leaves + road)
        passage = self.model.network.find_passage(origin, target, at)
        assert passage is not None
        return self._leg(origin, target, passage.leave_by, passage.there_at, passage)

    def _in_day(self, one: _Timed, other: _Timed) -> PlannedLeg:
        origin, target = one.visit.place, other.visit.place
        if other.passage is not None:
            return self._leg(origin, target, other.passage.leave_by, other.passage.there_at, other.passage)
        eats_first = other.lunch is not None and other.lunch[1] == origin
        leaves = other.lunch[0] + self.model.lunch_minutes if eats_first and other.lunch else one.end
        return self._leg(origin, target, leaves, leaves + self.model.network.road[origin][target])

    def _over_night(self, one: _Timed, other: _Timed) -> PlannedLeg:
        """In the evening where the night's rest follows, else in the morning."""
        network, rest = self.model.network, self.model.rest
        origin, target = one.visit.place, other.visit.place
        road = network.road[origin][target]
        if road < FAR:
            leaves = one.end if one.end + road + rest <= other.start else other.start - road
            return self._leg(origin, target, leaves, leaves + road, over_night=True)
        passage = network.find_passage(origin, target, one.end)
        if passage is None or passage.there_at + rest > other.start:
            passage = network.find_passage(origin, target, one.end + rest)
        assert passage is not None
        return self._leg(origin, target, passage.leave_by, passage.there_at, passage, over_night=True)

    def _leg(
        self,
        origin: int,
        target: int,
        leaves: int,
        arrives: int,
        passage: Passage | None = None,
        *,
        over_night: bool = False,
    ) -> PlannedLeg:
        sailing = passage.sailing if passage else None
        assert sailing is None or isinstance(sailing, Sailing)
        return PlannedLeg(
            origin=self.built.places[origin],
            target=self.built.places[target],
            way=Way.FERRY if sailing else Way.ROAD,
            leaves_at=self.built.instant(leaves),
            arrives_at=self.built.instant(arrives),
            road_minutes=self.model.network.road_minutes(origin, target),
            sailing=sailing,
            group=self.track,
            over_night=over_night,
        )


def encode_plan(built: Built, plan: Plan) -> Routes:
    """The routes of a plan in a model of its own days, without stops that the model doesn't know."""
    days = {entry.day: number for number, entry in enumerate(built.frame)}
    numbers = {_name_visit(visit): number for number, visit in enumerate(built.model.visits)}
    routes: list[Route] = [()] * (built.model.tracks * built.model.days)
    for stop in plan.stops:
        name = stop.fixed_key, "" if stop.fixed_key else stop.candidate
        number = numbers.get((*name, stop.group), numbers.get((*name, -1)))
        if number is not None and stop.day in days:
            slot = stop.group * built.model.days + days[stop.day]
            routes[slot] = (*routes[slot], number)
    return tuple(routes)


def _name_visit(visit: Visit) -> tuple[str, str, int]:
    source = visit.source
    return (source.key, "", visit.track) if isinstance(source, FixedStop) else ("", source.key, visit.track)
