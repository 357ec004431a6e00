from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.travel import TravelLeg, TravelMode, TravelTable, TravelTime, build_travel_table
from tests.domain.demo_files import load_places, load_travel

TOWNS = st.sampled_from("abcdef")
LEGS = st.lists(
    st.builds(
        TravelLeg, TOWNS, TOWNS, st.sampled_from([TravelMode.ROAD, TravelMode.FERRY]), st.integers(0, 500)
    ),
    max_size=20,
)
PARTNERS = ("umea", "ornskoldsvik", "skelleftea", "vaasa", "kokkola")
DEMO_TABLE = load_travel()


def test_the_ferry_counts_its_check_in_once_and_the_roads_to_it() -> None:
    answer = DEMO_TABLE.find_travel("umea", "vaasa")

    assert answer == TravelTime(25 + 240 + 10 + 30, TravelMode.FERRY)


def test_a_way_without_own_row_is_put_together() -> None:
    answer = DEMO_TABLE.find_travel("norsjo", "vaasa")

    assert answer == TravelTime(65 + 370 + 30, TravelMode.FERRY, ("skelleftea",), starts_by_road=True)


def test_single_legs_are_enough_for_the_whole_way() -> None:
    road, ferry = TravelMode.ROAD, TravelMode.FERRY
    table = build_travel_table(
        [
            TravelLeg("norsjo", "skelleftea", road, 65),
            TravelLeg("skelleftea", "umea", road, 100),
            TravelLeg("umea", "vaasa", ferry, 275),
        ],
        check_in_minutes=45,
    )

    answer = table.find_travel("norsjo", "vaasa")

    assert answer == TravelTime(65 + 100 + 275 + 45, ferry, ("skelleftea", "umea"), starts_by_road=True)
    assert table.find_travel("vaasa", "norsjo") is None


@pytest.mark.parametrize(
    ("origin", "target", "roads"),
    [
        ("umea", "vaasa", (False, False)),
        ("vaasa", "umea", (False, False)),
        ("holmsund", "vaasa", (False, False)),
        ("vaasa", "ornskoldsvik", (False, True)),
        ("ornskoldsvik", "vaasa", (True, False)),
        ("ornskoldsvik", "kokkola", (True, True)),
        ("norsjo", "vaasa", (True, False)),
    ],
)
def test_a_way_by_ferry_says_where_it_goes_by_road(origin, target, roads) -> None:
    travel = DEMO_TABLE.find_travel(origin, target)

    assert (travel.starts_by_road, travel.ends_by_road) == roads


def test_a_ferry_of_its_own_to_another_port_goes_nowhere_by_road() -> None:
    road, ferry = TravelMode.ROAD, TravelMode.FERRY
    table = build_travel_table(
        [
            TravelLeg("umea", "vaasa", ferry, 250),
            TravelLeg("umea", "kokkola", ferry, 280),
            TravelLeg("vaasa", "kokkola", road, 120),
        ]
    )

    assert table.find_travel("umea", "kokkola") == TravelTime(280 + 30, ferry)


def test_towns_outside_the_table_are_out_of_reach_and_need_no_invented_gap() -> None:
    assert DEMO_TABLE.find_travel("umea", "stockholm") is None
    assert DEMO_TABLE.needed_gap("umea", "stockholm") == timedelta()
    assert DEMO_TABLE.find_travel("", "") is None


def test_within_a_town_only_the_set_minutes_are_needed() -> None:
    table = TravelTable({}, within_place_minutes=15)

    assert table.find_travel("vaasa", "vaasa") == TravelTime(15, TravelMode.NONE)
    assert DEMO_TABLE.needed_gap("vaasa", "vaasa") == timedelta()


def test_the_partner_towns_reach_each_other_in_both_directions_alike() -> None:
    ways = {(a, b): DEMO_TABLE.find_travel(a, b) for a in PARTNERS for b in PARTNERS if a != b}

    assert all(ways.values())
    assert all(DEMO_TABLE.needed_gap(a, b) == DEMO_TABLE.needed_gap(b, a) for a, b in ways)
    assert {a for a, _ in DEMO_TABLE.times} <= set(load_places())


@given(LEGS)
def test_no_detour_is_ever_quicker(legs: list[TravelLeg]) -> None:
    times = build_travel_table(legs).times

    for (a, b), first in times.items():
        for (c, d), second in times.items():
            if b == c and a != d:
                assert times[a, d].minutes <= first.minutes + second.minutes


@given(LEGS)
def test_the_order_of_the_rows_changes_nothing(legs: list[TravelLeg]) -> None:
    forth, back = build_travel_table(legs).times, build_travel_table(reversed(legs)).times

    assert {pair: (way.minutes, way.via) for pair, way in forth.items()} == {
        pair: (way.minutes, way.via) for pair, way in back.items()
    }
