import json
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.directory import OrganisationKind
from bookings.domain.suggestions import (
    HostProfile,
    Suggestion,
    Wish,
    score_host,
    suggest_hosts,
)
from bookings.domain.time import next_weekday
from bookings.domain.visits import OrganisationOfVisitorKind
from tests.domain.demo_files import (
    load_delegations,
    load_hosts,
    load_interests,
    load_places,
    load_travel,
    wish_of,
)

HOSTS = load_hosts()
SLUGS = {host.slug for host in HOSTS}
TRAVEL = load_travel()
DELEGATIONS = load_delegations()
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "delegations_open.json"
REACHABLE_CODES = {"town_asked", "town_near", "town_reachable", "town_unknown"}

WISH = Wish(("bioeconomy/biogas", "water/wastewater"), group_size=10, languages=("en",), places=("vaasa",))


def a_host(slug: str = "stormossen", **changes: object) -> HostProfile:
    host = HostProfile(
        slug=slug,
        name="Stormossen",
        kind=OrganisationKind.COMPANY,
        topics=("bioeconomy/biogas",),
        place="vaasa",
        languages=("fi", "en"),
        visits_last_year=1,
        days_since_asked=30,
    )
    return replace(host, **changes)  # type: ignore[arg-type]


def points(wish: Wish = WISH, **changes: object) -> dict[str, int]:
    return {
        reason.code: reason.points for reason in score_host(wish, a_host(**changes), travel=TRAVEL).reasons
    }


def score(wish: Wish = WISH, **changes: object) -> int:
    return score_host(wish, a_host(**changes), travel=TRAVEL).score


def top_20(wish: Wish) -> tuple[Suggestion, ...]:
    return suggest_hosts(wish, HOSTS, travel=TRAVEL, limit=20)


def list_unmet_topics(wish: Wish, answer: Iterable[Suggestion]) -> set[str]:
    met = (reason.params["topics"] for one in answer for reason in one.reasons if reason.code == "topics_met")
    return set(wish.topics).difference(*met)


def test_a_score_is_the_sum_of_reasons_that_staff_can_read() -> None:
    suggestion = score_host(WISH, a_host(hosts_visits=True), travel=TRAVEL)

    told = [(reason.code, reason.params) for reason in suggestion.reasons]
    assert told == [
        ("topics_met", {"topics": ("bioeconomy/biogas",)}),
        ("town_asked", {"place": "vaasa"}),
        ("known_to_host_visits", {}),
        ("main_topic", {"topic": "bioeconomy/biogas"}),
        ("language_met", {"languages": ("en",)}),
        ("busy_lately", {"visits": 1, "hours": 0}),
    ]
    assert suggestion.score == sum(reason.points for reason in suggestion.reasons)
    assert [reason.code for reason in suggestion.reasons if reason.points < 0] == ["busy_lately"]


def test_the_very_topic_counts_more_than_its_area() -> None:
    assert score(topics=("bioeconomy/biogas",)) > score(topics=("bioeconomy/forestry",))
    assert "areas_touched" in points(topics=("bioeconomy/forestry",))


def test_a_wished_area_is_met_by_any_topic_in_it() -> None:
    wish = replace(WISH, topics=("bioeconomy",))

    assert points(wish)["topics_met"] > 0
    assert list_unmet_topics(wish, suggest_hosts(wish, [a_host()], travel=TRAVEL)) == set()


def test_a_host_that_the_visitor_named_comes_first_even_without_a_common_topic() -> None:
    wish = replace(WISH, wanted_hosts=("named",))
    named = a_host("named", topics=(), place="umea")

    answer = suggest_hosts(wish, [a_host(), named], travel=TRAVEL)

    assert [entry.host.slug for entry in answer] == ["named", "stormossen"]
    assert answer[0].reasons[0].code == "wanted_by_visitor"


def test_hosts_of_other_subjects_are_not_suggested() -> None:
    assert suggest_hosts(WISH, [a_host(topics=("digital/data-centres",))], travel=TRAVEL) == ()


def test_language_interpreter_and_neither_fall_in_this_order() -> None:
    with_interpreter = replace(WISH, languages=("ja",), brings_interpreter=True)
    without = replace(WISH, languages=("ja",))

    assert score() > score(with_interpreter) > score(without)
    assert points(without)["no_shared_language"] < 0


def test_the_town_asked_then_near_then_reachable_then_far() -> None:
    scores = [score(place=place) for place in ("vaasa", "korsholm", "kokkola", "umea")]

    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4
    assert "town_out_of_reach" in points(place="stockholm")


def test_no_wish_for_a_town_means_no_points_for_towns() -> None:
    assert not any(code.startswith("town") for code in points(replace(WISH, places=())))


