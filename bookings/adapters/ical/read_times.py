"""Times of foreign calendars: UTC, IANA names, Windows names, zones that only the message explains."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bookings.adapters.ical.read_lines import Component, ContentLine
from bookings.adapters.ical.windows_zones import WINDOWS_ZONES

_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", re.IGNORECASE)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)(?::?(\d\d))?")
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9})S)?)?",
    re.IGNORECASE,
)
_RULE_DAY = re.compile(r"([+-]?\d)?(MO|TU|WE|TH|FR|SA|SU)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WINDOWS = {name.casefold(): zone for name, zone in WINDOWS_ZONES.items()}
_SHORT_NAMES = frozenset({"UTC", "EET", "CET", "MET", "WET"})
# As Windows shows it in lists: (UTC+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius
_DISPLAYED = re.compile(r"\((?:UTC|GMT)([+-]\d\d:\d\d)\)\s*([^,]{2,40})", re.IGNORECASE)
_UTC_NAMES = frozenset(
    {"utc", "gmt", "z", "tzone://microsoft/utc", "etc/utc", "(utc) coordinated universal time"}
)


class UnclearTimeError(ValueError):
    """A time that nobody can be sure of: the zone is unknown, or it is no time at all."""


@dataclass(frozen=True)
class _Observance:
    """A STANDARD or DAYLIGHT part: from its onsets on, the clock is `offset` ahead of UTC."""

    offset: timedelta
    first: datetime
    rule: Mapping[str, str]
    extra: tuple[datetime, ...]


Zones = Mapping[str, tuple[_Observance, ...]]


def read_zones(calendar: Component) -> Zones:
    """The VTIMEZONEs of a message, by name; broken ones are left out."""
    found = {}
    for part in calendar.parts:
        if part.name == "VTIMEZONE":
            try:
                found[part.text("TZID").casefold()] = tuple(_observance(one) for one in part.parts)
            except (ValueError, OverflowError):
                continue
    return found


def read_time(line: ContentLine, zones: Zones) -> datetime:
    """The moment of a DATE-TIME property: aware, or naive when it says no zone. Raises UnclearTimeError."""
    return read_moment(line.value, line.parameters.get("TZID", ""), zones)


def read_moment(value: str, tzid: str, zones: Zones) -> datetime:
    """A moment as calendars write it. Raises UnclearTimeError; a day without a time is unclear too."""
    found = _MOMENT.fullmatch(value.strip())
    if found is None or found[4] is None:
        raise UnclearTimeError(value[:40])
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
        wall = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001 - leap seconds
        if found[7]:
            return wall.replace(tzinfo=UTC)
        return _in_zone(wall, tzid, zones) if tzid else wall
    except (ValueError, OverflowError) as error:
        raise UnclearTimeError(value[:40]) from error


def read_duration(value: str) -> timedelta:
    """RFC 5545's DURATION. Raises UnclearTimeError."""
    found = _DURATION.fullmatch(value.strip())
    if found is None or not any(found.groups()[1:]):
        raise UnclearTimeError(value[:40])
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return -length if found[1] == "-" else length


def _in_zone(wall: datetime, tzid: str, zones: Zones) -> datetime:
    name = tzid.strip().strip("'\"")
    if name.casefold() in _UTC_NAMES:
        return wall.replace(tzinfo=UTC)
    zone = find_zone(name)
    if zone is not None:
        return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    offset = _offset_at(wall, zones.get(name.casefold(), ()))
    return wall.replace(tzinfo=timezone(offset)).astimezone(UTC)


@lru_cache(maxsize=256)
def find_zone(name: str) -> str | None:
    """The IANA zone of a name: as it is, as Windows calls it, or at the end of a path."""
    if name.casefold() in _WINDOWS:
        return _WINDOWS[name.casefold()]
    known = _known_zones()
    displayed = _DISPLAYED.match(name)
    if displayed is not None:
        return _find_city(displayed[2], _offset(displayed[1]))
    parts = name.casefold().strip("/").split("/")
    for start in range(len(parts)):
        # Mozilla, Evolution and others put their own path in front: /mozilla.org/20050126_1/Europe/Helsinki
        zone = known.get("/".join(parts[start:]))
        if zone is not None and (start == 0 or "/" in zone):
            return zone
    return None


