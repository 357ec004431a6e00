"""The days of staff's calendar: by whose clocks, in weeks when these change, and where a day folds."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.adapters.holidays import load_holidays
from bookings.domain.time import day_length
from bookings.queries.calendar import Mark
from bookings.web.calendar.grid import build_grid, build_heads, days_of
from bookings.web.calendar.holiday_names import HOLIDAYS
from bookings.web.calendar.sheets import PLACE, SHOWN_ZONES, build_sheet

STOCKHOLM, HELSINKI = "Europe/Stockholm", "Europe/Helsinki"
SPRING, AUTUMN = date(2027, 3, 28), date(2027, 10, 31)
WEEKS = (SPRING, AUTUMN)


def a_mark(starts_at: datetime, *, minutes: int = 15, zone: str = STOCKHOLM, slot_id: int = 1) -> Mark:
    return Mark(slot_id, starts_at, starts_at + timedelta(minutes=minutes), zone, 7, 8, None)


def clocks_of(mark: Mark, zone: str) -> tuple[date, date]:
    """First and last day by the clocks, told from what they show a microsecond before the end."""
    shown = ZoneInfo(zone)
    last = mark.ends_at - timedelta(microseconds=1)
    return mark.starts_at.astimezone(shown).date(), last.astimezone(shown).date()


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2027, 3, 27), 24)])
@pytest.mark.parametrize("zone", [STOCKHOLM, HELSINKI])
def test_a_day_when_the_clocks_change_has_23_or_25_hours(day, zone, hours):
    assert day_length(day, zone) == timedelta(hours=hours)
    assert day_length(day, "UTC") == timedelta(hours=24)


@pytest.mark.parametrize("changes_on", WEEKS)
@pytest.mark.parametrize("zone", SHOWN_ZONES)
@pytest.mark.parametrize("place", [STOCKHOLM, HELSINKI])
def test_each_quarter_of_the_week_stands_once_on_the_day_that_the_clocks_show(changes_on, zone, place):
    sheet = build_sheet("week", changes_on, zone)
    shown = place if zone == PLACE else zone
    begins = datetime.combine(sheet.first, datetime.min.time(), ZoneInfo(shown)).astimezone(UTC)
    quarters = sum((day_length(day, shown) for day in sheet.days), timedelta()) // timedelta(minutes=15)

    marks = [
        a_mark(begins + number * timedelta(minutes=15), zone=place, slot_id=number)
        for number in range(quarters)
    ]
    grid = build_grid(sheet, marks)
    outside = [a_mark(begins - timedelta(minutes=15), zone=place), a_mark(marks[-1].ends_at, zone=place)]

    assert [len(grid.cell(day).marks) + grid.cell(day).more for day in sheet.days] == [
        day_length(day, shown) // timedelta(minutes=15) for day in sheet.days
    ]
    assert [days_of(mark, sheet) for mark in outside] == [[], []]


@given(
    week=st.sampled_from(WEEKS),
    offset=st.integers(-60 * 24 * 9, 60 * 24 * 9),
    minutes=st.integers(15, 720),
    place=st.sampled_from([STOCKHOLM, HELSINKI]),
    zone=st.sampled_from(SHOWN_ZONES),
    view=st.sampled_from(["month", "week", "day", "list", "rows"]),
)
def test_a_stop_stands_on_all_days_that_it_touches_and_on_no_other(week, offset, minutes, place, zone, view):
    mark = a_mark(
        datetime(week.year, week.month, week.day, tzinfo=UTC) + timedelta(minutes=offset),
        minutes=minutes,
        zone=place,
    )
    sheet = build_sheet(view, week, zone)

    first, last = clocks_of(mark, place if zone == PLACE else zone)

    assert days_of(mark, sheet) == [day for day in sheet.days if first <= day <= last]


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("app_context")
def test_the_head_of_a_day_tells_when_it_has_not_24_hours():
    heads = {head.day: head.hours for head in build_heads(build_sheet("week", SPRING, PLACE))}
    without = {head.hours for head in build_heads(build_sheet("week", SPRING, "UTC"))}

    assert {day: hours for day, hours in heads.items() if hours} == {SPRING: 23}
    assert without == {None}


def test_a_quiet_week_shows_all_a_full_one_folds_each_day_and_a_list_has_pages():
    monday = datetime(2027, 3, 15, 7, tzinfo=UTC)
    marks = [
        a_mark(monday + timedelta(days=number % 5, minutes=15 * number), slot_id=number)
        for number in range(60)
    ]
    week = build_sheet("week", monday.date(), PLACE)

    quiet, full = (build_grid(week, some) for some in (marks[:35], marks))
    pages = [build_grid(build_sheet("list", week.first, PLACE), marks).turn_to(page) for page in (1, 2, 3, 9)]
    moved = build_grid(build_sheet("list", week.first, PLACE), marks, moved=59).turn_to(1)

    assert [quiet.cell(day).more for day in week.days] == [0] * 7
    assert [len(full.cell(day).marks) + full.cell(day).more for day in week.days] == [12] * 5 + [0] * 2
    assert len(full.slot_ids) <= 36
    assert [(page, pages, len(grid.slot_ids)) for grid, page, pages in pages] == [
        (1, 3, 25), (2, 3, 25), (3, 3, 10), (3, 3, 10),
    ]  # fmt: skip
    assert set().union(*(grid.slot_ids for grid, *_page in pages)) == set(range(60))
    assert (59 in moved[0].slot_ids, moved[1]) == (True, 3)


def test_a_long_day_folds_and_never_hides_the_stop_that_was_moved():
    morning = datetime(2027, 3, 16, 7, tzinfo=UTC)
    marks = [a_mark(morning + timedelta(minutes=15 * number), slot_id=number) for number in range(15)]
    day = date(2027, 3, 16)

    folded = build_grid(build_sheet("month", day, PLACE), marks).cell(day)
    moved = build_grid(build_sheet("month", day, PLACE), marks, moved=14).cell(day)
    four = build_grid(build_sheet("month", day, PLACE), marks[:4]).cell(day)
    whole = build_grid(build_sheet("day", day, PLACE), marks).cell(day)

    assert ([mark.id for mark in folded.marks], folded.more) == ([0, 1, 2], 12)
    assert ([mark.id for mark in moved.marks], moved.more) == ([0, 1, 14], 12)
    assert (len(four.marks), four.more) == (4, 0)
    assert (len(whole.marks), whole.more) == (15, 0)


def test_each_public_holiday_has_its_name_in_the_readers_language():
    years = range(2024, 2040)

    known = {name for country in ("SE", "FI") for name in load_holidays(country, years).values()}

    assert known == set(HOLIDAYS)
