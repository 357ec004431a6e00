"""Which days a programme can lie on: runs of days inside the windows, halves of days at their ends."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from bookings.domain.time import Interval
from bookings.planner.problem import Candidate, DateWindow, Firmness, Problem

_LONGEST_BREAK_DAYS = 3
MOST_FRAMES = 8
_DAY = timedelta(days=1)


class Half(StrEnum):
    """Which part of a day belongs to the programme."""

    ALL = "all"
    MORNING = "morning"
    AFTERNOON = "afternoon"


@dataclass(frozen=True, order=True)
class FrameDay:
    """One day of a programme."""

    day: date
    half: Half = Half.ALL


Frame = tuple[FrameDay, ...]


def list_frames(
    problem: Problem, openings_of: Iterable[Mapping[date, object]], *, most: int | None = MOST_FRAMES
) -> list[Frame]:
    """The runs of days that promise most, the fullest first; all hold the days of the slots that stay.

    Days of asked slots, and days on which a host that must be in is open, come before all others.
    """
    openings = _count_openings(openings_of)
    slots = {stop: local_date(stop.interval.start, stop.zone) for stop in problem.fixed}
    fixed = sorted({day for stop, day in slots.items() if stop.firmness != Firmness.ASKED})
    frames: dict[Frame, None] = {}
    for window in problem.delegation.windows:
        for frame in _list_runs(window, sorted(set(openings) | set(slots.values())), problem):
            frames[frame] = None
    fitting = [frame for frame in frames if set(fixed) <= {entry.day for entry in frame}]
    if fixed and not fitting:
        fitting = [_join(fixed, frame) for frame in frames] or [_join(fixed, ())]
    wanted = [{day} for stop, day in slots.items() if stop.firmness == Firmness.ASKED]
    wanted += [
        {day for c in problem.candidates if c.host == host for day in open_by_day(c)} for host in problem.must
    ]

    def promise(frame: Frame) -> tuple[int, int]:
        days = {entry.day for entry in frame}
        return sum(bool(days & some) for some in wanted), sum(openings.get(day, 0) for day in days)

    ranked = sorted(sorted(fitting), key=promise, reverse=True)
    return list(dict.fromkeys(ranked))[:most]


@lru_cache(maxsize=1 << 16)
def local_date(instant: datetime, zone: str) -> date:
    """The calendar day at the place."""
    return instant.astimezone(ZoneInfo(zone)).date()


def open_by_day(candidate: Candidate) -> dict[date, list[Interval]]:
    """The open times that touch each day at the place."""
    found: dict[date, list[Interval]] = {}
    for interval in candidate.open_times:
        day = local_date(interval.start, candidate.zone)
        last = local_date(interval.end, candidate.zone)
        while day <= last:
            found.setdefault(day, []).append(interval)
            day += _DAY
    return found


def _count_openings(openings_of: Iterable[Mapping[date, object]]) -> dict[date, int]:
    """How many candidates are open on each day."""
    return Counter(day for openings in openings_of for day in openings)


def _list_runs(window: DateWindow, open_days: list[date], problem: Problem) -> Iterable[Frame]:
    earliest, latest = window.earliest, window.latest
    arrival, departure = problem.delegation.arrival, problem.delegation.departure
    if arrival is not None:
        earliest = max(earliest, arrival.at.date() - timedelta(days=1))
    if departure is not None:
        latest = min(latest, departure.at.date() + timedelta(days=1))
    days = open_days[bisect_left(open_days, earliest) :]
    days = [day for day in days if day <= latest]
    length = min((window.half_days + 1) // 2, len(days))
    if not length:
        return
    for first in range(len(days) - length + 1):
        run = days[first : first + length]
        if (run[-1] - run[0]).days < length + _LONGEST_BREAK_DAYS:
            yield from _halve(run, has_half=window.half_days % 2 == 1 and length * 2 > window.half_days)


def _halve(run: list[date], *, has_half: bool) -> Iterable[Frame]:
    whole = [FrameDay(day) for day in run]
    if not has_half:
        yield tuple(whole)
        return
    yield (*whole[:-1], FrameDay(run[-1], Half.MORNING))
    yield (FrameDay(run[0], Half.AFTERNOON), *whole[1:])


def _join(fixed: list[date], frame: Frame) -> Frame:
    """The days of fixed stops, and as many of the frame's as there is room for."""
    days = {day: FrameDay(day) for day in fixed}
    for entry in frame:
        if len(days) < len(frame):
            days.setdefault(entry.day, entry)
    return tuple(days[day] for day in sorted(days))
