"""What the cells of a calendar page show: stops and events, each with the clock it is shown at."""

from collections.abc import Mapping, Set
from datetime import date, datetime, timedelta
from typing import NamedTuple

from bookings.domain.events import EventState
from bookings.domain.time import Interval, to_local
from bookings.i18n import zone_label
from bookings.queries.calendar import Stop
from bookings.queries.calendar_events import EventOnCalendar
from bookings.queries.planned import TimeOfPlan
from bookings.web.calendar.grid import Cell
from bookings.web.calendar.sheets import Sheet, day_and_month


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
    event: None = None

    @property
    def at(self) -> str:
        """For the board: start, end, the minutes it really takes whatever the clocks do, and the zone."""
        return _write_at(self, Interval(self.stop.starts_at, self.stop.ends_at))


class EventEntry(NamedTuple):
    """An event, as a stop is shown; nobody drags it, because its page moves it with all who come."""

    event: EventOnCalendar
    time: str
    zone: str
    other: str
    starts: datetime
    ends: datetime
    time_zone: str
    is_later_day: bool
    look: str
    """`draft`, `published`, `cancelled`, or `over`."""
    hours: Interval
    """When it is on this day."""

    @property
    def at(self) -> str:
        return _write_at(self, self.hours)

    @property
    def key(self) -> str:
        """For the board: what has hours of its own on each day stands there for each of them."""
        return f"{self.event.id}-{self.starts:%Y%m%d}"


class Entries:
    """The entries of a cell, each made when it is asked for."""

    def __init__(
        self,
        sheet: Sheet,
        stops: Mapping[int, Stop],
        events: Mapping[int, EventOnCalendar],
        *,
        plans: Mapping[int, TimeOfPlan],
        changeable: Set[str],
        now: datetime,
    ) -> None:
        self._sheet, self._stops, self._events, self._now = sheet, stops, events, now
        self._plans, self._changeable = plans, changeable

    @property
    def count(self) -> int:
        """How many stops are on the page."""
        return len(self._stops)

    def of(self, cell: Cell) -> list[Entry | EventEntry]:
        """In the order of their times."""
        found: list[Entry | EventEntry] = []
        for mark in cell.marks:
            if mark.is_event:
                found.append(build_event_entry(self._events[mark.id], self._sheet, cell.day, now=self._now))
            elif stop := self._stops.get(mark.id):
                moves = stop.reference in self._changeable
                found.append(build_entry(stop, self._sheet, cell.day, self._plans.get(mark.id), moves=moves))
        return found


def build_entry(
    stop: Stop, sheet: Sheet, day: date, plan: TimeOfPlan | None = None, *, moves: bool = False
) -> Entry:
    """A stop as a cell of the day shows it."""
    clocks = _read_clocks(Interval(stop.starts_at, stop.ends_at), stop.time_zone, sheet)
    planned = _planned_words(plan, clocks.time_zone)
    return Entry(stop, *clocks, clocks.starts.date() < day, planned, moves and stop.can_move)


def build_event_entry(event: EventOnCalendar, sheet: Sheet, day: date, *, now: datetime) -> EventEntry:
    """An event as a cell of the day shows it: with the hours of this day, where it lasts for several."""
    zone = sheet.zone_of(event.time_zone)
    of_day = (one for one in event.hours.values() if to_local(one.start, zone).date() == day)
    hours = next(of_day, Interval(event.starts_at, event.ends_at))
    clocks = _read_clocks(hours, event.time_zone, sheet)
    is_over = event.state == EventState.PUBLISHED and event.ends_at <= now
    return EventEntry(event, *clocks, clocks.starts.date() < day, "over" if is_over else event.state, hours)


class _Clocks(NamedTuple):
    time: str
    zone: str
    other: str
    starts: datetime
    ends: datetime
    time_zone: str


def _read_clocks(hours: Interval, zone_of_place: str, sheet: Sheet) -> _Clocks:
    zone = sheet.zone_of(zone_of_place)
    starts, ends = to_local(hours.start, zone), to_local(hours.end, zone)
    shown = _write_clocks(hours, zone)
    own = shown if zone == zone_of_place else _write_clocks(hours, zone_of_place)
    return _Clocks(*shown, "" if own == shown else " ".join(own), starts, ends, zone)


def _write_clocks(hours: Interval, zone: str) -> tuple[str, str]:
    starts, ends = to_local(hours.start, zone), to_local(hours.end, zone)
    before, after = zone_label(hours.start, zone), zone_label(hours.end, zone)
    # Over several days the last one is named; over midnight it is the next one anyway.
    last = f"{day_and_month(ends.date())} " if ends - starts > timedelta(days=1) else ""
    # A stop over the hour at which the clocks change names both zones.
    return f"{starts:%H:%M}–{last}{ends:%H:%M}", before if before == after else f"{before}/{after}"


def _write_at(entry: Entry | EventEntry, hours: Interval) -> str:
    return f"{entry.starts:%Y-%m-%dT%H:%M}/{entry.ends:%Y-%m-%dT%H:%M}/{hours.minutes}/{entry.time_zone}"


def _planned_words(plan: TimeOfPlan | None, zone: str) -> str:
    """ "16 Mar 13:00 EET" where a change is planned; a dash where it shall go."""
    if plan is None:
        return ""
    if plan.starts_at is None:
        return "–"
    local = to_local(plan.starts_at, zone)
    return f"{day_and_month(local.date())} {local:%H:%M} {zone_label(plan.starts_at, zone)}"
