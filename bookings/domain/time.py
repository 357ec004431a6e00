"""Intervals, wall times and working days. Instants are UTC; a wall time needs its zone to become one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from bookings.domain.errors import TimeDoesNotExistError, TimeIsAmbiguousError

USUAL_DAY = timedelta(hours=24)
HOME_ZONE = "Europe/Stockholm"
"""Where the towns are: the later of the two shores, so that what has passed there has passed on both."""
_MINUTE = timedelta(minutes=1)
_SATURDAY = 5


@dataclass(frozen=True, order=True)
class Interval:
    """A stretch of time between two aware instants, kept in UTC; the end itself is outside."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise ValueError("an interval needs aware instants")
        # Comparing two datetimes of one zone ignores the fold: only UTC orders them rightly.
        object.__setattr__(self, "start", self.start.astimezone(UTC))
        object.__setattr__(self, "end", self.end.astimezone(UTC))
        if self.start >= self.end:
            raise ValueError("an interval ends after it starts")

    @property
    def minutes(self) -> int:
        """The length in whole minutes."""
        return (self.end - self.start) // _MINUTE

    def overlaps(self, other: "Interval") -> bool:
        """Touching ends don't overlap: 10–11 and 11–12 can both be held."""
        return self.start < other.end and other.start < self.end

    def contains(self, instant: datetime) -> bool:
        """Is the instant inside? The start is, the end is not."""
        return self.start <= instant < self.end

    def gap_to(self, later: "Interval") -> timedelta:
        """The time from the end of this interval to the start of a later one; negative when they overlap."""
        return later.start - self.end


def is_time_zone(name: str) -> bool:
    """Is this the name of an IANA zone?"""
    return name in _zone_names()


def wall_to_instant(wall: datetime, zone: str, *, fold: int | None = None) -> datetime:
    """The UTC instant at which the clocks of `zone` show `wall` (a naive datetime).

    Raises TimeDoesNotExistError in a gap. Raises TimeIsAmbiguousError in a fold unless `fold` says
    which of the two is meant: 0 the earlier, 1 the later.
    """
    if wall.tzinfo is not None:
        raise ValueError("a wall time has no zone of its own")
    earlier, later = (_read_clock(wall, zone, fold=choice) for choice in (0, 1))
    if earlier > later:
        raise TimeDoesNotExistError(wall, zone, _nearest_to_gap(later, earlier, zone))
    if earlier < later and fold is None:
        raise TimeIsAmbiguousError(wall, zone, (earlier, later))
    return later if fold == 1 else earlier


def to_local(instant: datetime, zone: str) -> datetime:
    """The same instant on the clocks of `zone`."""
    if instant.tzinfo is None:
        raise ValueError("an instant is aware")
    return instant.astimezone(ZoneInfo(zone))


def zone_label(instant: datetime, zone: str) -> str:
    """The name of the zone at that instant: CET, CEST, EET, EEST; `UTC+05` where it has a number only."""
    name = to_local(instant, zone).tzname() or ""
    return f"UTC{name}" if name.startswith(("+", "-")) else name


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day at the place: neither UTC's nor the reader's."""
    return to_local(instant, zone).date()


def home_day(now: datetime) -> date:
    """The day that it is in the towns. UTC is behind it for some hours of each night."""
    return local_day(now, HOME_ZONE)


def day_length(day: date, zone: str) -> timedelta:
    """From midnight to midnight: 23 or 25 hours where the clocks change."""
    starts, ends = (
        datetime.combine(one, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
        for one in (day, day + timedelta(days=1))
    )
    return ends - starts


def is_weekend(day: date) -> bool:
    """Saturday or Sunday?"""
    return day.weekday() >= _SATURDAY


def is_working_day(day: date, holidays: Collection[date] = ()) -> bool:
    """Monday to Friday and no holiday?"""
    return not is_weekend(day) and day not in holidays


def add_working_days(start: date, days: int, holidays: Collection[date] = ()) -> date:
    """The day that many working days after `start` (before it, when negative); 0 is `start` itself."""
    step = timedelta(days=1 if days >= 0 else -1)
    day = start
    for _ in range(abs(days)):
        day += step
        while not is_working_day(day, holidays):
            day += step
    return day


def end_of_working_day(
    since: datetime, days: int, *, zone: str, closes_at: time, holidays: Collection[date] = ()
) -> datetime:
    """When that many working days after `since` end at the place, as an instant in UTC."""
    day = add_working_days(local_day(since, zone), days, holidays)
    return datetime.combine(day, closes_at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def next_weekday(day: date, weekday: int) -> date:
    """The first such weekday (ISO: Monday is 1) on or after `day`."""
    return day + timedelta(days=(weekday - day.isoweekday()) % 7)


def _read_clock(wall: datetime, zone: str, *, fold: int) -> datetime:
    return wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def _nearest_to_gap(before: datetime, after: datetime, zone: str) -> tuple[datetime, datetime]:
    """The last minute before the clock jumps and the first one after it."""
    before = before.replace(second=0, microsecond=0)
    after = after.replace(second=0, microsecond=0) + _MINUTE
    offset = to_local(before, zone).utcoffset()
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        if to_local(middle, zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return before, after


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())
