"""When a foreign calendar says busy. Runs in a child process with limited memory and CPU, nowhere else.

`python -m bookings.adapters.ical.busy` reads a line of JSON (zone, start, end, own domain), then the
calendar, and writes one JSON value: times, or the code of a fault.
"""

import json
import re
import resource
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

MEMORY_OCTETS = 512 * 1024 * 1024
CPU_SECONDS = 10
MOST_TIMES = 5000
MOST_EVENTS = 10_000
MOST_COMPONENTS = 20_000
_TOO_OFTEN = re.compile(
    rb"^(?:RRULE|EXRULE)[;:][^\r\n]*FREQ=(?:SECONDLY|MINUTELY)", re.IGNORECASE | re.MULTILINE
)
_FOLDED = re.compile(rb"\r?\n[ \t]")
_BEGIN = re.compile(rb"^BEGIN:", re.IGNORECASE | re.MULTILINE)
_START = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*BEGIN:VCALENDAR\s", re.IGNORECASE)
_FREE = ("TRANSPARENT", "FREE")
_STEP = timedelta(days=7)


class CalendarFaultError(Exception):
    """The calendar is outside of what is read; the text is a code for staff."""


def read_times(
    content: bytes, *, zone: str, start: datetime, end: datetime, own_domain: str
) -> list[tuple[datetime, datetime]]:
    """The busy times (UTC) between two instants; what came from us is left out. Raises CalendarFaultError."""
    _check(content)
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except ValueError as error:
        raise CalendarFaultError("unreadable") from error
    found: list[tuple[datetime, datetime]] = []
    for period in chain.from_iterable(
        _list_times(calendar, ZoneInfo(zone), (start, end), own_domain) for calendar in calendars
    ):
        clipped = max(period[0], start), min(period[1], end)
        if clipped[0] < clipped[1]:
            found.append(clipped)
        if len(found) > MOST_TIMES:
            raise CalendarFaultError("too_many")
    return found


def _check(content: bytes) -> None:
    if not _START.match(content):
        raise CalendarFaultError("no_calendar")
    if not content.rstrip().upper().endswith(b"END:VCALENDAR"):  # cut off on its way
        raise CalendarFaultError("unreadable")
    unfolded = _FOLDED.sub(b"", content)
    if _TOO_OFTEN.search(unfolded):
        raise CalendarFaultError("too_often")
    if sum(1 for _ in _BEGIN.finditer(unfolded)) > MOST_COMPONENTS:
        raise CalendarFaultError("too_many")


def _list_times(
    calendar: Any, zone: ZoneInfo, span: tuple[datetime, datetime], own_domain: str
) -> Iterator[tuple[datetime, datetime]]:
    query = recurring_ical_events.of(calendar, components=["VEVENT"], skip_bad_series=True)
    for event in _list_events(query, span):
        if not _is_free(event, own_domain):
            yield _instant(event.start, zone), _instant(event.end, zone)
    for component in calendar.walk("VFREEBUSY"):
        yield from _list_periods(component, zone)


def _list_events(query: Any, span: tuple[datetime, datetime]) -> Iterator[Any]:
    """Week by week, so that a rule that never rests is noticed in its first weeks; some come twice."""
    begin, seen = span[0], 0
    while begin < span[1]:
        events = query.between(begin, min(begin + _STEP, span[1]))
        seen += len(events)
        if seen > MOST_EVENTS:
            raise CalendarFaultError("too_many")
        yield from events
        begin += _STEP


def _is_free(event: Any, own_domain: str) -> bool:
    """Free time, called off, or our own invitation: a visit must not stand in its own way."""
    if str(event.get("UID", "")).casefold().endswith(f"@{own_domain.casefold()}"):
        return True
    says = (event.get("TRANSP", ""), event.get("X-MICROSOFT-CDO-BUSYSTATUS", ""))
    return str(event.get("STATUS", "")).upper() == "CANCELLED" or any(
        str(one).upper() in _FREE for one in says
    )


def _list_periods(component: Any, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    found = component.get("FREEBUSY", [])
    for line in found if isinstance(found, list) else [found]:
        if str(line.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        for period in getattr(line, "dts", [line]):
            start, until = period.start, period.end
            yield _instant(start, zone), _instant(until, zone)


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    """Days and times without a zone are those of the host's place."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def run_child() -> None:
    """What the child does: one calendar in, one JSON value out."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    head, _, content = sys.stdin.buffer.read().partition(b"\n")
    sys.stdout.write(json.dumps(_read_one(json.loads(head), content)))


def _read_one(asked: dict[str, str], content: bytes) -> dict[str, Any]:
    try:
        times = read_times(
            content,
            zone=asked["zone"],
            start=datetime.fromisoformat(asked["start"]),
            end=datetime.fromisoformat(asked["end"]),
            own_domain=asked["own_domain"],
        )
    except CalendarFaultError as error:
        return {"fault": str(error)}
    except MemoryError:  # of the two bounds a quick machine meets this one first
        return {"fault": "too_hard"}
    except Exception:  # noqa: BLE001 - whatever a stranger's calendar does to the reader
        return {"fault": "unreadable"}
    return {"times": [(start.isoformat(), end.isoformat()) for start, end in times]}


if __name__ == "__main__":
    run_child()