def test_a_group_over_the_limit_costs_points_and_says_how_many_groups() -> None:
    suggestion = score_host(replace(WISH, group_size=40), a_host(group_max=12), travel=TRAVEL)

    (penalty,) = [reason for reason in suggestion.reasons if reason.code == "group_too_large"]
    assert penalty.points < 0
    assert penalty.params == {"group_size": 40, "group_max": 12, "parallel_groups": 4}
    assert points(group_min=20)["group_too_small"] < 0
    assert points(group_max=12)["group_fits"] > 0


def test_newcomers_and_long_unasked_hosts_come_before_busy_ones() -> None:
    newcomer = score(visits_last_year=0, days_since_asked=None)
    long_unasked = score(visits_last_year=0, days_since_asked=300)
    busy = score(visits_last_year=6, hours_last_year=30.0)

    assert newcomer > long_unasked > busy


@given(st.integers(0, 400), st.floats(0, 10_000))
def test_more_load_never_raises_a_score(visits: int, hours: float) -> None:
    lighter = score(visits_last_year=visits, hours_last_year=hours)

    assert score(visits_last_year=visits + 1, hours_last_year=hours) <= lighter


@given(st.randoms(use_true_random=False), st.sampled_from(DELEGATIONS))
def test_the_order_of_the_directory_changes_nothing(
    shuffler: random.Random, delegation: dict[str, object]
) -> None:
    shuffled = list(HOSTS)
    shuffler.shuffle(shuffled)

    assert suggest_hosts(wish_of(delegation), shuffled, travel=TRAVEL, limit=20) == top_20(
        wish_of(delegation)
    )


@pytest.mark.parametrize("delegation", DELEGATIONS, ids=lambda entry: entry["slug"])
def test_each_real_delegation_gets_hosts_for_every_interest_with_reasons(
    delegation: dict[str, object],
) -> None:
    wish = wish_of(delegation)

    answer = top_20(wish)

    assert len(answer) == 20
    assert list_unmet_topics(wish, answer) == set()
    assert all(entry.score > 0 and entry.reasons for entry in answer)
    assert answer[0].reasons[0].code == "topics_met"


@pytest.mark.parametrize("delegation", DELEGATIONS, ids=lambda entry: entry["slug"])
def test_every_interest_has_a_host_in_reach_unless_the_town_is_outside_the_region(
    delegation: dict[str, object],
) -> None:
    wish = wish_of(delegation)

    in_reach = [
        entry
        for entry in suggest_hosts(wish, HOSTS, travel=TRAVEL)
        if REACHABLE_CODES & {reason.code for reason in entry.reasons}
    ]

    outside = wish.places == ("tampere",)
    assert bool(list_unmet_topics(wish, in_reach)) is outside


def test_three_of_four_hosts_that_really_received_them_are_among_the_first_twenty() -> None:
    reported = [(d, slug) for d in DELEGATIONS for slug in d["reported_hosts"] if slug in SLUGS]

    found = [(d, slug) for d, slug in reported if slug in {entry.host.slug for entry in top_20(wish_of(d))}]

    share = len(found) / len(reported)
    print(f"reported hosts among the first twenty: {len(found)} of {len(reported)} ({share:.0%})")
    assert share >= 0.75


def test_the_demo_delegations_are_fit_for_the_form() -> None:
    places, interests = load_places(), load_interests()

    for entry in DELEGATIONS:
        assert OrganisationOfVisitorKind(entry["organisation_kind"])
        assert set(entry["places"]) <= set(places)
        assert set(entry["interests"]) <= interests
        assert 1 <= len({slug.partition("/")[0] for slug in entry["interests"]}) <= 5
        assert 20 <= len(entry["purpose"]) <= 1500
        assert 1 <= entry["group_size"] <= 200
        assert all(slug in SLUGS or slug[0].isupper() for slug in entry["reported_hosts"])


def test_the_windows_of_the_demo_begin_on_weekdays_and_are_long_enough() -> None:
    windows = [window for entry in DELEGATIONS for window in entry["windows"]]

    begins = [next_weekday(date(2026, 9, 1), window["weekday"]) for window in windows]

    assert all(day.isoweekday() <= 5 for day in begins)
    assert all(window["length_days"] * 2 >= window["half_days"] for window in windows)
    assert all(window["days_ahead"] >= 28 for window in windows)


@pytest.mark.skipif(not SHARED.exists(), reason="the original data is not on this machine")
def test_nothing_of_the_original_delegations_was_lost() -> None:
    originals = json.loads(SHARED.read_text(encoding="utf-8"))

    kept = ("organisation", "country", "group_size", "places", "interests", "languages", "reported_hosts")
    assert [entry["slug"] for entry in DELEGATIONS] == [original["id"] for original in originals]
    for entry, original in zip(DELEGATIONS, originals, strict=True):
        assert {key: entry[key] for key in kept} == {key: original[key] for key in kept}
