"""Advisory days: an adviser of one country sits in the other for a day, and visitors book half hours."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bookings.domain.event_errors import AdviceTimeError, AdviserDayError
from bookings.domain.time import Interval

LONGEST_DAY = timedelta(hours=14)


@dataclass(frozen=True, kw_only=True)
class AdviserDay:
    """When an adviser can be met, in UTC; the buffer is kept free before each meeting but the first."""

    starts_at: datetime
    ends_at: datetime
    pause: Interval | None = None
    slot_minutes: int = 30
    buffer_minutes: int = 0


@dataclass(frozen=True, kw_only=True)
class AdviserPlan:
    """What staff say of an adviser; `topics` by language."""

    name: str
    email: str
    language: str
    time_zone: str
    organisation_name: str
    topics: Mapping[str, str]
    day: AdviserDay


def check_day(day: AdviserDay, event: Interval) -> None:
    """Raises AdviserDayError when nobody could be met on such a day, or it lies outside of the event's."""
    if day.starts_at >= day.ends_at or day.ends_at - day.starts_at > LONGEST_DAY:
        raise AdviserDayError("length")
    if day.starts_at < event.start or day.ends_at > event.end:
        raise AdviserDayError("outside", event.start, event.end)
    if day.pause and not (day.starts_at < day.pause.start and day.pause.end < day.ends_at):
        raise AdviserDayError("pause")
    if not list_times(day):
        raise AdviserDayError("short")


def list_times(day: AdviserDay) -> tuple[Interval, ...]:
    """All times that can be booked, in order: meeting, buffer, meeting … up to the pause, and after it."""
    if day.pause is None:
        return tuple(_fill(day.starts_at, day.ends_at, day))
    return (*_fill(day.starts_at, day.pause.start, day), *_fill(day.pause.end, day.ends_at, day))


def list_free_times(day: AdviserDay, taken: Collection[Interval], *, now: datetime) -> tuple[Interval, ...]:
    """The times that are still ahead and that nobody has."""
    return tuple(
        time
        for time in list_times(day)
        if time.start > now and not any(time.overlaps(other) for other in taken)
    )


def take_time(day: AdviserDay, start: datetime, *, now: datetime) -> Interval:
    """The time of this adviser that begins then. Raises AdviceTimeError when there is none, or it is past."""
    found = next((time for time in list_times(day) if time.start == start), None)
    if found is None or found.start <= now:
        raise AdviceTimeError(start)
    return found


def pad_for_adviser(time: Interval, day: AdviserDay) -> Interval:
    """What a meeting takes of the adviser's time: the buffer stands in front, or neighbours kept it twice."""
    return Interval(time.start - timedelta(minutes=day.buffer_minutes), time.end)


def keeps_bookings(day: AdviserDay, booked: Iterable[Interval]) -> bool:
    """Do all booked meetings still lie on times of the changed day?"""
    times = set(list_times(day))
    return all(one in times for one in booked)


def _fill(start: datetime, end: datetime, day: AdviserDay) -> Iterable[Interval]:
    length = timedelta(minutes=day.slot_minutes)
    step = length + timedelta(minutes=day.buffer_minutes)
    while start + length <= end:
        yield Interval(start, start + length)
        start += step
