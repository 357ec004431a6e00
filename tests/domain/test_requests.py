"""Rules about wished days, areas and hosts."""

from datetime import date

import pytest

from bookings.domain.requests import count_areas, find_window_problem, merge_hosts

TODAY = date(2027, 2, 1)


@pytest.mark.parametrize(
    ("earliest", "latest", "half_days", "problem"),
    [
        (TODAY, TODAY, 2, None),
        (date(2027, 4, 12), date(2028, 4, 11), 1, None),
        (date(2027, 1, 31), TODAY, 1, ("earliest_on", "past")),
        (date(2027, 4, 12), date(2027, 4, 11), 1, ("latest_on", "order")),
        (date(2027, 4, 12), date(2031, 4, 12), 1, ("latest_on", "far")),
        (date(2027, 4, 12), date(2027, 4, 12), 3, ("half_days", "too_short")),
    ],
)
def test_days_that_cannot_be_are_found(earliest, latest, half_days, problem):
    assert find_window_problem(earliest, latest, half_days, today=TODAY) == problem


def test_an_area_and_its_topics_count_as_one_area():
    area_of = {"bioeconomy/biogas": "bioeconomy", "water/wastewater": "water"}

    assert count_areas(["bioeconomy", "bioeconomy/biogas", "water/wastewater"], area_of) == 2


def test_hosts_put_into_the_plan_later_are_ticked_and_unticked_ones_stay_unticked():
    assert merge_hosts(["vakin"], ["vakin", "stormossen"], ["stormossen", "westenergy"]) == (
        "vakin",
        "westenergy",
    )
