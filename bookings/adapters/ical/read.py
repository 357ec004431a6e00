"""Reading the iTIP messages that calendar programs send back.

Read here and not by `icalendar`: a single odd line must not lose the answer in the next one, and what arrives
is written by strangers. Values and names are taken as RFC 5545 means them, whatever their case.
"""

import re
from datetime import datetime

from bookings.adapters.ical.read_lines import (
    Component,
    ContentLine,
    UnreadableCalendarError,
    parse_calendars,
)
from bookings.adapters.ical.read_times import (
    UnclearTimeError,
    Zones,
    read_duration,
    read_moment,
    read_time,
    read_zones,
)
from bookings.domain.answers import AnswerLine, CalendarAnswer, Partstat

__all__ = ["UnreadableCalendarError", "read_answers"]

_LONGEST_COMMENT = 4000
_LONGEST_UID = 1000
_MOST_LINES = 100
_LONGEST_ADDRESS = 320
_MAX_SEQUENCE = 2**31 - 1
# iOS puts a picture between zero-width blanks.
_INVISIBLE = re.compile("[\u200b\ufeff]")
# A name with a colon that stands there without quotes: the answer is behind it.
_LATE_PARTSTAT = re.compile(r";PARTSTAT=\"?([A-Z-]+)", re.IGNORECASE)
_ESCAPED_OCTET = re.compile(r"%(2[1-9A-F]|[3-6][0-9A-F]|7[0-9A-E])", re.IGNORECASE)
_OFFER_PART = re.compile(r"(DTSTART|DTEND|DURATION)((?:;[A-Z-]+=[^:;]*)*)[:=]([0-9A-Z+-]+)", re.IGNORECASE)


def read_answers(text: str, *, mime_method: str = "") -> list[CalendarAnswer]:
    """The VEVENTs of a calendar. METHOD in the body beats the MIME parameter.

    Raises UnreadableCalendarError when the calendar is broken off, too large or holds no event.
    """
    found = []
    for calendar in parse_calendars(text):
        method = (calendar.text("METHOD") or mime_method).strip().upper()
        zones = read_zones(calendar)
        found += [_answer(part, method, zones) for part in calendar.parts if part.name == "VEVENT"]
    if not found:
        raise UnreadableCalendarError("no_event")
    return found


def _answer(event: Component, method: str, zones: Zones) -> CalendarAnswer:
    starts_at, start_is_unclear = _time(event, "DTSTART", zones)
    ends_at, end_is_unclear = _end(event, starts_at, zones)
    original, _ = _time(event, "X-MS-OLK-ORIGINALSTART", zones)
    occurrence, _ = _time(event, "RECURRENCE-ID", zones)
    dtstamp, _ = _time(event, "DTSTAMP", zones)
    return CalendarAnswer(
        method=method,
        uid="".join(event.text("UID").split())[:_LONGEST_UID],
        lines=_telling([_line(line, zones) for line in event.all("ATTENDEE")]),
        sequence=_sequence(event),
        dtstamp=dtstamp if dtstamp and dtstamp.tzinfo else None,
        starts_at=starts_at,
        ends_at=ends_at,
        original_starts_at=original or occurrence,
        is_occurrence=event.find("RECURRENCE-ID") is not None,
        has_unclear_time=start_is_unclear or end_is_unclear,
        organizer=_address(event.find("ORGANIZER")),
        comment=_comment(event),
    )


def _telling(lines: list[AnswerLine]) -> tuple[AnswerLine, ...]:
    """The lines that answer, and a few silent ones: a guest list of thousands costs no time."""
    told = [line for line in lines if line.partstat is not Partstat.NEEDS_ACTION or line.offered]
    silent = [line for line in lines if line.partstat is Partstat.NEEDS_ACTION and not line.offered]
    return (*told[:_MOST_LINES], *silent[:_MOST_LINES])


def _time(event: Component, name: str, zones: Zones) -> tuple[datetime | None, bool]:
    line = event.find(name)
    if line is None:
        return None, False
    try:
        return read_time(line, zones), False
    except UnclearTimeError:
        return None, True


