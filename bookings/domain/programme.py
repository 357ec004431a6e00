"""The programme of a visit: its stops in order, the days at the places, and what staff should look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import combinations, groupby, pairwise

from bookings.domain.advice import HolidayMap, Params, find_day_concerns
from bookings.domain.groups import list_tracks, meets
from bookings.domain.requests import WishedDays
from bookings.domain.time import Interval, local_day, to_local
from bookings.domain.travel import TravelMode, TravelTable, TravelTime

_FLEXIBLE_DAYS = 7


@dataclass(frozen=True)
class PlannedStop:
    """One stop of a visit. `place` is a town's slug, `key` whatever the caller finds it again by."""

    key: str
    place: str
    country: str
    time_zone: str
    interval: Interval
    serves_meal: bool = False
    group: int | None = None


@dataclass(frozen=True)
class ProgrammeDay:
    """The stops of one day at the places, in order."""

    day: date
    stops: tuple[PlannedStop, ...]


@dataclass(frozen=True)
class ProgrammeLeg:
    """The way from one stop to the next. `travel` is None where no travel time is known."""

    origin: PlannedStop
    target: PlannedStop
    travel: TravelTime | None
    available_minutes: int
    clock_shift_minutes: int

    @property
    def is_too_short(self) -> bool:
        """Is there less time between the stops than the way takes?"""
        return self.travel is not None and self.available_minutes < self.travel.minutes


@dataclass(frozen=True)
class ProgrammeWarning:
    """Something staff should look at: a code, the stops it touches, and values for the sentence."""

    code: str
    stop_keys: tuple[str, ...]
    params: Params = field(default_factory=dict)


@dataclass(frozen=True)
class HostClash:
    """Another visit has the host of a stop at the same time, or (not hard) would like to."""

    stop_key: str
    reference: str
    is_hard: bool


@dataclass(frozen=True)
class StopGroup:
    """How many people come to a stop, and from how many to how many are received there, if that is known."""

    stop_key: str
    people: int
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class ProgrammeRules:
    """Hours at the place, the lunch window, and the holidays of each country.

    A town in `closed` has days of its own: these hold there instead of those of its country.
    """

    holidays: HolidayMap = field(default_factory=dict)
    closed: HolidayMap = field(default_factory=dict)
    opens_at: time = time(8)
    closes_at: time = time(16, 30)
    lunch_from: time = time(11)
    lunch_until: time = time(14)
    lunch_minutes: int = 45
    own_hours: Mapping[str, tuple[time, time]] = field(default_factory=dict)
    july_is_quiet: bool = True


def list_clash_warnings(clashes: Sequence[HostClash]) -> tuple[ProgrammeWarning, ...]:
    """What staff should know before they ask a host whom other visits want, too."""
    return tuple(
        ProgrammeWarning("host_taken", (clash.stop_key,), {"reference": clash.reference})
        if clash.is_hard
        else ProgrammeWarning("host_wanted", (clash.stop_key,), {"reference": clash.reference})
        for clash in clashes
    )


def list_wish_warnings(
    stops: Sequence[PlannedStop], wished: Sequence[WishedDays]
) -> tuple[ProgrammeWarning, ...]:
    """Stops on days that the visitor did not name; who is flexible comes a week earlier or later, too."""
    return tuple(
        ProgrammeWarning("outside_wishes", (stop.key,), {"day": stop_day(stop)})
        for stop in order_stops(stops)
        if wished and not any(_takes(days, stop_day(stop)) for days in wished)
    )


def _takes(days: WishedDays, day: date) -> bool:
    around = timedelta(days=_FLEXIBLE_DAYS) if days.is_flexible else timedelta()
    return days.earliest - around <= day <= days.latest + around


def list_group_warnings(groups: Sequence[StopGroup]) -> tuple[ProgrammeWarning, ...]:
    """Stops where more or fewer people come than are received."""
    found = []
    for one in groups:
        people: Params = {"people": one.people}
        if one.most and one.people > one.most:
            found.append(
                ProgrammeWarning("group_too_large", (one.stop_key,), {**people, "group_max": one.most})
            )
        elif one.least and one.people < one.least:
            found.append(
                ProgrammeWarning("group_too_small", (one.stop_key,), {**people, "group_min": one.least})
            )
    return tuple(found)


