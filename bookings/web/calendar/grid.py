"""What stands in each cell of a calendar page: stops and events by day (and row), long days folded."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from bookings.domain.time import USUAL_DAY, day_length
from bookings.queries.calendar import Mark
from bookings.queries.settings import list_holidays
from bookings.web.calendar.holiday_names import holiday_name
from bookings.web.calendar.sheets import PLACE, Sheet

_COUNTRIES = {"SE": "Europe/Stockholm", "FI": "Europe/Helsinki"}
# So many stops a cell shows before it folds, and so many a page before its cells fold earlier.
_MOST = {"month": 3, "week": 12, "rows": 3}
_LEAST, _ROOM = 2, 36
# A day and a list fold nothing: they have pages.
_A_PAGE = 25


@dataclass(frozen=True)
class DayHead:
    """One day: its holidays as (country, name), and how many hours it has when the clocks change."""

    day: date
    holidays: tuple[tuple[str, str], ...]
    hours: int | None
    """Only where it is not 24."""

    @cached_property
    def iso(self) -> str:
        """The day for programs: each row of the page has it."""
        return self.day.isoformat()


@dataclass(frozen=True)
class Cell:
    """What of one day (in one row) is shown, and how much more there is."""

    day: date
    marks: tuple[Mark, ...]
    more: int


@dataclass(frozen=True)
class Grid:
    """The stops and events of each day by row; without rows everything stands in the row 0."""

    sheet: Sheet
    found: Mapping[int, Mapping[date, Sequence[Mark]]]
    total: int
    moved: int
    most: int
    """So many a cell shows."""

    @property
    def slot_ids(self) -> set[int]:
        """The stops that are shown somewhere."""
        cells = (self.cell(day, row) for row, days in self.found.items() for day in days)
        return {mark.id for cell in cells for mark in cell.marks if not mark.is_event}

    def cell(self, day: date, row: int = 0) -> Cell:
        """A cell, empty where nothing happens; the stop that was just moved is never folded away."""
        return _fold(day, self.found.get(row, {}).get(day, ()), self.most, self.moved)

    def keep(self, rows: Iterable[int]) -> "Grid":
        """These rows only: others leave room for more in each cell."""
        found = {row: self.found[row] for row in rows if row in self.found}
        return replace(self, found=found, most=_room_of_a_cell(self.sheet, found))

    def turn_to(self, page: int) -> tuple["Grid", int, int]:
        """One page of a day or a list, its number and how many there are; it is that of the moved stop."""
        entries = [(day, mark) for day in sorted(self.found.get(0, {})) for mark in self.found[0][day]]
        moved = self.moved and [at for at, (_day, mark) in enumerate(entries) if _is_moved(mark, self.moved)]
        pages = max(1, -(-len(entries) // _A_PAGE))
        page = moved[0] // _A_PAGE + 1 if moved else min(page, pages)
        shown: dict[date, list[Mark]] = {}
        for day, mark in entries[(page - 1) * _A_PAGE : page * _A_PAGE]:
            shown.setdefault(day, []).append(mark)
        return replace(self, found={0: shown}), page, pages


def build_grid(sheet: Sheet, marks: Sequence[Mark], *, moved: int = 0) -> Grid:
    """The cells of a page."""
    found: dict[int, dict[date, list[Mark]]] = {}
    total, has_rows = 0, sheet.view == "rows"
    # Many share times and row with others: where these stand is worked out once.
    known: dict[tuple[datetime, datetime, str, int], list[list[Mark]]] = {}
    for mark in marks:
        place = (mark.starts_at, mark.ends_at, mark.time_zone, row_of(mark, sheet) if has_rows else 0)
        cells = known.get(place)
        if cells is None:
            days = days_of(mark, sheet)
            row = found.setdefault(place[-1], {}) if days else {}
            cells = known[place] = [row.setdefault(day, []) for day in days]
        total += bool(cells)
        for cell in cells:
            cell.append(mark)
    return Grid(sheet, found, total, moved, _room_of_a_cell(sheet, found))


def days_of(mark: Mark, sheet: Sheet) -> Sequence[date]:
    """The days of the page on which it takes place, by the clocks that are shown; midnight ends a day."""
    midnights = _list_midnights(sheet.first, sheet.last, sheet.zone_of(mark.time_zone))
    first = bisect_right(midnights, mark.starts_at) - 1
    return sheet.days[max(first, 0) : bisect_left(midnights, mark.ends_at)]


@lru_cache(maxsize=256)
def _list_midnights(first: date, last: date, zone: str) -> list[datetime]:
    """When the days begin, and when the last one ends: a clock is slow to read thousands of times."""
    days = (first + timedelta(days=number) for number in range((last - first).days + 2))
    return [datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC) for day in days]


def row_of(mark: Mark, sheet: Sheet) -> int:
    """The host, site or coordinator (0 for nobody) whose row it is in."""
    if sheet.view != "rows":
        return 0
    return {"host": mark.organisation_id, "site": mark.site_id}.get(sheet.rows, mark.owner_id) or 0


def build_heads(sheet: Sheet) -> tuple[DayHead, ...]:
    """The days of the page."""
    zones = _COUNTRIES.values() if sheet.zone == PLACE else (sheet.zone,)
    years = {day.year for day in sheet.days}
    names = {country: list_holidays(country, years) for country in _COUNTRIES}
    return tuple(
        DayHead(
            day,
            tuple((country, holiday_name(found[day])) for country, found in names.items() if found.get(day)),
            _odd_hours(day, zones),
        )
        for day in sheet.days
    )


def _fold(day: date, marks: Sequence[Mark], most: int, moved: int) -> Cell:
    # "1 more" takes as much room as the one.
    if len(marks) <= most + 1:
        return Cell(day, tuple(marks), 0)
    shown = tuple(marks[:most])
    if moved and (last := [mark for mark in marks[most:] if _is_moved(mark, moved)]):
        shown = (*shown[:-1], last[0])
    return Cell(day, shown, len(marks) - most)


def _is_moved(mark: Mark, moved: int) -> bool:
    return bool(moved) and mark.id == moved and not mark.is_event


def _room_of_a_cell(sheet: Sheet, found: Mapping[int, Mapping[date, Sequence[Mark]]]) -> int:
    """A quiet page shows all; where each day is full its cells fold early."""
    sizes = [len(marks) for days in found.values() for marks in days.values()]
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
