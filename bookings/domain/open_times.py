"""When a host can receive visitors with one of its offers, and why not at other times."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from bookings.domain.errors import TimeDoesNotExistError
from bookings.domain.offers import SeasonHours
from bookings.domain.time import Interval, wall_to_instant

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


class ClosedReason(StrEnum):
    """Why a host cannot be visited then. Of several reasons the one that stands first here counts."""

    SITE_CLOSED = "site_closed"
    CLOSED_DAY = "closed_day"
    OUTSIDE_HOURS = "outside_hours"
    HOLIDAY = "holiday"
    BLACKOUT = "blackout"
    NOTICE = "notice"
    MONTH_FULL = "month_full"
    HELD = "held"
    BUSY = "busy"
    TOO_SHORT = "too_short"


@dataclass(frozen=True)
class ClosedTime:
    """A stretch in which nobody can come, with the reason."""

    interval: Interval
    reason: ClosedReason


@dataclass(frozen=True)
class OpenDay:
    """One day at the place: its open and its closed stretches together are the whole day."""

    day: date
    open: tuple[Interval, ...]
    closed: tuple[ClosedTime, ...]


@dataclass(frozen=True, kw_only=True)
class Opening:
    """What decides when an offer is open. Instants in UTC, days and hours those of the place."""

    time_zone: str
    minutes: int
    hours: Sequence[SeasonHours]
    holidays: Collection[date] = ()
    blackouts: Sequence[tuple[date, date]] = ()
    """First and last day, both closed."""
    closures: Sequence[tuple[datetime, datetime | None]] = ()
    """From and until; None: until further notice."""
    earliest_on: date = date.min
    """The first day for which the notice is long enough."""
    full_months: Collection[tuple[int, int]] = ()
    """Years and months in which no more visits are received."""
    held: Sequence[Interval] = ()
    """Hard holds of the host, the buffer in front of them included."""
    buffer: timedelta = timedelta(0)
    """Kept free in front of each visit, so after another one, too."""
    busy: Sequence[Interval] = ()
    """When the host's own calendar says busy."""


def list_open_days(opening: Opening, days: Iterable[date]) -> tuple[OpenDay, ...]:
    """The open and the closed stretches of each of these days."""
    return tuple(_build_day(opening, day) for day in days)


def _build_day(opening: Opening, day: date) -> OpenDay:
    whole = _whole_day(day, opening.time_zone)
    pieces = _merge(_judge_pieces(opening, day, whole))
    shortest = timedelta(minutes=opening.minutes)
    closed, free = [], []
    for interval, reason in pieces:
        if reason is not None:
            closed.append(ClosedTime(interval, reason))
        elif interval.end - interval.start < shortest:
            closed.append(ClosedTime(interval, ClosedReason.TOO_SHORT))
        else:
            free.append(interval)
    return OpenDay(day, tuple(free), tuple(closed))


def _judge_pieces(
    opening: Opening, day: date, whole: Interval
) -> Iterator[tuple[Interval, ClosedReason | None]]:
    """The day cut wherever anything begins or ends, each piece with the reason that counts."""
    windows = _windows_of(opening, day, whole)
    reason_of_day = _judge_day(opening, day)
    closures = [_cut(start, end, whole) for start, end in opening.closures]
    held = [_cut(one.start, one.end + opening.buffer, whole) for one in opening.held]
    busy = [_cut(one.start, one.end, whole) for one in opening.busy]
    stretches: dict[ClosedReason, list[Interval]] = {
        ClosedReason.SITE_CLOSED: [one for one in closures if one],
        ClosedReason.HELD: [one for one in held if one],
        ClosedReason.BUSY: [one for one in busy if one],
    }
    bounds = {whole.start, whole.end}
    for one in (*windows, *(interval for found in stretches.values() for interval in found)):
        bounds |= {max(one.start, whole.start), min(one.end, whole.end)}
    cuts = sorted(bounds)
    for start, end in pairwise(cuts):
        piece = Interval(start, end)
        yield piece, _judge_piece(piece, windows, reason_of_day, stretches)


