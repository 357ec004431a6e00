from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.advice import (
    Advice,
    AdviceBasis,
    Audience,
    DateWindow,
    EarlierVisit,
    HostLimits,
    WishedVisit,
    is_urgent,
    list_advice,
    months_before,
    shared_interests,
)

TODAY = date(2026, 9, 1)
HOLIDAYS = {
    "SE": {date(2026, 12, 25): "Juldagen", date(2027, 1, 6): "Trettondedag jul"},
    "FI": {date(2027, 12, 6): "Itsenäisyyspäivä", date(2027, 1, 6): "Loppiainen"},
}
BASIS = AdviceBasis(today=TODAY, holidays=HOLIDAYS, screened_countries=frozenset({"XX"}))
MAY = DateWindow(date(2027, 5, 10), date(2027, 5, 12), 6)


def a_wish(group_size: int = 10, window: DateWindow = MAY, **changes: tuple[str, ...]) -> WishedVisit:
    return WishedVisit(group_size=group_size, windows=(window,), interests=("bioeconomy/biogas",), **changes)


def codes(advice: list[Advice]) -> list[str]:
    return [entry.code for entry in advice]


def test_a_plain_wish_needs_no_advice() -> None:
    assert list_advice(a_wish(), BASIS, hosts=[HostLimits("a", "A", 5, 20, 14)]) == []


def test_a_group_that_is_too_large_is_offered_parallel_groups() -> None:
    answer = list_advice(a_wish(40), BASIS, hosts=[HostLimits("dava", "Dåva", group_max=12)])

    assert answer == [
        Advice(
            "group_too_large",
            {"host": "dava", "host_name": "Dåva", "group_size": 40, "group_max": 12, "parallel_groups": 4},
        )
    ]


def test_a_group_that_is_too_small_is_offered_an_open_day() -> None:
    answer = list_advice(a_wish(2), BASIS, hosts=[HostLimits("kip", "KIP", group_min=8)])

    assert answer == [
        Advice("group_too_small", {"host": "kip", "host_name": "KIP", "group_size": 2, "group_min": 8})
    ]


@pytest.mark.parametrize(("days", "urgent"), [(27, True), (28, False)])
def test_less_than_four_weeks_is_short_notice(days: int, urgent: bool) -> None:
    first = TODAY + timedelta(days=days)
    window = DateWindow(first, first + timedelta(days=10), 2)

    answer = list_advice(a_wish(window=window), BASIS)

    assert is_urgent([window], BASIS) is urgent
    assert ("short_notice" in codes(answer)) is urgent


def test_a_host_may_need_more_notice_than_usual() -> None:
    first = TODAY + timedelta(days=35)

    answer = list_advice(
        a_wish(window=DateWindow(first, first, 1)), BASIS, hosts=[HostLimits("kip", "KIP", lead_days=60)]
    )

    assert codes(answer) == ["short_notice_for_host"]
    assert answer[0].params["notice_days"] == 60


def test_holidays_are_named_with_their_country() -> None:
    window = DateWindow(date(2027, 1, 4), date(2027, 1, 8), 2)

    answer = list_advice(a_wish(window=window), BASIS)

    assert answer == [
        Advice("holiday", {"day": date(2027, 1, 6), "country": "SE", "name": "Trettondedag jul"}),
        Advice("holiday", {"day": date(2027, 1, 6), "country": "FI", "name": "Loppiainen"}),
    ]


def test_a_holiday_of_the_other_shore_is_no_matter() -> None:
    window = DateWindow(date(2027, 12, 6), date(2027, 12, 7), 2)

    in_finland = list_advice(a_wish(window=window, countries_visited=("FI",)), BASIS)
    in_sweden = list_advice(a_wish(window=window, countries_visited=("SE",)), BASIS)

    assert (codes(in_finland), codes(in_sweden)) == (["holiday"], [])


def test_july_is_told_with_its_days() -> None:
    window = DateWindow(date(2027, 6, 28), date(2027, 7, 2), 2)

    answer = list_advice(a_wish(window=window), BASIS)

    assert answer == [Advice("july", {"day": date(2027, 7, 1), "last_day": date(2027, 7, 2)})]


@pytest.mark.parametrize(
    ("last", "half_days", "told"),
    [("2027-05-16", 4, True), ("2027-05-17", 2, False), ("2027-05-17", 6, True)],
)
def test_a_weekend_matters_when_the_visit_does_not_fit_beside_it(
    last: str, half_days: int, told: bool
) -> None:
    window = DateWindow(date(2027, 5, 14), date.fromisoformat(last), half_days)

    answer = list_advice(a_wish(window=window), BASIS)

    assert (codes(answer) == ["weekend"]) is told


def test_an_earlier_visit_about_the_same_is_shown_to_staff_only() -> None:
    near = EarlierVisit("KV-2025-0007", ("bioeconomy/biogas", "water"), date(2025, 5, 1))
    long_ago = EarlierVisit("KV-2024-0001", ("bioeconomy/biogas",), date(2024, 8, 31))
    about_something_else = EarlierVisit("KV-2026-0001", ("water/wastewater",), date(2026, 5, 1))

    answer = list_advice(a_wish(), BASIS, earlier=[long_ago, near, about_something_else])

    params = {
        "reference": "KV-2025-0007",
        "visited_on": date(2025, 5, 1),
        "interests": ("bioeconomy/biogas",),
    }
    assert answer == [Advice("earlier_visit", params, Audience.STAFF)]


def test_a_country_on_the_list_is_a_task_for_staff_and_never_shown_to_the_visitor() -> None:
    answer = list_advice(a_wish(visitor_countries=("EE", "XX")), BASIS)

    assert answer == [Advice("export_control_check", {"country": "XX"}, Audience.STAFF)]


@pytest.mark.parametrize(
    ("wished", "other", "shared"),
    [
        (("water/wastewater",), ("water/wastewater",), ("water/wastewater",)),
        (("water/wastewater",), ("water",), ("water/wastewater",)),
        (("water",), ("water/wastewater",), ("water",)),
        (("water/wastewater",), ("water/drinking-water",), ()),
    ],
)
def test_interests_are_shared_by_term_or_by_whole_area(
    wished: tuple[str, ...], other: tuple[str, ...], shared: tuple[str, ...]
) -> None:
    assert shared_interests(wished, other) == shared


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        (date(2026, 9, 1), 24, date(2024, 9, 1)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, date(2025, 12, 31)),
    ],
)
def test_months_are_counted_back_to_a_day_that_exists(day: date, months: int, earlier: date) -> None:
    assert months_before(day, months) == earlier


@given(st.integers(1, 200), st.dates(), st.integers(-5, 4000), st.integers(1, 60))
def test_advice_never_refuses_whatever_is_wished(size: int, first: date, length: int, half_days: int) -> None:
    latest = date.fromordinal(max(1, min(first.toordinal() + length, date.max.toordinal())))

    answer = list_advice(a_wish(size, DateWindow(first, latest, half_days)), BASIS)

    assert len(answer) <= 2 + 2 * 8 + 1
