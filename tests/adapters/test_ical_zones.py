"""The hand-made zone blocks mean the same instants as the zone data, in somebody else's parser."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject

from bookings.adapters.ical.build import build_publish, build_request
from bookings.adapters.ical.zones import VTIMEZONES, find_wall_time
from tests.adapters.calendar_entries import an_entry

YEARS = range(2026, 2038)
HOUR = timedelta(hours=1)
ZONES = sorted(VTIMEZONES)


def change_days(zone: str) -> list[datetime]:
    """Midnight UTC of each day on which the clocks of the zone change."""
    days = [
        datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=number) for year in YEARS for number in range(365)
    ]
    local = ZoneInfo(zone)
    return [
        day
        for day in days
        if day.astimezone(local).utcoffset() != (day + timedelta(days=1)).astimezone(local).utcoffset()
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_every_quarter_hour_of_every_change_day_comes_back_as_the_same_instant(zone):
    starts = [day + timedelta(minutes=15 * number) for day in change_days(zone) for number in range(-16, 112)]
    entries = [
        an_entry(uid=f"{start:%Y%m%d%H%M}", starts_at=start, ends_at=start + HOUR, time_zone=zone)
        for start in starts
    ]

    calendar = vobject.readOne(build_publish(entries).decode())

    found = [(event.dtstart.value, event.dtend.value) for event in calendar.vevent_list]
    assert len(starts) == len(YEARS) * 2 * 128
    assert found == [(start, start + HOUR) for start in starts]


@pytest.mark.parametrize("zone", ZONES)
def test_each_block_has_one_standard_and_one_daylight_part_with_a_yearly_rule(zone):
    lines = VTIMEZONES[zone].decode().split("\r\n")

    assert [line for line in lines if line.startswith("BEGIN")] == [
        "BEGIN:VTIMEZONE",
        "BEGIN:STANDARD",
        "BEGIN:DAYLIGHT",
    ]
    assert [line for line in lines if line.startswith("R")] == [
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
    ]


def test_the_hour_that_autumn_repeats_is_told_in_utc():
    first, second = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)

    assert find_wall_time(first, "Europe/Helsinki") is None
    assert find_wall_time(second, "Europe/Helsinki") is None
    assert find_wall_time(first - timedelta(hours=1), "Europe/Helsinki") is not None
    assert find_wall_time(second + timedelta(hours=1), "Europe/Helsinki") is not None


def test_start_and_end_are_written_alike():
    start = datetime(2027, 10, 30, 23, 30, tzinfo=UTC)

    content = build_request(an_entry(starts_at=start, ends_at=start + timedelta(hours=1)))

    assert b"\r\nDTSTART:20271030T233000Z\r\nDTEND:20271031T003000Z\r\n" in content


def test_years_when_the_rule_was_another_are_told_in_utc():
    assert find_wall_time(datetime(1995, 10, 10, 12, tzinfo=UTC), "Europe/Stockholm") is None
