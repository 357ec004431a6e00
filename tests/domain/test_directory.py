from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.directory import (
    KnownSlugs,
    RowProblem,
    build_organisation_number,
    check_header,
    check_row,
    find_double_slugs,
    is_finnish_number,
    is_organisation_number,
    is_slug,
    is_swedish_number,
    split_list,
)
from tests.domain.demo_files import DEMO, load_interests, load_places, read_rows

KNOWN = KnownSlugs({"umea": "SE", "vaasa": "FI"}, {"water", "water/wastewater", "bioeconomy/biogas"})


def a_row(**cells: str) -> Mapping[str, str]:
    return {"slug": "vakin", "name": "Vakin", "kind": "public", "country": "SE", "place": "umea", **cells}


def problems(**cells: str) -> list[tuple[str, str]]:
    return [(problem.column, problem.code) for problem in check_row(a_row(**cells), KNOWN)]


@pytest.mark.parametrize("number", ["556012-5790", "5560125790", "16556012-5790", "212000-2627"])
def test_swedish_numbers_with_the_right_check_digit_pass(number: str) -> None:
    assert is_swedish_number(number)


@pytest.mark.parametrize(
    "number", ["556012-5791", "556012-579", "", "55601257900", "٥٥٦٠١٢-٥٧٩٠", "811218-9876"]
)
def test_other_swedish_numbers_and_those_of_persons_fail(number: str) -> None:
    assert is_swedish_number(number) is False


@pytest.mark.parametrize("number", ["0112038-9", "01120389", "112038-9", "0209602-6"])
def test_finnish_codes_with_the_right_check_digit_pass(number: str) -> None:
    assert is_finnish_number(number)


@pytest.mark.parametrize("number", ["0112038-8", "0112038-", "", "FI01120389"])
def test_other_finnish_codes_fail(number: str) -> None:
    assert is_finnish_number(number) is False


@given(st.from_regex(r"\A\d{7}\Z"), st.integers(0, 9), st.integers(0, 9))
def test_at_most_one_check_digit_fits_a_finnish_code(body: str, one: int, other: int) -> None:
    both = is_finnish_number(f"{body}-{one}") and is_finnish_number(f"{body}-{other}")

    assert not both or one == other


@given(st.from_regex(r"\A\d\d[2-9]\d{6}\Z", fullmatch=True))
def test_just_one_check_digit_fits_a_swedish_number(body: str) -> None:
    fitting = [digit for digit in range(10) if is_swedish_number(f"{body}{digit}")]

    assert len(fitting) == (1 if body.isascii() else 0)


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        (" 5560125790", "SE", "556012-5790"),
        ("16556012-5790", "SE", "556012-5790"),
        ("1120389", "FI", "0112038-9"),
        (" 914 778 271", "NO", "914 778 271"),
    ],
)
def test_a_number_is_stored_in_one_spelling(typed: str, country: str, stored: str) -> None:
    assert is_organisation_number(typed, country)
    assert build_organisation_number(typed, country) == stored


@pytest.mark.parametrize(
    ("text", "good"),
    [("umea-energi", True), ("a1", True), ("Umea", False), ("a--b", False), ("-a", False), ("", False)],
)
def test_a_slug_is_lower_case_ascii_with_single_hyphens(text: str, good: bool) -> None:
    assert is_slug(text) is good


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("slug", "Väkin", "bad_slug"),
        ("slug", "", "missing"),
        ("name", "", "missing"),
        ("name", "Va\x00kin", "control"),
        ("name", "x" * 201, "too_long"),
        ("kind", "shop", "unknown_kind"),
        ("country", "NO", "unknown_country"),
        ("place", "atlantis", "unknown_place"),
        ("website", "javascript:alert(1)", "bad_web_address"),
        ("website", "https://[", "bad_web_address"),
        ("summary_en", "x" * 161, "too_long"),
        ("interests", "water;water/wine", "unknown_interest"),
        ("languages", "sv;xx", "unknown_language"),
        ("hosts_visits", "maybe", "unknown_value"),
        ("contact_email", "a@b@c.example", "bad_email"),
        ("organisation_number", "556012-5791", "bad_number"),
        ("group_max", "0", "not_a_number"),
        ("group_max", "²", "not_a_number"),
    ],
)
def test_a_wrong_cell_is_named_with_what_was_expected(column: str, value: str, code: str) -> None:
    assert problems(**{column: value}) == [(column, code)]


def test_a_town_of_the_other_shore_is_noticed() -> None:
    assert problems(place="vaasa") == [("country", "other_country")]


def test_a_smallest_group_above_the_largest_is_noticed() -> None:
    assert problems(group_min="20", group_max="12") == [("group_max", "smaller_than_min")]


def test_a_right_row_has_no_problems() -> None:
    assert problems(interests="water/wastewater; bioeconomy/biogas", languages="sv;en", group_max="12") == []


@given(st.dictionaries(st.sampled_from([*a_row(), "interests", "website", "contact_email"]), st.text()))
def test_whatever_stands_in_a_row_the_check_answers(cells: dict[str, str]) -> None:
    answer = check_row({**a_row(), **cells}, KNOWN)

    assert all(isinstance(problem, RowProblem) for problem in answer)


def test_a_header_misses_knows_and_repeats_columns() -> None:
    answer = check_header(["slug", "name", "kind", "colour", "name"])

    assert [(p.column, p.code) for p in answer] == [
        ("country", "missing_column"),
        ("colour", "unknown_column"),
        ("name", "double_column"),
    ]


def test_a_slug_that_stood_before_is_named_by_its_row() -> None:
    answer = find_double_slugs(["a", "b", "a"])

    assert [(index, problem.code, problem.value) for index, problem in answer] == [(2, "double_slug", "a")]


def test_the_demo_directory_passes_its_own_rules() -> None:
    rows = read_rows(DEMO / "organisations.csv")
    known = KnownSlugs(load_places(), load_interests())

    found = [problem for row in rows for problem in check_row(row, known)]

    assert (len(rows), len(known.places), len(load_interests())) == (169, 33, 12 + 67)
    assert found == []
    assert check_header(list(rows[0])) == ()
    assert all(row["contact_email"].endswith(".example") for row in rows)
    assert split_list(rows[0]["languages"]) == ("sv", "en")
