import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.programme import (
    PlannedStop,
    ProgrammeRules,
    ProgrammeWarning,
    StopGroup,
    build_legs,
    group_by_day,
    list_group_warnings,
    list_warnings,
    list_wish_warnings,
    order_stops,
    stop_day,
)
from bookings.domain.requests import WishedDays
from bookings.domain.time import Interval, wall_to_instant
from tests.domain.demo_files import load_travel

TRAVEL = load_travel()
ZONES = {"SE": "Europe/Stockholm", "FI": "Europe/Helsinki"}
COUNTRIES = {"umea": "SE", "skelleftea": "SE", "holmsund": "SE", "vaasa": "FI", "kokkola": "FI"}
RULES = ProgrammeRules(
    holidays={
        "FI": {date(2027, 12, 6): "Itsenäisyyspäivä"},
        "SE": {date(2026, 5, 14): "Kristi himmelsfärdsdag"},
    }
)


def a_stop(key: str, place: str, starts: str, ends: str = "", *, meal: bool = False) -> PlannedStop:
    """A stop by the clock of its place: `2026-10-13 09:00`, an hour long if nothing else is said."""
    zone = ZONES[COUNTRIES[place]]
    start = wall_to_instant(datetime.fromisoformat(starts), zone)
    end = wall_to_instant(datetime.fromisoformat(f"{starts[:10]} {ends}"), zone) if ends else None
    interval = Interval(start, end or start + timedelta(hours=1))
    return PlannedStop(key, place, COUNTRIES[place], zone, interval, meal)


def warnings(*stops: PlannedStop) -> list[ProgrammeWarning]:
    return list(list_warnings(stops, TRAVEL, RULES))


def codes(*stops: PlannedStop) -> list[str]:
    return [warning.code for warning in warnings(*stops)]


PLACES = st.sampled_from(sorted(COUNTRIES))


@st.composite
def some_stops(draw: st.DrawFn) -> list[PlannedStop]:
    count = draw(st.integers(0, 6))
    return [_draw_stop(draw, str(number)) for number in range(count)]


def _draw_stop(draw: st.DrawFn, key: str) -> PlannedStop:
    place = draw(PLACES)
    start = datetime(2026, 10, 24, tzinfo=UTC) + timedelta(minutes=15 * draw(st.integers(0, 300)))
    end = start + timedelta(minutes=15 * draw(st.integers(1, 20)))
    country = COUNTRIES[place]
    return PlannedStop(key, place, country, ZONES[country], Interval(start, end))


def test_stops_are_ordered_by_instant_not_by_the_clocks() -> None:
    umea = a_stop("umea", "umea", "2026-10-13 09:00")
    vaasa = a_stop("vaasa", "vaasa", "2026-10-13 09:30")

    answer = order_stops([umea, vaasa])

    assert [stop.key for stop in answer] == ["vaasa", "umea"]


def test_days_are_those_of_the_places() -> None:
    late_in_vaasa = a_stop("late", "vaasa", "2026-10-14 00:15")
    same_moment_in_umea = a_stop("umea", "umea", "2026-10-13 23:20")

    answer = group_by_day([late_in_vaasa, same_moment_in_umea])

    assert [(day.day, [stop.key for stop in day.stops]) for day in answer] == [
        (date(2026, 10, 13), ["umea"]),
        (date(2026, 10, 14), ["late"]),
    ]


def test_a_leg_over_the_sea_counts_real_minutes_and_tells_the_shift_of_the_clocks() -> None:
    umea = a_stop("a", "umea", "2026-10-13 08:00", "09:00")
    vaasa = a_stop("b", "vaasa", "2026-10-13 15:05")

    (leg,) = build_legs([vaasa, umea], TRAVEL)

    assert (leg.available_minutes, leg.clock_shift_minutes, leg.is_too_short) == (305, 60, False)
    assert leg.travel is not None
    assert leg.travel.minutes == 305


