"""Holds: exclusive time of one resource. The database guards them; here is how long each one is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from bookings.domain.groups import list_tracks, meets
from bookings.domain.time import Interval, is_working_day, local_day
from bookings.domain.travel import TravelTable

_GRID = timedelta(minutes=30)
_LONGEST_LOOK_DAYS = 60
_NO_SLOT = 0


class ResourceKind(StrEnum):
    """`DELEGATION` is the delegation, or the first of its groups; the others have their own."""

    HOST = "host"
    DELEGATION = "delegation"
    GROUP_2 = "group_2"
    GROUP_3 = "group_3"
    GROUP_4 = "group_4"
    GROUP_5 = "group_5"
    GROUP_6 = "group_6"
    PERSON = "person"
    """Somebody registered for an event: the subject is the registration."""
    TABLE = "table"
    ADVISER = "adviser"


class HoldStrength(StrEnum):
    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True)
class HeldStop:
    """A stop that holds the delegation's time: the slot, the town, when, and which group of it."""

    slot_id: int
    place: str
    interval: Interval
    group: int | None = None


def kind_of_group(number: int) -> ResourceKind:
    """Whose row holds the time of a group (1 to 6)."""
    return ResourceKind.DELEGATION if number == 1 else ResourceKind(f"group_{number}")


def kinds_of_stop(group: int | None, groups: int) -> list[ResourceKind]:
    """Whose time a stop takes: one group's, or that of all."""
    return [kind_of_group(number) for number in (range(1, groups + 1) if group is None else (group,))]


@dataclass(frozen=True)
class StopConflict:
    """Two stops that the delegation cannot both reach."""

    first_slot_id: int
    second_slot_id: int
    needed_minutes: int
    available_minutes: int


@dataclass(frozen=True)
class OpenHours:
    """When a site receives: local hours on working days."""

    time_zone: str
    opens_at: time
    closes_at: time
    holidays: Collection[date] = ()


def pad_for_host(interval: Interval, *, buffer_minutes: int) -> Interval:
    """The host's time for a stop. The buffer stands in front only, or neighbours kept it twice."""
    return Interval(interval.start - timedelta(minutes=buffer_minutes), interval.end)


def keep_buffers(held: Iterable[Interval], *, buffer_minutes: int) -> list[Interval]:
    """When a host can begin or go on with no other stop. Each hold has its buffer in front; what follows it
    keeps its own, so held time is taken a buffer longer."""
    return [Interval(one.start, one.end + timedelta(minutes=buffer_minutes)) for one in held]


def lay_delegation_holds(stops: Iterable[HeldStop], table: TravelTable) -> dict[int, Interval]:
    """The time of one group for each of its stops, by slot: the way from the stop before it, then the stop.

    A way never reaches into the stop before it: where the table knows too little, the stops still stand.
    """
    ordered = sorted(stops, key=lambda stop: (stop.interval, stop.slot_id))
    holds = {stop.slot_id: stop.interval for stop in ordered[:1]}
    for origin, target in pairwise(ordered):
        leaves = target.interval.start - table.needed_gap(origin.place, target.place)
        starts = min(max(leaves, origin.interval.end), target.interval.start)
        holds[target.slot_id] = Interval(starts, target.interval.end)
    return holds


def find_conflict(stop: HeldStop, others: Iterable[HeldStop], table: TravelTable) -> StopConflict | None:
    """The first stop that the people of this one cannot reach before or after it, travel included."""
    rest = [other for other in others if other.slot_id != stop.slot_id and meets(other.group, stop.group)]
    tracks = list_tracks({stop.group, *(other.group for other in rest)})
    ways = (_find_track_conflict(stop, take_track(rest, track), table) for track in tracks)
    return next((found for found in ways if found), None)