def order_stops(stops: Sequence[PlannedStop]) -> tuple[PlannedStop, ...]:
    """The stops as the group meets them: by instant, never by the clocks on the walls."""
    return tuple(sorted(stops, key=lambda stop: (stop.interval, stop.key)))


def group_by_day(stops: Sequence[PlannedStop]) -> tuple[ProgrammeDay, ...]:
    """The programme day by day, by the local date of each stop."""
    # Two zones can put neighbours across midnight out of date order: sort by the day first.
    ordered = sorted(order_stops(stops), key=stop_day)
    return tuple(ProgrammeDay(day, tuple(group)) for day, group in groupby(ordered, key=stop_day))


def stop_day(stop: PlannedStop) -> date:
    """The calendar day of the stop at its own place."""
    return local_day(stop.interval.start, stop.time_zone)


def build_legs(stops: Sequence[PlannedStop], table: TravelTable) -> tuple[ProgrammeLeg, ...]:
    """The ways between consecutive stops of each group; the change of the clocks is told, the minutes are
    real ones. Groups that go the same way between the same stops share it."""
    ordered = order_stops(stops)
    tracks = list_tracks({stop.group for stop in ordered})
    pairs = (pair for track in tracks for pair in pairwise(_take_track(ordered, track)))
    return tuple(_build_leg(origin, target, table) for origin, target in dict.fromkeys(pairs))


def _take_track(stops: Sequence[PlannedStop], track: int | None) -> list[PlannedStop]:
    return [stop for stop in stops if meets(stop.group, track)]


def list_warnings(
    stops: Sequence[PlannedStop], table: TravelTable, rules: ProgrammeRules
) -> tuple[ProgrammeWarning, ...]:
    """All there is to look at in a set of stops: between them first, then stop by stop, then the days."""
    ordered = order_stops(stops)
    between = [*_find_overlaps(ordered), *_find_short_travel(build_legs(ordered, table))]
    single = [warning for stop in ordered for warning in _find_stop_concerns(stop, rules)]
    return (*between, *single, *_list_missed_lunches(ordered, table, rules))


def _list_missed_lunches(
    ordered: Sequence[PlannedStop], table: TravelTable, rules: ProgrammeRules
) -> list[ProgrammeWarning]:
    """Each group eats; a day is told once, with the stops of those who go hungry."""
    found: dict[date, ProgrammeWarning] = {}
    for track in list_tracks({stop.group for stop in ordered}):
        for day in group_by_day(_take_track(ordered, track)):
            for missed in _find_missing_lunch(day, table, rules):
                known = found.get(day.day)
                keys = dict.fromkeys((*(known.stop_keys if known else ()), *missed.stop_keys))
                found[day.day] = replace(missed, stop_keys=tuple(keys))
    return [found[day] for day in sorted(found)]


def _build_leg(origin: PlannedStop, target: PlannedStop, table: TravelTable) -> ProgrammeLeg:
    return ProgrammeLeg(
        origin,
        target,
        table.find_travel(origin.place, target.place),
        origin.interval.gap_to(target.interval) // timedelta(minutes=1),
        _clock_shift(origin, target),
    )


def _clock_shift(origin: PlannedStop, target: PlannedStop) -> int:
    there = to_local(target.interval.start, target.time_zone).utcoffset() or timedelta()
    here = to_local(target.interval.start, origin.time_zone).utcoffset() or timedelta()
    return (there - here) // timedelta(minutes=1)


def _find_overlaps(ordered: Sequence[PlannedStop]) -> list[ProgrammeWarning]:
    return [
        ProgrammeWarning("overlap", (first.key, second.key), {"minutes": _shared_minutes(first, second)})
        for first, second in combinations(ordered, 2)
        if meets(first.group, second.group) and first.interval.overlaps(second.interval)
    ]


def _shared_minutes(first: PlannedStop, second: PlannedStop) -> int:
    starts = max(first.interval.start, second.interval.start)
    return (min(first.interval.end, second.interval.end) - starts) // timedelta(minutes=1)