def test_one_minute_less_than_the_ferry_needs_is_told_with_both_figures() -> None:
    umea = a_stop("a", "umea", "2026-10-13 08:00", "09:00")
    vaasa = a_stop("b", "vaasa", "2026-10-13 15:04")

    answer = warnings(umea, vaasa)

    assert answer == [
        ProgrammeWarning(
            "travel_too_short",
            ("a", "b"),
            {
                "from_place": "umea",
                "to_place": "vaasa",
                "needed_minutes": 305,
                "available_minutes": 304,
                "mode": "ferry",
                "via": (),
            },
        )
    ]


def test_overlapping_stops_are_told_with_the_shared_minutes() -> None:
    one = a_stop("a", "umea", "2026-10-13 09:00", "10:00")
    other = a_stop("b", "umea", "2026-10-13 09:40")

    assert warnings(one, other) == [ProgrammeWarning("overlap", ("a", "b"), {"minutes": 20})]


def test_touching_stops_in_one_town_are_fine() -> None:
    assert codes(a_stop("a", "umea", "2026-10-13 09:00"), a_stop("b", "umea", "2026-10-13 10:00")) == []


def test_an_unknown_way_is_told_and_not_guessed() -> None:
    away = PlannedStop("b", "stockholm", "SE", ZONES["SE"], a_stop("", "umea", "2026-10-13 14:00").interval)

    assert codes(a_stop("a", "umea", "2026-10-13 09:00"), away) == ["travel_unknown"]


def test_working_hours_are_those_of_the_place() -> None:
    first_hour = a_stop("a", "vaasa", "2026-10-13 08:00")
    last_hour = a_stop("d", "vaasa", "2026-10-13 15:30", "16:30")
    too_early = a_stop("b", "vaasa", "2026-10-13 07:45", "09:00")
    too_late = a_stop("c", "umea", "2026-10-13 15:45", "16:45")

    assert codes(first_hour, last_hour) == []
    assert codes(too_early) == ["outside_hours"]
    (warning,) = warnings(too_late)
    assert warning.params["closes_at"] == time(16, 30)
    assert f"{warning.params['ends']:%H:%M}" == "16:45"


def test_a_site_may_have_hours_of_its_own() -> None:
    evening = a_stop("a", "vaasa", "2026-10-13 18:00")
    rules = ProgrammeRules(own_hours={"a": (time(12), time(20))})

    assert list_warnings([evening], TRAVEL, rules) == ()


def test_independence_day_is_a_holiday_on_one_shore_only() -> None:
    (warning,) = warnings(a_stop("a", "vaasa", "2027-12-06 10:00"))

    assert warning.code == "holiday"
    assert warning.params == {
        "day": date(2027, 12, 6),
        "country": "FI",
        "name": "Itsenäisyyspäivä",
        "place": "vaasa",
    }
    assert codes(a_stop("a", "umea", "2027-12-06 10:00")) == []


def test_weekend_and_july_are_told() -> None:
    assert codes(a_stop("a", "umea", "2026-07-04 10:00")) == ["weekend", "july"]


def test_a_day_that_the_visitor_did_not_name_is_told_of_each_stop() -> None:
    stop = a_stop("only", "vaasa", "2026-10-13 09:00")
    day = stop_day(stop)
    before, after = day - timedelta(days=1), day + timedelta(days=1)

    assert list_wish_warnings([stop], [WishedDays(day, day)]) == ()
    assert list_wish_warnings([stop], [WishedDays(after, after), WishedDays(before, day)]) == ()
    [warning] = list_wish_warnings([stop], [WishedDays(after, after)])
    assert (warning.code, warning.stop_keys, warning.params) == ("outside_wishes", (stop.key,), {"day": day})


