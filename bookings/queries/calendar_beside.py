"""Where on staff's calendar something happens, when nothing does on the days that one looks at."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from bookings.queries.calendar import CalendarFilter, stop_times
from bookings.queries.calendar_events import event_times


@dataclass(frozen=True)
class DaysBeside:
    """The nearest days before and after on which something begins, each the day at its place."""

    earlier: date | None
    later: date | None


def find_days_beside(
    session: Session, instant: datetime, wanted: CalendarFilter, *, now: datetime
) -> DaysBeside:
    """What lies nearest to an instant on days that nothing touches: one statement."""
    nearest = [
        select(one.subquery())
        for times in (stop_times(wanted), event_times(wanted, now=now))
        for one in _nearest(times, instant)
    ]
    found = [(starts_at, ZoneInfo(zone)) for starts_at, zone in session.execute(union_all(*nearest))]
    days = sorted((starts_at, starts_at.astimezone(zone).date()) for starts_at, zone in found)
    earlier = [day for starts_at, day in days if starts_at < instant]
    later = [day for starts_at, day in days if starts_at >= instant]
    return DaysBeside(max(earlier, default=None), min(later, default=None))


def _nearest(times: Select[datetime, str], instant: datetime) -> Iterator[Select[datetime, str]]:
    starts_at = times.selected_columns.starts_at
    yield times.where(starts_at < instant).order_by(starts_at.desc()).limit(1)
    yield times.where(starts_at >= instant).order_by(starts_at).limit(1)
