"""Which days a calendar page shows, by whose clocks, and where one goes from here."""

from calendar import Calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from babel.dates import format_date, format_skeleton

from bookings.domain.time import Interval
from bookings.i18n import current_language, format_day
from bookings.web.texts import day_range

VIEWS = ("month", "week", "day", "list", "rows")
PLACE = "place"
"""Every stop on the day and at the clock of its own place."""
SHOWN_ZONES = (PLACE, "Europe/Stockholm", "Europe/Helsinki", "UTC")
ROWS = ("host", "site", "owner")
_LIST_DAYS = 28
_FURTHEST_ZONE = timedelta(hours=14)


@dataclass(frozen=True)
class Sheet:
    """A page of the calendar; `rows` says what the rows of the resource view are."""

    view: str
    day: date
    zone: str
    title: str
    first: date
    last: date
    before: date
    after: date
    rows: str = ROWS[0]

    @cached_property
    def days(self) -> list[date]:
        """All days of the page."""
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def span(self) -> Interval:
        """All instants that can lie on these days anywhere on earth."""
        starts = datetime.combine(self.first, time(), UTC) - _FURTHEST_ZONE
        return Interval(starts, datetime.combine(self.last, time(), UTC) + timedelta(days=1) + _FURTHEST_ZONE)

    @property
    def noon(self) -> datetime:
        """An instant that is on the first day all over Europe."""
        return datetime.combine(self.first, time(12), UTC)

    def zone_of(self, zone_of_place: str) -> str:
        """The zone in which a stop of a place is shown."""
        return zone_of_place if self.zone == PLACE else self.zone


def build_sheet(view: str, day: date, zone: str, rows: str = ROWS[0]) -> Sheet:
    """The page of a view that holds the day."""
    if view in ("week", "rows"):
        first = day - timedelta(days=day.weekday())
        return _build_days(view, day, zone, first, 7, rows=rows)
    if view == "day":
        return _build_days(view, day, zone, day, 1)
    if view == "list":
        return _build_days(view, day, zone, day, _LIST_DAYS)
    return _build_month(day, zone)


def weekday_name(day: date) -> str:
    """ "Monday" as the head of a column."""
    return format_date(day, "cccc", locale=current_language()).capitalize()


def short_day(day: date) -> str:
    """ "12", and "1 March" where a month begins."""
    return format_skeleton("MMMMd", day, locale=_day_locale()) if day.day == 1 else str(day.day)


def day_and_month(day: date) -> str:
    """ "12 Mar"."""
    return format_skeleton("MMMd", day, locale=_day_locale())


def _day_locale() -> str:
    """The day comes before the month, also in English: readers are Europeans."""
    return "en_GB" if current_language() == "en" else current_language()


def _build_days(view: str, day: date, zone: str, first: date, length: int, *, rows: str = ROWS[0]) -> Sheet:
    last, step = first + timedelta(days=length - 1), timedelta(days=length)
    title = format_day(first) if length == 1 else day_range(first, last)
    return Sheet(view, day, zone, title, first, last, first - step, first + step, rows)


def _build_month(day: date, zone: str) -> Sheet:
    days = list(Calendar().itermonthdates(day.year, day.month))
    before = day.replace(day=1) - timedelta(days=1)
    after = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
    title = format_skeleton("yMMMM", day, locale=current_language())
    return Sheet(
        "month", day, zone, title[:1].upper() + title[1:], days[0], days[-1], before.replace(day=1), after
    )
