"""A calendar message as rows that people can read."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bookings.i18n import format_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l

_LINE = re.compile(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:]*))*):(.*)')
_ESCAPE = re.compile(r"\\([\\,;nN])")
_LABELS = {
    "METHOD": _l("What it does"),
    "SUMMARY": _l("Title"),
    "DTSTART": _l("Starts"),
    "DTEND": _l("Ends"),
    "LOCATION": _l("Where"),
    "STATUS": _l("Status"),
    "ORGANIZER": _l("Answers go to"),
    "ATTENDEE": _l("Invited"),
    "SEQUENCE": _l("Version (SEQUENCE)"),
    "UID": _l("Identifier (UID)"),
    "DESCRIPTION": _l("Description"),
}


def build_calendar_rows(calendar: str) -> list[tuple[str, str]]:
    """Label and value of each property that matters to a reader, in a fixed order."""
    found = {name: _value(name, parameters, value) for name, parameters, value in _properties(calendar)}
    return [(str(label), found[name]) for name, label in _LABELS.items() if found.get(name)]


def _properties(calendar: str) -> Iterator[tuple[str, str, str]]:
    """Properties of the calendar and of its event; those of time zones and alarms are left out."""
    depth: list[str] = []
    for line in re.sub(r"\r?\n[ \t]", "", calendar).splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        name, parameters, value = match.groups()
        if name == "BEGIN":
            depth.append(value)
        elif name == "END":
            depth.pop()
        elif depth in (["VCALENDAR"], ["VCALENDAR", "VEVENT"]):
            yield name, parameters, value


def _value(name: str, parameters: str, value: str) -> str:
    if name in ("DTSTART", "DTEND"):
        return _moment(parameters, value)
    if name in ("ORGANIZER", "ATTENDEE"):
        person = value.removeprefix("mailto:")
        answer = re.search(r"PARTSTAT=([A-Z-]+)", parameters)
        return f"{person} ({answer[1]})" if answer else person
    if name == "METHOD":
        return {"REQUEST": _("REQUEST: asks for an answer"), "CANCEL": _("CANCEL: takes the entry away")}.get(
            value, value
        )
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def _moment(parameters: str, value: str) -> str:
    zone = re.search(r"TZID=\"?([A-Za-z_/+-]+)", parameters)
    try:
        moment = datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 - the zone stands beside it
        name = zone[1] if zone else "UTC"
        return format_instant(moment.replace(tzinfo=ZoneInfo(name) if zone else UTC), name)
    except (ValueError, KeyError):
        return value