def test_who_is_flexible_comes_a_week_earlier_or_later_too() -> None:
    stop = a_stop("only", "vaasa", "2026-10-13 09:00")
    for days, is_told in ((7, False), (8, True)):
        for sign in (-1, 1):
            wished = stop_day(stop) + timedelta(days=sign * days)
            found = list_wish_warnings([stop], [WishedDays(wished, wished, is_flexible=True)])
            assert bool(found) is is_told


def test_a_group_that_a_host_does_not_receive_is_told_with_both_figures() -> None:
    groups = [
        StopGroup("large", 28, least=5, most=24),
        StopGroup("small", 4, least=5, most=24),
        StopGroup("least", 5, least=5, most=24),
        StopGroup("most", 24, least=5, most=24),
        StopGroup("unknown", 200),
    ]

    assert [(one.code, one.stop_keys, one.params) for one in list_group_warnings(groups)] == [
        ("group_too_large", ("large",), {"people": 28, "group_max": 24}),
        ("group_too_small", ("small",), {"people": 4, "group_min": 5}),
    ]


def test_a_full_day_without_a_break_at_noon_lacks_lunch() -> None:
    morning = a_stop("a", "umea", "2026-10-13 09:00", "12:00")
    afternoon = a_stop("b", "umea", "2026-10-13 12:15", "15:00")

    assert warnings(morning, afternoon) == [
        ProgrammeWarning("no_lunch", ("a", "b"), {"day": date(2026, 10, 13), "minutes": 45})
    ]


def test_a_break_at_noon_or_a_meal_at_a_stop_is_lunch() -> None:
    morning = a_stop("a", "umea", "2026-10-13 09:00", "12:00")
    later = a_stop("b", "umea", "2026-10-13 12:45", "15:00")
    with_meal = a_stop("b", "umea", "2026-10-13 12:15", "15:00", meal=True)

    assert codes(morning, later) == []
    assert codes(morning, with_meal) == []


def test_the_road_eats_the_break_and_the_ferry_serves_lunch() -> None:
    before_road = a_stop("a", "umea", "2026-10-13 09:00", "11:30")
    after_road = a_stop("b", "skelleftea", "2026-10-13 13:30", "15:00")
    before_ferry = a_stop("a", "umea", "2026-10-13 08:00", "09:00")
    after_ferry = a_stop("b", "vaasa", "2026-10-13 15:05", "16:30")

    assert codes(before_road, after_road) == ["no_lunch"]
    assert codes(before_ferry, after_ferry) == []


@given(some_stops())
def test_no_stop_is_lost_and_each_stands_on_its_own_day(stops: list[PlannedStop]) -> None:
    days = group_by_day(stops)

    assert sorted(stop.key for day in days for stop in day.stops) == sorted(stop.key for stop in stops)
    assert all(stop_day(stop) == day.day for day in days for stop in day.stops)
    assert all(first.day < second.day for first, second in pairwise(days))


@given(some_stops(), st.randoms(use_true_random=False))
def test_the_order_of_entry_changes_no_warning(stops: list[PlannedStop], shuffler: random.Random) -> None:
    shuffled = list(stops)
    shuffler.shuffle(shuffled)

    assert warnings(*shuffled) == warnings(*stops)


@given(some_stops())
def test_travel_is_called_too_short_just_when_the_padded_times_clash(stops: list[PlannedStop]) -> None:
    ways = list(pairwise(order_stops(stops)))

    clashes = [_with_way_there(stop, before.place).overlaps(before.interval) for before, stop in ways]

    assert any(clashes) == bool({"overlap", "travel_too_short"} & set(_between_neighbours(stops)))


def _with_way_there(stop: PlannedStop, origin: str) -> Interval:
    return Interval(stop.interval.start - TRAVEL.needed_gap(origin, stop.place), stop.interval.end)


def _between_neighbours(stops: list[PlannedStop]) -> list[str]:
    neighbours = [(before.key, stop.key) for before, stop in pairwise(order_stops(stops))]
    return [warning.code for warning in warnings(*stops) if warning.stop_keys in neighbours]
