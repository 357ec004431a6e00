"""When an offer is open: hours, seasons and all that stands in the way, also on days of clock changes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.hosts import intersect_busy
from bookings.domain.offers import SeasonHours
from bookings.domain.open_times import ClosedReason, Opening, list_open_days
from bookings.domain.time import Interval, local_day

UMEA, VAASA = "Europe/Stockholm", "Europe/Helsinki"
ALL_YEAR = ("01-01", "12-31")
MONDAY = date(2026, 10, 12)
OFFICE = SeasonHours(*ALL_YEAR, "12345", "08:00", "16:00")
CHANGE_DAYS = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]


def at(day: date, clock: str, zone: str = UMEA) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def stretch(day: date, first: str, last: str, zone: str = UMEA) -> Interval:
    return Interval(at(day, first, zone), at(day, last, zone))


def an_opening(**changes) -> Opening:
    return Opening(**{"time_zone": UMEA, "minutes": 60, "hours": [OFFICE], **changes})


def open_of(opening: Opening, day: date = MONDAY) -> list[Interval]:
    return list(list_open_days(opening, [day])[0].open)


def reasons_of(opening: Opening, day: date = MONDAY) -> list[str]:
    return [piece.reason for piece in list_open_days(opening, [day])[0].closed]


def test_an_offer_is_open_in_its_hours_by_the_clocks_of_the_place():
    for zone in (UMEA, VAASA):
        assert open_of(an_opening(time_zone=zone)) == [stretch(MONDAY, "08:00", "16:00", zone)]


def test_a_day_of_the_week_without_hours_is_closed():
    assert reasons_of(an_opening(), MONDAY - timedelta(days=1)) == [ClosedReason.CLOSED_DAY]


@pytest.mark.parametrize(
    ("day", "is_open"),
    [("2026-12-31", True), ("2027-01-01", True), ("2027-02-26", True), ("2027-03-01", False)],
)
def test_a_season_may_go_over_new_year(day, is_open):
    winter = SeasonHours("11-01", "02-28", "1234567", "10:00", "14:00")

    assert bool(open_of(an_opening(hours=[winter]), date.fromisoformat(day))) is is_open


def test_two_windows_of_a_day_leave_the_time_between_them_closed():
    hours = [
        SeasonHours(*ALL_YEAR, "1", "08:00", "11:00"),
        SeasonHours(*ALL_YEAR, "1", "13:00", "16:00"),
    ]

    assert open_of(an_opening(hours=hours)) == [
        stretch(MONDAY, "08:00", "11:00"),
        stretch(MONDAY, "13:00", "16:00"),
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"holidays": [MONDAY]}, ClosedReason.HOLIDAY),
        ({"blackouts": [(MONDAY - timedelta(days=3), MONDAY)]}, ClosedReason.BLACKOUT),
        ({"earliest_on": MONDAY + timedelta(days=1)}, ClosedReason.NOTICE),
        ({"full_months": [(2026, 10)]}, ClosedReason.MONTH_FULL),
    ],
)
def test_a_whole_day_is_closed_for_its_reason(changes, reason):
    opening = an_opening(**changes)

    assert open_of(opening) == []
    assert reasons_of(opening) == [ClosedReason.OUTSIDE_HOURS, reason, ClosedReason.OUTSIDE_HOURS]


def test_a_site_closes_at_an_instant_and_stays_closed_until_further_notice():
    opening = an_opening(closures=[(at(MONDAY, "12:00"), None)])

    assert open_of(opening) == [stretch(MONDAY, "08:00", "12:00")]
    assert reasons_of(opening, MONDAY + timedelta(days=30)) == [ClosedReason.SITE_CLOSED]


def test_a_hold_closes_its_time_and_the_buffer_after_it():
    held = stretch(MONDAY, "09:45", "11:00")  # the visit begins at 10:00

    opening = an_opening(held=[held], buffer=timedelta(minutes=15))

    assert open_of(opening) == [stretch(MONDAY, "08:00", "09:45"), stretch(MONDAY, "11:15", "16:00")]


def test_what_is_shorter_than_the_visit_is_not_open():
    opening = an_opening(busy=[stretch(MONDAY, "08:30", "15:30")])

    assert open_of(opening) == []
    assert reasons_of(opening) == ["outside_hours", "too_short", "busy", "too_short", "outside_hours"]


def test_hours_that_the_clocks_skip_are_not_there():
    gap = SeasonHours(*ALL_YEAR, "7", "02:00", "04:00")
    day = date(2026, 3, 29)

    assert [one.minutes for one in open_of(an_opening(hours=[gap]), day)] == [60]
    assert open_of(an_opening(hours=[SeasonHours(*ALL_YEAR, "7", "02:10", "02:50")]), day) == []


def test_hours_that_come_twice_are_open_both_times():
    night = SeasonHours(*ALL_YEAR, "7", "02:00", "04:00")

    assert [one.minutes for one in open_of(an_opening(hours=[night]), date(2026, 10, 25))] == [180]


def test_a_host_is_busy_only_while_everybody_who_could_answer_is():
    one = [stretch(MONDAY, "08:00", "12:00")]
    other = [stretch(MONDAY, "09:00", "10:00"), stretch(MONDAY, "11:00", "13:00")]

    assert intersect_busy([one, other]) == [
        stretch(MONDAY, "09:00", "10:00"),
        stretch(MONDAY, "11:00", "12:00"),
    ]
    assert intersect_busy([one, []]) == []


def test_a_window_inside_the_hour_that_comes_twice_is_open_twice():
    half = SeasonHours(*ALL_YEAR, "7", "02:00", "02:30")

    open_times = open_of(an_opening(hours=[half], minutes=15), date(2026, 10, 25))

    assert [(one.start.hour, one.minutes) for one in open_times] == [(0, 30), (1, 30)]


# ---- whatever a host says, around every change of the clocks

clocks = st.integers(0, 24 * 4 - 1).map(lambda number: f"{number // 4:02}:{number % 4 * 15:02}")
zones = st.sampled_from([UMEA, VAASA])
some_days = st.one_of(
    st.sampled_from(CHANGE_DAYS).flatmap(
        lambda day: st.integers(-1, 1).map(lambda more: day + timedelta(days=more))
    ),
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
)
windows = st.builds(
    lambda first, last, days: SeasonHours(*ALL_YEAR, days, *sorted((first, last))),
    clocks,
    clocks,
    st.sets(st.sampled_from("1234567"), min_size=1).map(lambda days: "".join(sorted(days))),
).filter(lambda window: window.opens_at < window.closes_at)


def stretches_around(day: date):
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=6)
    return st.lists(
        st.builds(
            lambda begin, length: Interval(
                start + timedelta(minutes=15 * begin), start + timedelta(minutes=15 * (begin + length))
            ),
            st.integers(0, 140),
            st.integers(1, 40),
        ),
        max_size=4,
    )


@st.composite
def openings(draw):
    day, zone = draw(some_days), draw(zones)
    return day, Opening(
        time_zone=zone,
        minutes=draw(st.sampled_from([15, 45, 90])),
        hours=draw(st.lists(windows, max_size=3)),
        holidays=draw(st.sampled_from([(), (day,)])),
        closures=[(one.start, one.end) for one in draw(stretches_around(day))],
        held=draw(stretches_around(day)),
        buffer=timedelta(minutes=draw(st.sampled_from([0, 15]))),
        busy=draw(stretches_around(day)),
    )


@given(openings())
def test_open_and_closed_stretches_are_together_the_whole_day(given_day):
    day, opening = given_day

    [found] = list_open_days(opening, [day])

    pieces = sorted([*found.open, *(closed.interval for closed in found.closed)])
    assert all(one.end == other.start for one, other in pairwise(pieces))
    assert local_day(pieces[0].start, opening.time_zone) == day
    assert pieces[0].start == at(day, "00:00", opening.time_zone)
    assert pieces[-1].end == at(day + timedelta(days=1), "00:00", opening.time_zone)


@given(openings())
def test_each_quarter_of_an_hour_is_open_only_when_nothing_speaks_against_it(given_day):
    """The same rules said anew, minute by minute, on the clocks of the place."""
    day, opening = given_day
    [found] = list_open_days(opening, [day])
    start, end = at(day, "00:00", opening.time_zone), at(day + timedelta(days=1), "00:00", opening.time_zone)

    moment = start
    while moment < end:
        if any(one.contains(moment) for one in found.open):
            assert not _speaks_against(opening, day, moment), moment
        else:
            closed = next(one for one in found.closed if one.interval.contains(moment))
            assert closed.reason == ClosedReason.TOO_SHORT or _speaks_against(opening, day, moment), moment
        moment += timedelta(minutes=15)


def _speaks_against(opening: Opening, day: date, moment: datetime) -> bool:
    clock = f"{moment.astimezone(ZoneInfo(opening.time_zone)):%H:%M}"
    is_in_hours = any(
        str(day.isoweekday()) in window.weekdays and window.opens_at <= clock < window.closes_at
        for window in opening.hours
    )
    held = any(one.start <= moment < one.end + opening.buffer for one in opening.held)
    busy = any(one.contains(moment) for one in opening.busy)
    closed = any(start <= moment < end for start, end in opening.closures)
    return not is_in_hours or day in opening.holidays or held or busy or closed


@given(openings())
def test_what_is_open_is_long_enough_for_the_visit(given_day):
    day, opening = given_day

    assert all(one.minutes >= opening.minutes for one in list_open_days(opening, [day])[0].open)
