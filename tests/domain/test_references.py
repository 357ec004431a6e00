import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.references import build_reference, is_reference


def test_a_reference_reads_well_on_the_telephone() -> None:
    assert build_reference(2026, 42) == "KV-2026-0042"


@given(st.integers(1000, 9999), st.integers(1, 999_999))
def test_every_reference_is_known_again_however_it_is_typed(year: int, number: int) -> None:
    reference = build_reference(year, number)

    assert is_reference(f" {reference.lower()} ")


@pytest.mark.parametrize(("year", "number"), [(26, 1), (2026, 0), (2026, -4)])
def test_a_reference_needs_a_year_and_a_positive_number(year: int, number: int) -> None:
    with pytest.raises(ValueError):
        build_reference(year, number)


@pytest.mark.parametrize("text", ["", "KV-2026-42", "KV-26-0042", "KV-2026-0042x", "KV-٢٠٢٦-0042"])
def test_other_texts_are_no_references(text: str) -> None:
    assert is_reference(text) is False