def _judge_piece(
    piece: Interval,
    windows: Sequence[Interval],
    reason_of_day: ClosedReason | None,
    stretches: dict[ClosedReason, list[Interval]],
) -> ClosedReason | None:
    if any(one.overlaps(piece) for one in stretches[ClosedReason.SITE_CLOSED]):
        return ClosedReason.SITE_CLOSED
    if not windows:
        return ClosedReason.CLOSED_DAY
    if not any(one.overlaps(piece) for one in windows):
        return ClosedReason.OUTSIDE_HOURS
    if reason_of_day:
        return reason_of_day
    later = (ClosedReason.HELD, ClosedReason.BUSY)
    return next((reason for reason in later if any(one.overlaps(piece) for one in stretches[reason])), None)


def _judge_day(opening: Opening, day: date) -> ClosedReason | None:
    if day in opening.holidays:
        return ClosedReason.HOLIDAY
    if any(first <= day <= last for first, last in opening.blackouts):
        return ClosedReason.BLACKOUT
    if day < opening.earliest_on:
        return ClosedReason.NOTICE
    return ClosedReason.MONTH_FULL if (day.year, day.month) in opening.full_months else None


def _windows_of(opening: Opening, day: date, whole: Interval) -> list[Interval]:
    """The hours of the day. A wall time that comes twice is open twice, one that is skipped never."""
    parts = _split_at_change(whole, opening.time_zone)
    found = []
    for hours in opening.hours:
        if not hours.covers(day):
            continue
        for part, offset in parts:
            opens = _clock(day, hours.opens_at, offset)
            closes = _clock(day, hours.closes_at, offset)
            found.append(_cut(opens, closes, part))
    return [interval for interval in found if interval]


def _clock(day: date, wall: str, offset: timedelta) -> datetime:
    return datetime.combine(day, time.fromisoformat(wall), tzinfo=timezone(offset)).astimezone(UTC)


def _split_at_change(whole: Interval, zone: str) -> list[tuple[Interval, timedelta]]:
    """The parts of a day in which the clocks keep their distance from UTC."""
    place = ZoneInfo(zone)
    first, last = (_offset(moment, place) for moment in (whole.start, whole.end - _MINUTE))
    if first == last:
        return [(whole, first)]
    before, after = whole.start, whole.end
    while after - before > _MINUTE:
        middle = before + (after - before) // _MINUTE // 2 * _MINUTE
        before, after = (middle, after) if _offset(middle, place) == first else (before, middle)
    return [(Interval(whole.start, after), first), (Interval(after, whole.end), last)]


def _offset(moment: datetime, place: ZoneInfo) -> timedelta:
    return moment.astimezone(place).utcoffset() or timedelta(0)


def _whole_day(day: date, zone: str) -> Interval:
    return Interval(_midnight(day, zone), _midnight(day + _DAY, zone))


def _midnight(day: date, zone: str) -> datetime:
    try:
        return wall_to_instant(datetime.combine(day, time()), zone, fold=0)
    except TimeDoesNotExistError as gap:
        return gap.nearest[1]


def _cut(start: datetime, end: datetime | None, whole: Interval) -> Interval | None:
    """The part of a stretch that lies within the day."""
    first, last = max(start, whole.start), min(end or whole.end, whole.end)
    return Interval(first, last) if first < last else None


def _merge(
    pieces: Iterable[tuple[Interval, ClosedReason | None]],
) -> list[tuple[Interval, ClosedReason | None]]:
    merged: list[tuple[Interval, ClosedReason | None]] = []
    for interval, reason in pieces:
        touches = bool(merged) and merged[-1][1] == reason
        start = merged.pop()[0].start if touches else interval.start
        merged.append((Interval(start, interval.end), reason))
    return merged
