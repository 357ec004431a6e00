"""Time zones in calendars: two hand-made blocks, and UTC for everything else.

Exchange may refuse a VTIMEZONE that doesn't have exactly one STANDARD and one DAYLIGHT part, each with a
yearly BYDAY rule.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

_BLOCK = """\
BEGIN:VTIMEZONE
TZID:{tzid}
BEGIN:STANDARD
DTSTART:19701025T{autumn}
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:{summer_offset}
TZOFFSETTO:{winter_offset}
TZNAME:{winter_name}
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T{spring}
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:{winter_offset}
TZOFFSETTO:{summer_offset}
TZNAME:{summer_name}
END:DAYLIGHT
END:VTIMEZONE
"""

_STOCKHOLM = _BLOCK.format(
    tzid="Europe/Stockholm", spring="020000", autumn="030000",
    winter_offset="+0100", summer_offset="+0200", winter_name="CET", summer_name="CEST",
)  # fmt: skip
_HELSINKI = _BLOCK.format(
    tzid="Europe/Helsinki", spring="030000", autumn="040000",
    winter_offset="+0200", summer_offset="+0300", winter_name="EET", summer_name="EEST",
)  # fmt: skip

VTIMEZONES: dict[str, bytes] = {
    "Europe/Stockholm": _STOCKHOLM.replace("\n", "\r\n").encode(),
    "Europe/Helsinki": _HELSINKI.replace("\n", "\r\n").encode(),
}
_WINTER_OFFSETS = {"Europe/Stockholm": timedelta(hours=1), "Europe/Helsinki": timedelta(hours=2)}


def find_wall_time(instant: datetime, time_zone: str) -> datetime | None:
    """Return the wall time that our block turns back into exactly this instant; None when only UTC does."""
    if time_zone not in VTIMEZONES:
        return None
    local = instant.astimezone(ZoneInfo(time_zone))
    # In the hour that autumn repeats, calendar programs disagree about which of the two is meant.
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        return None
    # Newer zone data may know that the countries gave up summer time; our block can't, so UTC must tell.
    return local if local.utcoffset() == _block_offset(instant, time_zone) else None


def _block_offset(instant: datetime, time_zone: str) -> timedelta:
    utc = instant.astimezone(UTC)
    is_summer = _last_sunday(utc.year, month=3) <= utc < _last_sunday(utc.year, month=10)
    return _WINTER_OFFSETS[time_zone] + timedelta(hours=1 if is_summer else 0)


@cache
def _last_sunday(year: int, *, month: int) -> datetime:
    last_day = datetime(year, month, 31, 1, tzinfo=UTC)
    return last_day - timedelta(days=(last_day.weekday() + 1) % 7)