def _find_short_travel(legs: Sequence[ProgrammeLeg]) -> list[ProgrammeWarning]:
    found = []
    for leg in legs:
        places: Params = {"from_place": leg.origin.place, "to_place": leg.target.place}
        keys = (leg.origin.key, leg.target.key)
        if leg.travel is None:
            found.append(ProgrammeWarning("travel_unknown", keys, places))
        elif leg.is_too_short and leg.travel.mode is not TravelMode.NONE:
            found.append(ProgrammeWarning("travel_too_short", keys, {**places, **_travel_params(leg)}))
    return found


def _travel_params(leg: ProgrammeLeg) -> Params:
    assert leg.travel is not None
    return {
        "needed_minutes": leg.travel.minutes,
        "available_minutes": max(leg.available_minutes, 0),
        "mode": leg.travel.mode.value,
        "via": leg.travel.via,
    }


def _find_stop_concerns(stop: PlannedStop, rules: ProgrammeRules) -> list[ProgrammeWarning]:
    place: Params = {"place": stop.place}
    day = stop_day(stop)
    free = rules.closed.get(stop.place) or rules.holidays.get(stop.country, {})
    concerns = find_day_concerns(day, {stop.country: free}, july_is_quiet=rules.july_is_quiet)
    found = [ProgrammeWarning(code, (stop.key,), {**params, **place}) for code, params in concerns]
    opens, closes = rules.own_hours.get(stop.key, (rules.opens_at, rules.closes_at))
    starts = to_local(stop.interval.start, stop.time_zone)
    ends = to_local(stop.interval.end, stop.time_zone)
    if starts.time() < opens or ends.time() > closes or ends.date() != starts.date():
        hours: Params = {"starts": starts, "ends": ends, "opens_at": opens, "closes_at": closes}
        found.append(ProgrammeWarning("outside_hours", (stop.key,), {**hours, **place}))
    return found


def _find_missing_lunch(
    day: ProgrammeDay, table: TravelTable, rules: ProgrammeRules
) -> list[ProgrammeWarning]:
    first, last = day.stops[0], max(day.stops, key=lambda stop: stop.interval.end)
    window = _lunch_window(day, rules)
    # A day that begins after the morning or ends before the afternoon leaves lunch to the group.
    spans_lunch = first.interval.start < window.start and last.interval.end > window.end
    eats_on_the_way = any(stop.serves_meal and stop.interval.overlaps(window) for stop in day.stops)
    needed = timedelta(minutes=rules.lunch_minutes)
    if not spans_lunch or eats_on_the_way or _longest_break(day, window, table) >= needed:
        return []
    keys = tuple(stop.key for stop in day.stops)
    return [ProgrammeWarning("no_lunch", keys, {"day": day.day, "minutes": rules.lunch_minutes})]


def _lunch_window(day: ProgrammeDay, rules: ProgrammeRules) -> Interval:
    """Noon comes at the clock of the first stop and passes at that of the last one."""
    first, last = day.stops[0], day.stops[-1]
    starts = _at(first.interval.start, rules.lunch_from, first.time_zone)
    ends = _at(first.interval.start, rules.lunch_until, last.time_zone)
    return Interval(starts, max(ends, starts + timedelta(minutes=rules.lunch_minutes)))


def _at(instant: datetime, clock: time, zone: str) -> datetime:
    return to_local(instant, zone).replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


def _longest_break(day: ProgrammeDay, window: Interval, table: TravelTable) -> timedelta:
    """The longest time inside the window that is neither visit nor road; a ferry has a restaurant."""
    longest = timedelta()
    free_from, place = window.start, day.stops[0].place
    for stop in day.stops:
        way = table.find_travel(place, stop.place)
        road = way.minutes if way is not None and way.mode is TravelMode.ROAD else 0
        free = min(stop.interval.start, window.end) - max(free_from, window.start)
        longest = max(longest, free - timedelta(minutes=road))
        if stop.interval.end >= free_from:
            free_from, place = stop.interval.end, stop.place
    return max(longest, window.end - max(free_from, window.start))
