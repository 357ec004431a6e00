"""Rules around the planner: the ferry's departures by its timetable, and the states of a run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bookings.domain.errors import JourneyNotUsableError, TimeDoesNotExistError
from bookings.domain.groups import MOST_GROUPS
from bookings.domain.time import local_day, wall_to_instant

_DAY = timedelta(days=1)
_DAYS_AROUND = 3 * _DAY


class RunState(StrEnum):
    """How a run of the planner stands. `STOPPED`: staff took the best there was."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True)
class Pin:
    """A host that stays in the programme, at this time where there is one. No `candidate`: whatever it
    shows."""

    candidate: str
    host: str
    starts_at: datetime | None = None


@dataclass(frozen=True)
class ProgrammeWishes:
    """What staff changed in a proposed programme: hosts that stay, hosts that are left out."""

    pins: tuple[Pin, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """Those that stay."""
        return tuple(pin.host for pin in self.pins)


NO_WISHES = ProgrammeWishes()
OPEN_RUNS = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True, kw_only=True)
class TimetableRow:
    """A departure on weekdays of a season, by the clock of the port; no season: all year round."""

    origin: str
    target: str
    time_zone: str
    departs_at: str
    minutes: int
    weekdays: str
    from_on: date | None = None
    to_on: date | None = None
    check_in_minutes: int | None = None

    def sails_on(self, day: date) -> bool:
        """Is this a day of the season, and one of its weekdays?"""
        is_in_season = (self.from_on or day) <= day <= (self.to_on or day)
        return is_in_season and str(day.isoweekday()) in self.weekdays


@dataclass(frozen=True)
class Departure:
    """One sailing, port to port."""

    origin: str
    target: str
    departs_at: datetime
    arrives_at: datetime
    check_in_minutes: int | None = None


def list_departures(rows: Iterable[TimetableRow], first: date, last: date) -> tuple[Departure, ...]:
    """All sailings of these days (both count), in the order of their departures."""
    found = [departure for row in rows for departure in _list_of_row(row, first, last)]
    return tuple(sorted(found, key=lambda one: (one.departs_at, one.origin, one.target)))


def _list_of_row(row: TimetableRow, first: date, last: date) -> Iterator[Departure]:
    day = first
    while day <= last:
        if row.sails_on(day):
            departs_at = _find_instant(row, day)
            arrives_at = departs_at + timedelta(minutes=row.minutes)
            yield Departure(row.origin, row.target, departs_at, arrives_at, row.check_in_minutes)
        day += _DAY


def _find_instant(row: TimetableRow, day: date) -> datetime:
    """A clock that is skipped that night counts from the hour before; of two equal ones it is the first."""
    wall = datetime.combine(day, time.fromisoformat(row.departs_at))
    try:
        return wall_to_instant(wall, row.time_zone, fold=0)
    except TimeDoesNotExistError as gap:
        return gap.nearest[1]


@dataclass(frozen=True)
class JourneyEnd:
    """Where the delegation is at an instant: there it comes to, or leaves from."""

    place: str
    at: datetime


@dataclass(frozen=True)
class Journey:
    """How a delegation comes and goes, as far as it is known, and how many groups of it go separate ways."""

    arrival: JourneyEnd | None = None
    departure: JourneyEnd | None = None
    groups: int = 1


def check_journey(
    journey: Journey,
    *,
    zones: Mapping[str, str],
    windows: Sequence[tuple[date, date]],
    group_size: int,
    groups_allowed: tuple[int, int] = (1, MOST_GROUPS),
) -> None:
    """`zones`: the clock of each place; `windows`: the wished days, both ends count; `groups_allowed`: what
    the stops that stand leave possible, both ends count.

    Raises JourneyNotUsableError with the field that is wrong and why.
    """
    for name, end in (("arrival", journey.arrival), ("departure", journey.departure)):
        if end is not None:
            _check_end(name, end, zones, windows)
    if journey.arrival and journey.departure and journey.departure.at <= journey.arrival.at:
        raise JourneyNotUsableError("departure", "order")
    most = min(MOST_GROUPS, group_size)
    if not 1 <= journey.groups <= most:
        raise JourneyNotUsableError("groups", "range", most=most)
    if not groups_allowed[0] <= journey.groups <= groups_allowed[1]:
        raise JourneyNotUsableError("groups", "in_use", most=groups_allowed[0])


def _check_end(
    name: str, end: JourneyEnd, zones: Mapping[str, str], windows: Sequence[tuple[date, date]]
) -> None:
    if end.place not in zones:
        raise JourneyNotUsableError(name, "place")
    day = local_day(end.at, zones[end.place])
    around = [(first - _DAYS_AROUND, last + _DAYS_AROUND) for first, last in windows]
    if around and not any(first <= day <= last for first, last in around):
        first, last = min(around, key=lambda one: max(one[0] - day, day - one[1]))
        raise JourneyNotUsableError(name, "days", first=first, last=last)
