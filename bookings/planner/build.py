"""From a problem and the days of a frame to whole numbers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from bookings.domain.time import Interval
from bookings.planner.frames import Frame, FrameDay, Half, local_date, open_by_day
from bookings.planner.model import SCALE, Anchor, Model, Visit, Window
from bookings.planner.network import build_network
from bookings.planner.problem import Candidate, Firmness, FixedStop, Problem, WorkingHours
from bookings.planner.turns import count_turns, cut_windows
from bookings.planner.worth import (
    find_refusal,
    group_size,
    list_marginals,
    name_groups,
    split_group,
    weigh_again,
    weigh_host,
)

_MINUTE = timedelta(minutes=1)
_GRIDS = (15, 5)
Openings = dict[str, dict[date, list[Interval]]]  # by candidate and day


@dataclass(frozen=True)
class Built:
    """A model with what its numbers stand for."""

    model: Model
    problem: Problem
    frame: Frame
    epoch: datetime
    places: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    hosts: dict[str, int]

    def instant(self, minute: int) -> datetime:
        """The UTC instant of a minute."""
        return self.epoch + minute * _MINUTE

    def minute(self, instant: datetime) -> int:
        """The minute of an instant."""
        return (instant - self.epoch) // _MINUTE


def index_openings(problem: Problem) -> Openings:
    """The open times by day of every candidate that no lasting rule keeps out."""
    return {c.key: open_by_day(c) for c in problem.candidates if find_refusal(problem, c) is None}


def index_openings_of(problem: Problem, hosts: Iterable[str]) -> Openings:
    """The same as if these hosts were wished for: who has a slot may move it, also where it shares no
    interest with the delegation."""
    wanted = (*problem.delegation.wanted_hosts, *hosts)
    return index_openings(replace(problem, delegation=replace(problem.delegation, wanted_hosts=wanted)))


def build_model(problem: Problem, frame: Frame, openings: Openings | None = None) -> Built:
    """The model of a problem on these days, of all candidates that no lasting rule keeps out."""
    openings = index_openings(problem) if openings is None else openings
    candidates = [candidate for candidate in problem.candidates if candidate.key in openings]
    builder = _Builder(problem, frame, openings)
    visits, hosts = builder.list_visits(candidates)
    rules, weights = problem.rules, problem.weights
    delegation = problem.delegation
    days = len(frame)
    firm_hosts = {stop.host for stop in problem.fixed if stop.firmness != Firmness.ASKED}
    # A host that nothing can be made of gets a number too: without it no plan is one.
    required = {hosts.setdefault(name, len(hosts)) for name in problem.must if name not in firm_hosts}
    required |= {
        v.host for v in visits if isinstance(v.source, FixedStop) and v.source.firmness != Firmness.ASKED
    }
    model = Model(
        visits=visits,
        network=builder.network,
        days=days,
        tracks=max(1, delegation.groups),
        starts=(builder.anchor(delegation.arrival),) * days,
        ends=(builder.anchor(delegation.departure),) * days,
        required=frozenset(required),
        rotating={hosts[name]: most for name, most in builder.turns.items() if name in hosts},
        turn_pause=rules.host_buffer_minutes,
        marginals=tuple(
            tuple(points * SCALE for points in list_marginals(weights, part)) for part, _ in builder.groups
        ),
        pause=rules.pause_minutes,
        grid=builder.grid,
        rest=rules.night_rest_minutes,
        lunch_minutes=rules.lunch_minutes,
        lunches=tuple(builder.list_lunches(entry.day) for entry in frame),
        most_stops=tuple(builder.most_stops(entry.day) for entry in frame),
        travel_cost=weights.travel_hour,
        crossing_cost=weights.crossing * SCALE,
        idle_cost=weights.waiting_hour,
    )
    return Built(model, problem, frame, builder.epoch, builder.places, tuple(builder.groups), hosts)


class _Builder:
    def __init__(self, problem: Problem, frame: Frame, openings: Openings) -> None:
        self.problem, self.frame, self.openings = problem, frame, openings
        first = min(entry.day for entry in frame)
        self.epoch = datetime.combine(first, time(), UTC) - timedelta(days=3)
        self.zones = {**problem.zones, **{c.place: c.zone for c in problem.candidates}}
        self.zones |= {stop.place: stop.zone for stop in problem.fixed}
        self.places = tuple(self._list_places())
        self.index = {place: number for number, place in enumerate(self.places)}
        self.groups: dict[tuple[str, str], int] = {}
        self.turns = count_turns(problem)
        self.grid = self._choose_grid()
        self.network = build_network(self._cut_sailings(), self.places, self.minute)

    def _cut_sailings(self) -> Problem:
        """Only the sailings of these days matter."""
        starts, ends = (
            self.epoch,
            self.epoch + timedelta(days=6 + (self.frame[-1].day - self.frame[0].day).days),
        )
        delegation = self.problem.delegation
        for point in (delegation.arrival, delegation.departure):
            starts, ends = (min(starts, point.at), max(ends, point.at)) if point else (starts, ends)
        sailings = tuple(s for s in self.problem.sailings if starts <= s.departs_at <= ends)
        return replace(self.problem, sailings=sailings)

    def minute(self, instant: datetime) -> int:
        return (instant - self.epoch) // _MINUTE

    def anchor(self, waypoint: object) -> Anchor | None:
        if waypoint is None:
            return None
        return Anchor(self.index[waypoint.place], self.minute(waypoint.at))  # type: ignore[attr-defined]

    def most_stops(self, day: date) -> int:
        """Fixed stops stay, also where they are more than a day of a group should have."""
        groups = [
            stop.group
            for stop in split_over_groups(self.problem)
            if local_date(stop.interval.start, stop.zone) == day
        ]
        return max(self.problem.rules.most_stops_a_day, *Counter(groups).values(), 0)

    def list_lunches(self, day: date) -> tuple[Window, ...]:
        rules = self.problem.rules
        found = []
        for place in self.places:
            zone = self.zones.get(place, "UTC")
            starts = self.minute(_clock(day, rules.lunch_from, zone))
            ends = self.minute(_clock(day, rules.lunch_until, zone))
            found.append((-(-starts // self.grid) * self.grid, ends - rules.lunch_minutes))
        return tuple(found)

    def list_visits(self, candidates: list[Candidate]) -> tuple[tuple[Visit, ...], dict[str, int]]:
        """Fixed stops first. A firm one leaves its host no other visit; an asked one may also move."""
        hosts: dict[str, int] = {}
        visits: list[Visit] = []
        offers = {candidate.key: candidate for candidate in self.problem.candidates}
        firm: dict[str, list[FixedStop]] = {}
        for stop in split_over_groups(self.problem):
            is_asked = stop.firmness == Firmness.ASKED
            name = stop.host if is_asked else f"{stop.host}\n{stop.key}\n{stop.group}"
            if not is_asked:
                firm.setdefault(stop.host, []).append(stop)
            visits.append(self._fix(stop, offers.get(stop.candidate), hosts.setdefault(name, len(hosts))))
        for candidate in sorted(candidates, key=lambda candidate: candidate.key):
            if candidate.host not in firm:
                visit = self._offer(candidate, hosts.setdefault(candidate.host, len(hosts)))
                visits += [visit] if any(visit.windows) else []
            elif candidate.host in self.turns and candidate.host not in self.problem.must:
                visit = self._offer(candidate, hosts.setdefault(candidate.host, len(hosts)))
                visits += self._leave_turns(visit, firm[candidate.host])
        return tuple(visits), hosts

    def _leave_turns(self, visit: Visit, stops: list[FixedStop]) -> Iterable[Visit]:
        """The host's times for the groups that have none of these stops."""
        pause = self.problem.rules.host_buffer_minutes
        busy = [(self.minute(s.interval.start) - pause, self.minute(s.interval.end) + pause) for s in stops]
        windows = cut_windows(visit.windows, busy, length=visit.length, grid=self.grid)
        had = {stop.group for stop in stops}
        for track in range(self.problem.delegation.groups):
            if track not in had and any(windows):
                yield replace(visit, windows=windows, track=track, gain=visit.gain_again, groups=())

    def _fix(self, stop: FixedStop, offer: Candidate | None, host: int) -> Visit:
        start = self.minute(stop.interval.start)
        day = local_date(stop.interval.start, stop.zone)
        price = self.problem.weights.keep_asked if stop.firmness == Firmness.ASKED else 0
        counts = offer is not None and not stop.is_again
        points = sum(weigh_host(self.problem, offer).values()) if offer and counts else 0
        again = sum(weigh_again(self.problem, offer).values()) if offer and counts else 0
        topics, kind = (offer.topics, offer.kind) if offer else (stop.topics, stop.kind)
        return Visit(
            host=host,
            place=self.index[stop.place],
            length=stop.interval.minutes,
            windows=tuple(((start, start),) if entry.day == day else () for entry in self.frame),
            gain=(points + price) * SCALE,
            gain_again=(again + price) * SCALE,
            groups=() if stop.is_again else self._number_groups(topics, kind, stop.place),
            track=stop.group or 0,
            source=stop,
        )

    def _offer(self, candidate: Candidate, host: int) -> Visit:
        split = split_group(candidate, group_size(self.problem))
        openings = self.openings[candidate.key]
        length = candidate.minutes * split.rounds
        return Visit(
            host=host,
            place=self.index[candidate.place],
            length=length,
            windows=tuple(
                tuple(self._list_windows(candidate, length, entry, openings.get(entry.day, [])))
                for entry in self.frame
            ),
            gain=sum(weigh_host(self.problem, candidate).values()) * SCALE,
            gain_again=sum(weigh_again(self.problem, candidate).values()) * SCALE,
            groups=self._number_groups(candidate.topics, candidate.kind, candidate.place),
            source=candidate,
        )

    def _number_groups(self, topics: tuple[str, ...], kind: str, place: str) -> tuple[int, ...]:
        named = name_groups(self.problem, topics, kind, place)
        return tuple(self.groups.setdefault(name, len(self.groups)) for name in named)

    def _list_windows(
        self, candidate: Candidate, length: int, entry: FrameDay, openings: list[Interval]
    ) -> Iterable[Window]:
        opens, closes = working_hours(self.problem, candidate.place, candidate.zone, entry)
        for interval in openings:
            starts, ends = max(interval.start, opens), min(interval.end, closes)
            if starts >= ends:
                continue
            for piece_start, piece_end in split_at_gaps(starts, ends, candidate.zone):
                first = -(-self.minute(piece_start + _MINUTE - timedelta.resolution) // self.grid) * self.grid
                last = (self.minute(piece_end) - length) // self.grid * self.grid
                if first <= last:
                    yield first, last

    def _choose_grid(self) -> int:
        """Coarse, as people like their times; finer where a stop that stands asks for it."""
        instants = [at for stop in self.problem.fixed for at in (stop.interval.start, stop.interval.end)]
        minutes = [self.minute(at) for at in instants]
        for grid in dict.fromkeys((self.problem.rules.grid_minutes, *_GRIDS)):
            if all(minute % grid == 0 for minute in minutes):
                return grid
        return 1

    def _list_places(self) -> list[str]:
        delegation = self.problem.delegation
        anchors = [point.place for point in (delegation.arrival, delegation.departure) if point]
        return sorted(
            {c.place for c in self.problem.candidates} | {s.place for s in self.problem.fixed} | set(anchors)
        )


def split_over_groups(problem: Problem) -> list[FixedStop]:
    """The fixed stops with one for each group where all of them are there together; these stay in any case,
    because no group moves them for the others. What they bring counts once."""
    tracks = max(1, problem.delegation.groups)
    found: list[FixedStop] = []
    for stop in problem.fixed:
        if stop.group is not None:
            found.append(stop)
        elif tracks == 1:
            found.append(replace(stop, group=0))
        else:
            pinned = replace(stop, firmness=Firmness.PINNED)
            found += [replace(pinned, group=track, is_again=track > 0) for track in range(tracks)]
    return found


def working_hours(problem: Problem, place: str, zone: str, entry: FrameDay) -> tuple[datetime, datetime]:
    """Between which instants of a day stops of a place lie."""
    hours: WorkingHours = problem.rules.hours_of_places.get(place, problem.rules.hours)
    midday = problem.rules.midday
    opens = max(hours.opens, midday) if entry.half is Half.AFTERNOON else hours.opens
    closes = min(hours.closes, midday) if entry.half is Half.MORNING else hours.closes
    return _clock(entry.day, opens, zone), _clock(entry.day, closes, zone)


def split_at_gaps(starts: datetime, ends: datetime, zone: str) -> list[tuple[datetime, datetime]]:
    """Cuts a stretch where the clocks jump forward: no stop reaches over an hour that isn't there."""
    place = ZoneInfo(zone)
    if starts.astimezone(place).utcoffset() == ends.astimezone(place).utcoffset():
        return [(starts, ends)]
    before, after = starts, ends
    while after - before > _MINUTE:
        middle = before + (after - before) / 2
        same = middle.astimezone(place).utcoffset() == starts.astimezone(place).utcoffset()
        before, after = (middle, after) if same else (before, middle)
    jump = after.replace(second=0, microsecond=0)
    jumped = (ends.astimezone(place).utcoffset() or timedelta()) - (
        starts.astimezone(place).utcoffset() or timedelta()
    )
    if jumped < timedelta() or not starts < jump < ends:
        return [(starts, ends)]
    return [(starts, jump), (jump, ends)]


@cache
def _clock(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)
