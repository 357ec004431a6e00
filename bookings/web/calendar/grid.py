"""What stands in each cell of a calendar page: stops by day (and row), long days folded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bookings.domain.time import USUAL_DAY, day_length, to_local
from bookings.i18n import zone_label
from bookings.queries.calendar import Mark, Stop
from bookings.queries.planned import TimeOfPlan
from bookings.queries.settings import list_holidays
from bookings.web.calendar.sheets import PLACE, Sheet, day_and_month

_COUNTRIES = {"SE": "Europe/Stockholm", "FI": "Europe/Helsinki"}
# So many stops a cell shows before it folds, and so many a page before its cells fold earlier.
_MOST = {"month": 3, "week": 12, "rows": 3}
_LEAST, _ROOM = 2, 36
# A day and a list fold nothing: they have pages.
_A_PAGE = 25
_INSTANT = timedelta(microseconds=1)
# By the hour at which it starts: so long a stop ends on the same day, also when the clocks change.
_UNTIL_LATE = tuple(timedelta(hours=22 - hour) for hour in range(24))


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
    moves: bool
    """Is the reader offered to move it?"""

    @property
    def at(self) -> str:
        """For the board: start, end, the minutes it really takes whatever the clocks do, and the zone."""
        minutes = (self.stop.ends_at - self.stop.starts_at) // timedelta(minutes=1)
        return f"{self.starts:%Y-%m-%dT%H:%M}/{self.ends:%Y-%m-%dT%H:%M}/{minutes}/{self.time_zone}"


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
    """The stops of each day by row; without rows everything stands in the row 0."""

    sheet: Sheet
    found: Mapping[int, Mapping[date, Sequence[int]]]
    total: int
    moved: int
    most: int
    """So many a cell shows."""

    @property
    def slot_ids(self) -> set[int]:
        """The stops that are shown somewhere."""
        return {
            id_ for row, days in self.found.items() for day in days for id_ in self.cell(day, row).slot_ids
        }

    def cell(self, day: date, row: int = 0) -> Cell:
        """A cell, empty where nothing happens; the stop that was just moved is never folded away."""
        return _fold(day, self.found.get(row, {}).get(day, ()), self.most, self.moved)

    def keep(self, rows: Iterable[int]) -> "Grid":
        """These rows only: others leave room for more in each cell."""
        found = {row: self.found[row] for row in rows if row in self.found}
        return replace(self, found=found, most=_room_of_a_cell(self.sheet, found))

    def turn_to(self, page: int) -> tuple["Grid", int, int]:
        """One page of a day or a list, its number and how many there are; it is that of the moved stop."""
        entries = [(day, id_) for day in sorted(self.found.get(0, {})) for id_ in self.found[0][day]]
        moved = [place for place, (_day, id_) in enumerate(entries) if self.moved and id_ == self.moved]
        pages = max(1, -(-len(entries) // _A_PAGE))
        page = moved[0] // _A_PAGE + 1 if moved else min(page, pages)
        shown: dict[date, list[int]] = {}
        for day, id_ in entries[(page - 1) * _A_PAGE : page * _A_PAGE]:
            shown.setdefault(day, []).append(id_)
        return replace(self, found={0: shown}), page, pages


def build_grid(sheet: Sheet, marks: Sequence[Mark], *, moved: int = 0) -> Grid:
    """The cells of a page."""
    found: dict[int, dict[date, list[int]]] = {}
    total = 0
    before, days = None, list[date]()
    for mark in marks:
        # They come by time, and many stops are at the same one: clocks are slow to read thousands of times.
        if mark[1:4] != before:
            before, days = mark[1:4], days_of(mark, sheet)
        row = found.setdefault(row_of(mark, sheet), {}) if days else {}
        total += bool(days)
        for day in days:
            row.setdefault(day, []).append(mark.slot_id)
    return Grid(sheet, found, total, moved, _room_of_a_cell(sheet, found))


def days_of(mark: Mark, sheet: Sheet) -> list[date]:
    """The days of the page on which it takes place, by the clocks that are shown; midnight ends a day."""
    zone = sheet.zone_of(mark.time_zone)
    starts = to_local(mark.starts_at, zone)
    first = starts.date()
    if mark.ends_at - mark.starts_at <= _UNTIL_LATE[starts.hour]:
        return [first] if sheet.first <= first <= sheet.last else []
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


def build_entry(
    stop: Stop, sheet: Sheet, day: date, plan: TimeOfPlan | None = None, *, moves: bool = False
) -> Entry:
    """A stop as a cell of the day shows it."""
    zone = sheet.zone_of(stop.time_zone)
    starts, ends = to_local(stop.starts_at, zone), to_local(stop.ends_at, zone)
    shown = _clocks(stop, zone)
    own = shown if zone == stop.time_zone else _clocks(stop, stop.time_zone)
    other = "" if own == shown else " ".join(own)
    planned = _planned_words(plan, zone)
    return Entry(
        stop, *shown, other, starts, ends, zone, starts.date() < day, planned, moves and stop.can_move
    )


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


def _fold(day: date, ids: Sequence[int], most: int, moved: int) -> Cell:
    # "1 more" takes as much room as the one.
    if len(ids) <= most + 1:
        return Cell(day, tuple(ids), 0)
    shown = tuple(ids[:most])
    if moved in ids[most:]:
        shown = (*shown[:-1], moved)
    return Cell(day, shown, len(ids) - most)


def _room_of_a_cell(sheet: Sheet, found: Mapping[int, Mapping[date, Sequence[int]]]) -> int:
    """A quiet page shows all; where each day is full its cells fold early."""
    sizes = [len(ids) for days in found.values() for ids in days.values()]
    if sheet.view not in _MOST:
        return max(sizes, default=0)
    fitting = (
        most
        for most in range(_MOST[sheet.view], _LEAST, -1)
        if sum(min(size, most) for size in sizes) <= _ROOM
    )
    return next(fitting, _LEAST)


def _odd_hours(day: date, zones: Iterable[str]) -> int | None:
    odd = {length for zone in zones if (length := day_length(day, zone)) != USUAL_DAY}
    return next(iter(odd)) // timedelta(hours=1) if odd else None


def _clocks(stop: Stop, zone: str) -> tuple[str, str]:
    starts, ends = to_local(stop.starts_at, zone), to_local(stop.ends_at, zone)
    before, after = zone_label(stop.starts_at, zone), zone_label(stop.ends_at, zone)
    # A stop over the hour at which the clocks change names both.
    return f"{starts:%H:%M}–{ends:%H:%M}", before if before == after else f"{before}/{after}"


def _planned_words(plan: TimeOfPlan | None, zone: str) -> str:
    """ "16 Mar 13:00 EET" where a change is planned; a dash where it shall go."""
    if plan is None:
        return ""
    if plan.starts_at is None:
        return "–"
    local = to_local(plan.starts_at, zone)
    return f"{day_and_month(local.date())} {local:%H:%M} {zone_label(plan.starts_at, zone)}"
