"""What lasts for several days has hours on each of them."""

from datetime import UTC, date, datetime

from bookings.domain.spans import list_daily_hours
from bookings.domain.time import Interval

ZONE = "Europe/Helsinki"


def at(day: int, hour: int) -> datetime:
    return datetime(2027, 3, day, hour, tzinfo=UTC)


def test_without_parts_each_day_has_the_usual_hours_also_when_the_clocks_change():
    found = list_daily_hours(Interval(at(27, 7), at(29, 14)), ZONE, ())

    assert found == {
        date(2027, 3, 27): Interval(at(27, 7), at(27, 15)),
        date(2027, 3, 28): Interval(at(28, 6), at(28, 14)),
        date(2027, 3, 29): Interval(at(29, 6), at(29, 14)),
    }


def test_parts_say_the_hours_of_their_day_but_not_when_all_begins_and_ends():
    parts = [
        Interval(at(16, 8), at(16, 12)),
        Interval(at(17, 9), at(17, 10)),
        Interval(at(17, 11), at(17, 18)),
    ]

    found = list_daily_hours(Interval(at(16, 7), at(18, 6)), ZONE, parts)

    assert found == {
        date(2027, 3, 16): Interval(at(16, 7), at(16, 12)),
        date(2027, 3, 17): Interval(at(17, 9), at(17, 18)),
    }


def test_an_evening_over_midnight_is_one_stretch():
    assert list_daily_hours(Interval(at(16, 18), at(17, 1)), ZONE, ()) == {}
