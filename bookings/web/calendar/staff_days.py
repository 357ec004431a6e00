"""Which days a calendar page shows, and what stands in each."""

from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from babel.dates import format_date, format_skeleton

from bookings.adapters.holidays import load_holidays
from bookings.domain.time import Interval, local_day
from bookings.i18n import current_language, format_clock, format_day, zone_label
from bookings.queries.calendar import Stop

VIEWS = ("month", "week", "list")
PLACE = "place"
"""Every stop on the day and at the clock of its own place."""
SHOWN_ZONES = (PLACE, "Europe/Stockholm", "Europe/Helsinki", "UTC")
_COUNTRIES = ("SE", "FI")
_LIST_DAYS = 28
_FURTHEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True)
class Entry:
    """A stop with the clock it is shown at; `other` is the place's own clock where another zone is shown."""

    stop: Stop
    time: str
    zone: str
    other: str


@dataclass(frozen=True)
class DayCell:
    """One day with its holidays as (country, name)."""

    day: date
    entries: tuple[Entry, ...]
    holidays: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sheet:
    """A page of the calendar: weeks of days, and where one goes from here."""

    view: str
    day: date
    zone: str
    title: str
    first: date
    last: date
    before: date
    after: date

    @property
    def span(self) -> Interval:
        """All instants that can lie on these days anywhere on earth."""
        starts = datetime.combine(self.first, time(), UTC) - _FURTHEST_ZONE
        return Interval(starts, datetime.combine(self.last, time(), UTC) + timedelta(days=1) + _FURTHEST_ZONE)

    def build_weeks(self, stops: Iterable[Stop]) -> list[list[DayCell]]:
        """The days of the page by weeks, each with its stops in order."""
        days = self.build_days(stops)
        return [days[start : start + 7] for start in range(0, len(days), 7)]

    def build_days(self, stops: Iterable[Stop]) -> list[DayCell]:
        """The days of the page."""
        entries: dict[date, list[Entry]] = {}
        for stop in stops:
            entries.setdefault(local_day(stop.starts_at, self._zone_of(stop)), []).append(self._entry(stop))
        length = (self.last - self.first).days + 1
        days = [self.first + timedelta(days=number) for number in range(length)]
        return [DayCell(day, tuple(entries.get(day, ())), _holidays_on(day)) for day in days]

    def _zone_of(self, stop: Stop) -> str:
        return stop.time_zone if self.zone == PLACE else self.zone

    def _entry(self, stop: Stop) -> Entry:
        shown, own = (_clocks(stop, zone) for zone in (self._zone_of(stop), stop.time_zone))
        return Entry(stop, shown[0], shown[1], "" if shown == own else " ".join(own))


def build_sheet(view: str, day: date, zone: str) -> Sheet:
    """The page of a view that holds the day."""
    if view == "week":
        return _build_week(day, zone)
    if view == "list":
        last = day + timedelta(days=_LIST_DAYS - 1)
        step = timedelta(days=_LIST_DAYS)
        title = f"{format_day(day)} – {format_day(last)}"
        return Sheet(view, day, zone, title, day, last, day - step, day + step)
    return _build_month(day, zone)


def weekday_name(day: date) -> str:
    """ "Monday" as the head of a column."""
    return format_date(day, "cccc", locale=current_language()).capitalize()


def short_day(day: date) -> str:
    """ "12", and "1 March" where a month begins."""
    return format_skeleton("MMMMd", day, locale=current_language()) if day.day == 1 else str(day.day)


def _build_week(day: date, zone: str) -> Sheet:
    first = day - timedelta(days=day.weekday())
    last, week = first + timedelta(days=6), timedelta(days=7)
    title = f"{format_day(first)} – {format_day(last)}"
    return Sheet("week", day, zone, title, first, last, first - week, first + week)


def _build_month(day: date, zone: str) -> Sheet:
    days = list(Calendar().itermonthdates(day.year, day.month))
    before = day.replace(day=1) - timedelta(days=1)
    after = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    title = format_skeleton("yMMMM", day, locale=current_language())
    return Sheet(
        "month", day, zone, title[:1].upper() + title[1:], days[0], days[-1], before.replace(day=1), after
    )


def _clocks(stop: Stop, zone: str) -> tuple[str, str]:
    clock = f"{format_clock(stop.starts_at, zone)}–{format_clock(stop.ends_at, zone)}"
    return clock, zone_label(stop.starts_at, zone)


def _holidays_on(day: date) -> tuple[tuple[str, str], ...]:
    found = ((country, load_holidays(country, (day.year,)).get(day)) for country in _COUNTRIES)
    return tuple((country, name) for country, name in found if name)
