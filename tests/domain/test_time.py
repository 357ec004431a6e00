from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.errors import TimeDoesNotExistError, TimeIsAmbiguousError
from bookings.domain.time import (
    Interval,
    add_working_days,
    home_day,
    is_time_zone,
    is_working_day,
    local_day,
    next_weekday,
    to_local,
    wall_to_instant,
    zone_label,
)

STOCKHOLM, HELSINKI = "Europe/Stockholm", "Europe/Helsinki"
ZONES = st.sampled_from([STOCKHOLM, HELSINKI])
QUARTERS = st.integers(0, 4 * 24 * 365 * 12 - 1).map(
    lambda number: datetime.fromisoformat("2026-01-01") + number * timedelta(minutes=15)
)
INSTANTS = QUARTERS.map(lambda wall: wall.replace(tzinfo=UTC))
LENGTHS = st.integers(1, 2000).map(lambda minutes: timedelta(minutes=minutes))
INTERVALS = st.builds(lambda start, length: Interval(start, start + length), INSTANTS, LENGTHS)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


def on_the_wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def change_days(zone: str) -> list[date]:
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(365 * 12 + 3)]
    offset = {day: datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).utcoffset() for day in days}
    return [day for day, following in pairwise(days) if offset[day] != offset[following]]


def test_touching_intervals_do_not_overlap() -> None:
    morning = Interval(utc(2026, 5, 4, 8), utc(2026, 5, 4, 9))
    following = Interval(utc(2026, 5, 4, 9), utc(2026, 5, 4, 10))

    answer = morning.overlaps(following) or following.overlaps(morning)

    assert answer is False


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (utc(2026, 5, 4, 9), utc(2026, 5, 4, 9)),
        (utc(2026, 5, 4, 9), utc(2026, 5, 4, 8)),
        (on_the_wall("2026-05-04 08:00"), utc(2026, 5, 4, 9)),
    ],
)
def test_an_interval_is_aware_and_ends_after_it_starts(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError):
        Interval(start, end)


def test_an_interval_over_the_repeated_hour_keeps_its_real_length() -> None:
    start = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(STOCKHOLM), fold=0)
    end = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(STOCKHOLM), fold=1)

    interval = Interval(start, end)

    assert interval.minutes == 60
    assert interval.start == utc(2026, 10, 25, 0, 30)


@given(INTERVALS, INTERVALS)
def test_overlapping_is_mutual_and_means_sharing_a_minute(first: Interval, second: Interval) -> None:
    shared = min(first.end, second.end) - max(first.start, second.start)

    assert first.overlaps(second) == second.overlaps(first) == (shared > timedelta())


@pytest.mark.parametrize(
    ("zone", "hour", "around"), [(STOCKHOLM, 2, ("01:59", "03:00")), (HELSINKI, 3, ("02:59", "04:00"))]
)
def test_a_time_in_the_gap_is_refused_with_the_two_nearest_times(
    zone: str, hour: int, around: tuple[str, str]
) -> None:
    wall = on_the_wall(f"2026-03-29 0{hour}:30")

    with pytest.raises(TimeDoesNotExistError) as refusal:
        wall_to_instant(wall, zone)

    assert refusal.value.nearest == (utc(2026, 3, 29, 0, 59), utc(2026, 3, 29, 1, 0))
    assert tuple(f"{to_local(near, zone):%H:%M}" for near in refusal.value.nearest) == around
    assert (refusal.value.wall_time, refusal.value.time_zone) == (wall, zone)


def test_the_fold_does_not_help_in_a_gap() -> None:
    with pytest.raises(TimeDoesNotExistError):
        wall_to_instant(on_the_wall("2026-03-29 02:30"), STOCKHOLM, fold=1)


def test_a_repeated_time_asks_which_one_is_meant() -> None:
    wall = on_the_wall("2026-10-25 02:30")

    with pytest.raises(TimeIsAmbiguousError) as refusal:
        wall_to_instant(wall, STOCKHOLM)

    assert refusal.value.candidates == (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30))
    assert wall_to_instant(wall, STOCKHOLM, fold=0) == refusal.value.candidates[0]
    assert wall_to_instant(wall, STOCKHOLM, fold=1) == refusal.value.candidates[1]


