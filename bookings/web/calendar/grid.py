"""What stands in each cell of a calendar page: stops by day (and row), long days folded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bookings.domain.time import USUAL_DAY, day_length, to_local
from bookings.i18n import format_clock, zone_label
from bookings.queries.calendar import Mark, Stop
from bookings.queries.planned import TimeOfPlan
from bookings.queries.settings import list_holidays
from bookings.web.calendar.sheets import PLACE, Sheet, day_and_month

_COUNTRIES = {"SE": "Europe/Stockholm", "FI": "Europe/Helsinki"}
# So many stops a cell shows before it folds; a day by itself shows all.
_MOST = {"month": 3, "week": 12, "rows": 3, "list": 6}
_INSTANT = timedelta(microseconds=1)


class Entry(NamedTuple):
    """A stop with the clock it is shown at; `other` is the place's own clock where another zone is shown."""

    stop: Stop
    time: str
    zone: str
    other: str
    starts: datetime
    ends: datetime
    """On the clocks of `time_zone`, the zone that is shown."""
    time_zone: str
    is_later_day: bool
    planned: str

    @property
    def minutes(self) -> int:
        """How long it really takes, whatever the clocks do."""
        return (self.stop.ends_at - self.stop.starts_at) // timedelta(minutes=1)


@dataclass(frozen=True)
class DayHead:
    """One day: its holidays as (country, name), and how many hours it has when the clocks change."""

    day: date
    holidays: tuple[tuple[str, str], ...]
    hours: int | None
    """Only where it is not 24."""


@dataclass(frozen=True)
class Cell:
    """The stops of one day (in one row) that are shown, and how many more there are."""

    day: date
    slot_ids: tuple[int, ...]
    more: int


@dataclass(frozen=True)
class Grid:
    """Cells by row and day; without rows everything stands in the row 0."""

    sheet: Sheet
    rows: Mapping[int, Mapping[date, Cell]]
    total: int

    @property
    def slot_ids(self) -> set[int]:
        """The stops that are shown somewhere."""
        return {id_ for cells in self.rows.values() for cell in cells.values() for id_ in cell.slot_ids}

    def cell(self, day: date, row: int = 0) -> Cell:
        """A cell, empty where nothing happens."""
        return self.rows.get(row, {}).get(day) or Cell(day, (), 0)


def build_grid(sheet: Sheet, marks: Sequence[Mark], *, moved: int = 0) -> Grid:
    """The cells of a page; the stop that was just moved is never folded away."""
    found: dict[int, dict[date, list[int]]] = {}
    total = 0
    known: dict[tuple[datetime, datetime, str], list[date]] = {}
    for mark in marks:
        # Many stops are at the same time; clocks are slow to read thousands of times.
        days = known.get(mark[1:4])
        if days is None:
            days = known[mark[1:4]] = days_of(mark, sheet)
        row = found.setdefault(row_of(mark, sheet), {}) if days else {}
        total += bool(days)
        for day in days:
            row.setdefault(day, []).append(mark.slot_id)
    most = _MOST.get(sheet.view, len(marks))
    rows = {
        row: {day: _fold(day, ids, most, moved) for day, ids in cells.items()} for row, cells in found.items()
    }
    return Grid(sheet, rows, total)


def days_of(mark: Mark, sheet: Sheet) -> list[date]:
    """The days of the page on which it takes place, by the clocks that are shown; midnight ends a day."""
    zone = sheet.zone_of(mark.time_zone)
    first = to_local(mark.starts_at, zone).date()
    last = to_local(mark.ends_at - _INSTANT, zone).date()
    if first == last:
        return [first] if sheet.first <= first <= sheet.last else []
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if sheet.first <= day <= sheet.last]


def row_of(mark: Mark, sheet: Sheet) -> int:
    """The host, site or coordinator (0 for nobody) whose row it is in."""
    if sheet.view != "rows":
        return 0
    return {"host": mark.organisation_id, "site": mark.site_id}.get(sheet.rows, mark.owner_id or 0)


def build_entry(stop: Stop, sheet: Sheet, day: date, plan: TimeOfPlan | None = None) -> Entry:
    """A stop as a cell of the day shows it."""
    zone = sheet.zone_of(stop.time_zone)
    starts, ends = (to_local(one, zone).replace(tzinfo=None) for one in (stop.starts_at, stop.ends_at))
    shown = _clocks(stop, zone)
    own = shown if zone == stop.time_zone else _clocks(stop, stop.time_zone)
    other = "" if own == shown else " ".join(own)
    planned = _planned_words(plan, zone)
    return Entry(stop, *shown, other, starts, ends, zone, starts.date() < day, planned)


def build_heads(sheet: Sheet) -> tuple[DayHead, ...]:
    """The days of the page."""
    zones = _COUNTRIES.values() if sheet.zone == PLACE else (sheet.zone,)
    years = {day.year for day in sheet.days}
    names = {country: list_holidays(country, years) for country in _COUNTRIES}
    return tuple(
        DayHead(
            day,
            tuple((country, found[day]) for country, found in names.items() if found.get(day)),
            _odd_hours(day, zones),
        )
        for day in sheet.days
    )


def _fold(day: date, ids: list[int], most: int, moved: int) -> Cell:
    # "1 more" takes as much room as the one.
    if len(ids) <= most + 1:
        return Cell(day, tuple(ids), 0)
    shown = ids[:most]
    if moved in ids[most:]:
        shown = [*shown[:-1], moved]
    return Cell(day, tuple(shown), len(ids) - most)


def _odd_hours(day: date, zones: Iterable[str]) -> int | None:
    odd = {length for zone in zones if (length := day_length(day, zone)) != USUAL_DAY}
    return next(iter(odd)) // timedelta(hours=1) if odd else None


def _clocks(stop: Stop, zone: str) -> tuple[str, str]:
    clock = f"{format_clock(stop.starts_at, zone)}–{format_clock(stop.ends_at, zone)}"
    before, after = zone_label(stop.starts_at, zone), zone_label(stop.ends_at, zone)
    # A stop over the hour at which the clocks change names both.
    return clock, before if before == after else f"{before}/{after}"


def _planned_words(plan: TimeOfPlan | None, zone: str) -> str:
    """ "16 Mar 13:00 EET" where a change is planned; a dash where it shall go."""
    if plan is None:
        return ""
    if plan.starts_at is None:
        return "–"
    local = to_local(plan.starts_at, zone)
    return f"{day_and_month(local.date())} {local:%H:%M} {zone_label(plan.starts_at, zone)}"
