"""Times of which one person can only be at one, and the hours of what lasts for days."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from bookings.domain.time import Interval, to_local


class HasTime(Protocol):
    """Something with a beginning and an end."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


Span = TypeVar("Span", bound=HasTime)


def find_clash(spans: Iterable[Span]) -> tuple[Span, Span] | None:
    """Two that overlap, the earliest first; one that begins when another ends is no clash."""
    in_order = sorted(spans, key=lambda span: (span.starts_at, span.ends_at))
    return next(((one, other) for one, other in pairwise(in_order) if other.starts_at < one.ends_at), None)


def list_daily_hours(whole: Interval, zone: str, parts: Iterable[Interval]) -> dict[date, Interval]:
    """The hours of each day of an event that lasts for several: those of its parts, else the usual ones.

    It begins on the first day and ends on the last one when it is said to, whatever its parts say. The usual
    hours are from the clock of its start to that of its end; without them a day without parts is left out.
    """
    starts, ends = to_local(whole.start, zone), to_local(whole.end, zone)
    if whole.end - whole.start <= timedelta(days=1):
        return {}
    found: dict[date, Interval] = {}
    if starts.time() < ends.time():
        for number in range((ends.date() - starts.date()).days + 1):
            day = starts.date() + timedelta(days=number)
            opening, closing = (datetime.combine(day, one.time(), ZoneInfo(zone)) for one in (starts, ends))
            found[day] = Interval(opening, closing)
    by_day: dict[date, list[Interval]] = {}
    for part in parts:
        by_day.setdefault(to_local(part.start, zone).date(), []).append(part)
    for day, ones in by_day.items():
        first = whole.start if day == starts.date() else min(one.start for one in ones)
        last = whole.end if day == ends.date() else max(one.end for one in ones)
        found[day] = Interval(first, last)
    return found