def _end(event: Component, starts_at: datetime | None, zones: Zones) -> tuple[datetime | None, bool]:
    duration = event.find("DURATION")
    if event.find("DTEND") is not None or duration is None or starts_at is None:
        return _time(event, "DTEND", zones)
    try:
        return starts_at + read_duration(duration.value), False
    except (UnclearTimeError, OverflowError):
        return None, True


def _sequence(event: Component) -> int | None:
    """Exchange repeats it under its own name; nonsense counts as none."""
    for name in ("SEQUENCE", "X-MICROSOFT-CDO-APPT-SEQUENCE"):
        value = event.text(name)
        if value.isascii() and value.isdigit() and len(value) < 12:
            return min(int(value), _MAX_SEQUENCE)
    return None


def _line(line: ContentLine, zones: Zones) -> AnswerLine:
    parameters = line.parameters
    return AnswerLine(
        address=_address(line),
        partstat=_partstat(parameters.get("PARTSTAT") or _late_partstat(line)),
        name=parameters.get("CN", ""),
        email=_bare(parameters.get("EMAIL", "")),
        sent_by=_bare(parameters.get("SENT-BY", "")),
        delegated_to=_bare(parameters.get("DELEGATED-TO", "")),
        comment=_visible(parameters.get("X-RESPONSE-COMMENT", "")),
        offered=_offer(_offer_text(line), zones),
    )


def _offer_text(line: ContentLine) -> str:
    """The proposal of iOS; without its quotes it runs over into the value."""
    offer = line.parameters.get("TO-ALL-PROPOSED-NEW-TIME", "")
    return f"{offer}:{line.value}" if offer.upper() == "DTSTART" else offer


def _partstat(value: str) -> Partstat:
    """Unknown values are no answer (RFC 5545)."""
    try:
        return Partstat(value.strip().upper())
    except ValueError:
        return Partstat.NEEDS_ACTION


def _late_partstat(line: ContentLine) -> str:
    found = _LATE_PARTSTAT.search(line.value)
    return found[1] if found else ""


def _address(line: ContentLine | None) -> str:
    return _bare(line.value) if line else ""


def _bare(value: str) -> str:
    """The address without its scheme, whatever its case; blanks come from folding with tabs.

    The last "mailto:" counts: parameters with a colon are not always quoted.
    """
    address = "".join(value.split())
    scheme = address.lower().rfind("mailto:")
    if scheme >= 0:  # a URI, in which some programs write "@" or "+" by its number
        address = _ESCAPED_OCTET.sub(lambda found: chr(int(found[1], 16)), address[scheme + len("mailto:") :])
    return address.strip("<>")[:_LONGEST_ADDRESS]


def _comment(event: Component) -> str:
    for name in ("COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT", "X-CALENDARSERVER-ATTENDEE-COMMENT"):
        texts = [text for line in event.all(name) if (text := _visible(line.text))]
        if texts:
            return "\n".join(texts)[:_LONGEST_COMMENT]
    return ""


def _visible(text: str) -> str:
    return _INVISIBLE.sub("", text).strip()[:_LONGEST_COMMENT]


def _offer(value: str, zones: Zones) -> tuple[datetime, datetime | None] | None:
    """iOS: `DTSTART:20270519T110000Z;STATUS:NEEDS-ACTION`. An offer that cannot be read is none."""
    found = {part[1].upper(): (part[2], part[3]) for part in _OFFER_PART.finditer(value)}
    if "DTSTART" not in found:
        return None
    try:
        starts_at = _offered(found["DTSTART"], zones)
        if "DTEND" in found:
            return starts_at, _offered(found["DTEND"], zones)
        if "DURATION" in found:
            return starts_at, starts_at + read_duration(found["DURATION"][1])
    except (UnclearTimeError, OverflowError):
        return None
    return starts_at, None


def _offered(part: tuple[str, str], zones: Zones) -> datetime:
    parameters, value = part
    zone = re.search(r"TZID=([^:;]*)", parameters, re.IGNORECASE)
    return read_moment(value, zone[1] if zone else "", zones)