@pytest.mark.parametrize("zone", [STOCKHOLM, HELSINKI])
def test_each_quarter_of_each_change_day_round_trips_or_is_refused(zone: str) -> None:
    days = change_days(zone)
    walls = [
        on_the_wall(day.isoformat()) + number * timedelta(minutes=15) for day in days for number in range(96)
    ]

    outcomes = [_outcome(wall, zone) for wall in walls]

    assert len(days) == 24
    assert outcomes.count("gap") == 12 * 4
    assert outcomes.count("fold") == 12 * 4
    assert outcomes.count("exact") == len(walls) - 24 * 4


def _outcome(wall: datetime, zone: str) -> str:
    try:
        instant = wall_to_instant(wall, zone)
    except TimeDoesNotExistError as refusal:
        before, after = (_read(instant, zone) for instant in refusal.nearest)
        return "gap" if before < wall < after else "wrong"
    except TimeIsAmbiguousError as refusal:
        return "fold" if {_read(instant, zone) for instant in refusal.candidates} == {wall} else "wrong"
    return "exact" if _read(instant, zone) == wall else "wrong"


def _read(instant: datetime, zone: str) -> datetime:
    return to_local(instant, zone).replace(tzinfo=None, fold=0)


@given(INSTANTS, ZONES)
def test_each_instant_comes_back_from_the_wall_with_its_fold(instant: datetime, zone: str) -> None:
    local = to_local(instant, zone)

    back = wall_to_instant(local.replace(tzinfo=None), zone, fold=local.fold)

    assert back == instant
    assert back.tzinfo is UTC


@given(INSTANTS)
def test_the_two_shores_are_always_one_hour_apart(instant: datetime) -> None:
    there, here = to_local(instant, HELSINKI).utcoffset(), to_local(instant, STOCKHOLM).utcoffset()

    assert there is not None
    assert here is not None
    assert there - here == timedelta(hours=1)


@pytest.mark.parametrize(
    ("month", "zone", "label"),
    [
        (1, STOCKHOLM, "CET"),
        (6, STOCKHOLM, "CEST"),
        (1, HELSINKI, "EET"),
        (6, HELSINKI, "EEST"),
        (6, "Asia/Tokyo", "JST"),
        (6, "America/Sao_Paulo", "UTC-03"),
        (6, "UTC", "UTC"),
    ],
)
def test_the_zone_is_named_as_the_season_has_it(month: int, zone: str, label: str) -> None:
    assert zone_label(utc(2026, month, 15, 12), zone) == label


def test_a_stop_after_midnight_in_vaasa_is_on_the_next_day_there() -> None:
    instant = utc(2026, 10, 11, 21, 30)

    assert local_day(instant, HELSINKI) == date(2026, 10, 12)
    assert local_day(instant, STOCKHOLM) == date(2026, 10, 11)
    assert home_day(instant) == date(2026, 10, 11)
    assert home_day(instant + timedelta(hours=1)) == date(2026, 10, 12)


@pytest.mark.parametrize(("name", "known"), [(HELSINKI, True), ("Europe/Vaasa", False), ("../etc", False)])
def test_only_iana_names_are_zones(name: str, known: bool) -> None:
    assert is_time_zone(name) is known


def test_working_days_skip_weekends_and_holidays() -> None:
    easter = {date(2026, 4, 3), date(2026, 4, 6)}

    answer = add_working_days(date(2026, 4, 1), 5, easter)

    assert answer == date(2026, 4, 10)


@given(st.dates(date(2026, 1, 1), date(2037, 12, 31)), st.integers(1, 30))
def test_working_days_counted_forth_are_counted_back(start: date, days: int) -> None:
    end = add_working_days(start, days)

    assert is_working_day(end)
    assert sum(is_working_day(start + timedelta(days=n)) for n in range(1, (end - start).days + 1)) == days
    if is_working_day(start):
        assert add_working_days(end, -days) == start


@given(st.dates(date(2026, 1, 1), date(2037, 12, 31)), st.integers(1, 7))
def test_the_next_weekday_is_within_a_week(day: date, weekday: int) -> None:
    found = next_weekday(day, weekday)

    assert found.isoweekday() == weekday
    assert 0 <= (found - day).days < 7


@given(QUARTERS, ZONES)
def test_every_wall_time_is_one_instant_two_or_none(wall: datetime, zone: str) -> None:
    assert _outcome(wall, zone) in {"exact", "gap", "fold"}