def find_any_conflict(stops: Iterable[HeldStop], table: TravelTable) -> StopConflict | None:
    """The first two neighbours of a whole programme that do not fit together, group by group."""
    ordered = sorted(stops, key=lambda stop: (stop.interval, stop.slot_id))
    pairs = (
        pair
        for track in list_tracks({stop.group for stop in ordered})
        for pair in pairwise(take_track(ordered, track))
    )
    return next((found for pair in pairs if (found := _judge_way(*pair, table))), None)


def take_track(stops: Iterable[HeldStop], track: int | None) -> list[HeldStop]:
    """What a group does: its own stops and those of the whole delegation."""
    return [stop for stop in stops if meets(stop.group, track)]


def _find_track_conflict(stop: HeldStop, rest: Sequence[HeldStop], table: TravelTable) -> StopConflict | None:
    before = max(
        (other for other in rest if other.interval <= stop.interval), key=lambda o: o.interval, default=None
    )
    after = min(
        (other for other in rest if other.interval > stop.interval), key=lambda o: o.interval, default=None
    )
    pairs = [(before, stop)] if before else []
    pairs += [(stop, after)] if after else []
    return next((found for pair in pairs if (found := _judge_way(*pair, table))), None)


@dataclass(frozen=True)
class OtherStops:
    """Where the delegation is before and after a stop that is looked for at `place`, for `group` of it."""

    stops: Sequence[HeldStop]
    table: TravelTable
    place: str
    group: int | None = None

    def leave_time_for(self, wanted: Interval) -> bool:
        """Can a stop be reached then from the one before, and the next one after it?"""
        return (
            find_conflict(HeldStop(_NO_SLOT, self.place, wanted, self.group), self.stops, self.table) is None
        )


def find_free_starts(
    length: timedelta,
    *,
    after: datetime,
    busy: Sequence[Interval],
    hours: OpenHours,
    count: int = 3,
    others: OtherStops | None = None,
) -> tuple[datetime, ...]:
    """The next starts (UTC, each half hour) at which a stop of this length finds the site open and free, and
    (with `others`) the delegation there."""
    found: list[datetime] = []
    first = local_day(after, hours.time_zone)
    for number in range(_LONGEST_LOOK_DAYS):
        day = first + timedelta(days=number)
        if is_working_day(day, hours.holidays):
            found += [
                start
                for start in _starts_of_day(day, length, hours)
                if start > after and _is_free(start, length, busy, others)
            ]
        if len(found) >= count:
            break
    return tuple(found[:count])


def _judge_way(origin: HeldStop, target: HeldStop, table: TravelTable) -> StopConflict | None:
    needed = table.needed_gap(origin.place, target.place)
    available = origin.interval.gap_to(target.interval)
    if available >= needed:
        return None
    minutes = (needed // timedelta(minutes=1), max(available // timedelta(minutes=1), 0))
    return StopConflict(origin.slot_id, target.slot_id, *minutes)


def find_starts_within(
    length: timedelta,
    open_times: Iterable[Interval],
    *,
    after: datetime,
    busy: Sequence[Interval],
    count: int,
    others: OtherStops | None = None,
) -> tuple[datetime, ...]:
    """As `find_free_starts`, within stretches of time in which the host receives."""
    found: set[datetime] = set()
    for stretch in open_times:
        start = stretch.start
        while start + length <= stretch.end:
            if start > after and _is_free(start, length, busy, others):
                found.add(start)
            start += _GRID
    return tuple(sorted(found)[:count])


def _starts_of_day(day: date, length: timedelta, hours: OpenHours) -> Iterable[datetime]:
    zone = ZoneInfo(hours.time_zone)
    start = datetime.combine(day, hours.opens_at, tzinfo=zone).astimezone(UTC)
    last = datetime.combine(day, hours.closes_at, tzinfo=zone).astimezone(UTC) - length
    while start <= last:
        yield start
        start += _GRID


def _is_free(start: datetime, length: timedelta, busy: Sequence[Interval], others: OtherStops | None) -> bool:
    wanted = Interval(start, start + length)
    is_taken = any(wanted.overlaps(other) for other in busy)
    return not is_taken and (others is None or others.leave_time_for(wanted))