def _find_city(city: str, standard: timedelta) -> str | None:
    """The zone that bears the name of the first city, if its clocks are that far ahead outside of summer."""
    ending = "/" + city.strip().casefold().replace(" ", "_")
    found = next((zone for name, zone in sorted(_known_zones().items()) if name.endswith(ending)), None)
    if found is None:
        return None
    offsets = [datetime(2027, month, 1, tzinfo=ZoneInfo(found)).utcoffset() for month in (1, 7)]
    return found if min(offset for offset in offsets if offset is not None) == standard else None


@lru_cache(maxsize=1)
def _known_zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if "/" in name or name in _SHORT_NAMES}


def _observance(part: Component) -> _Observance:
    first = part.find("DTSTART")
    to = part.find("TZOFFSETTO")
    if first is None or to is None:
        raise UnclearTimeError("VTIMEZONE")
    rule = part.find("RRULE")
    pairs = (item.partition("=") for item in rule.value.upper().split(";")) if rule else ()
    extra = tuple(
        read_moment(value, "", {}).replace(tzinfo=None)
        for line in part.all("RDATE")
        for value in line.value.split(",")[:200]
    )
    onset = read_moment(first.value, "", {}).replace(tzinfo=None)
    return _Observance(_offset(to.value), onset, {key: value for key, _, value in pairs}, extra)


def _offset(value: str) -> timedelta:
    found = _OFFSET.fullmatch(value.strip())
    if found is None:
        raise UnclearTimeError(value[:40])
    length = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    if length >= timedelta(hours=24):
        raise UnclearTimeError(value[:40])
    return -length if found[1] == "-" else length


def _offset_at(wall: datetime, observances: tuple[_Observance, ...]) -> timedelta:
    """The offset of the observance that began last before this wall time."""
    onsets = [(onset, one.offset) for one in observances for onset in _onsets(one, wall)]
    past = [pair for pair in onsets if pair[0] <= wall]
    if past:
        return max(past, key=lambda pair: pair[0])[1]
    if len(observances) == 1:
        return observances[0].offset
    raise UnclearTimeError("zone")


def _onsets(one: _Observance, wall: datetime) -> list[datetime]:
    found = [one.first, *one.extra]
    if one.rule.get("FREQ") == "YEARLY":
        until = _MOMENT.match(one.rule.get("UNTIL", ""))
        last_year = min(wall.year, int(until[1])) if until else wall.year
        years = range(max(one.first.year, last_year - 1), last_year + 1)
        found += [onset for year in years if (onset := _yearly(one, year)) is not None]
    return [onset for onset in found if onset >= one.first]


def _yearly(one: _Observance, year: int) -> datetime | None:
    month = int(one.rule.get("BYMONTH", one.first.month))
    if "BYDAY" not in one.rule:
        day = int(one.rule.get("BYMONTHDAY", one.first.day))
        return one.first.replace(year=year, month=month, day=day)
    found = _RULE_DAY.fullmatch(one.rule["BYDAY"])
    if found is None:
        raise UnclearTimeError("zone")
    return _nth_weekday(one, year, month, (int(found[1] or 1), _DAYS.index(found[2])))


def _nth_weekday(one: _Observance, year: int, month: int, wanted: tuple[int, int]) -> datetime | None:
    """The n-th weekday of the month, counted from its end when n is negative."""
    nth, weekday = wanted
    first = datetime(year, month, 1)  # noqa: DTZ001 - a wall time
    after = datetime(year + month // 12, month % 12 + 1, 1)  # noqa: DTZ001
    days = [
        day
        for number in range((after - first).days)
        if (day := first + timedelta(days=number)).weekday() == weekday
    ]
    if "BYMONTHDAY" in one.rule:
        allowed = {int(number) for number in one.rule["BYMONTHDAY"].split(",")[:31]}
        days = [day for day in days if day.day in allowed]
    index = nth - 1 if nth > 0 else len(days) + nth
    return (
        days[index].replace(hour=one.first.hour, minute=one.first.minute) if 0 <= index < len(days) else None
    )
