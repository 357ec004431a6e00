"""Rules of the small tables behind the directory: interests, places, travel between them, sailings."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from bookings.domain.directory import (
    HOST_COUNTRIES,
    RowProblem,
    Shape,
    check_cell,
    is_at_most,
    is_one_of,
    is_slug,
)
from bookings.domain.time import is_time_zone
from bookings.domain.travel import TravelMode

INTEREST_COLUMNS = ("slug", "area", "sort", "label_en", "label_sv", "label_fi")
PLACE_COLUMNS = ("slug", "name_sv", "name_fi", "name_en", "country", "timezone", "lat", "lon", "is_partner")
TRAVEL_COLUMNS = ("from", "to", "mode", "minutes", "note")
SAILING_COLUMNS = (
    "from", "to", "departs", "minutes", "weekdays", "from_date", "to_date", "check_in_minutes", "note",
)  # fmt: skip
LABEL_LENGTH = 100
LONGEST_JOURNEY_MINUTES = 24 * 60
_DIGITS = 5


def check_interest_row(row: Mapping[str, str], areas: Collection[str]) -> tuple[RowProblem, ...]:
    """All problems of one term; `areas` are the areas of the same file and those that are stored."""
    problems = _check_cells(
        row, _INTEREST_SHAPES, required=("slug", "sort", "label_en", "label_sv", "label_fi")
    )
    area = row.get("area", "")
    if area and area not in areas:
        problems.append(RowProblem("area", "unknown_area", area, ", ".join(sorted(areas))))
    return tuple(problems)


def check_place_row(row: Mapping[str, str]) -> tuple[RowProblem, ...]:
    """All problems of one town."""
    required = ("slug", "name_sv", "name_fi", "name_en", "country", "timezone")
    return tuple(_check_cells(row, _PLACE_SHAPES, required=required))


def check_travel_row(row: Mapping[str, str], places: Collection[str]) -> tuple[RowProblem, ...]:
    """All problems of one leg between two known towns."""
    problems = _check_cells(row, _TRAVEL_SHAPES, required=("from", "to", "mode", "minutes"))
    return (*problems, *_check_towns(row, places))


def check_sailing_row(row: Mapping[str, str], places: Collection[str]) -> tuple[RowProblem, ...]:
    """All problems of one line of the ferry's timetable."""
    problems = _check_cells(row, _SAILING_SHAPES, required=("from", "to", "departs", "minutes", "weekdays"))
    first, last = row.get("from_date", ""), row.get("to_date", "")
    if _is_day(first) and _is_day(last) and last < first:
        problems.append(RowProblem("to_date", "ends_before", last, f"{first} or later"))
    return (*problems, *_check_towns(row, places))


def _check_towns(row: Mapping[str, str], places: Collection[str]) -> list[RowProblem]:
    problems = []
    for column in ("from", "to"):
        town = row.get(column, "")
        if town and town not in places:
            problems.append(RowProblem(column, "unknown_place", town, ", ".join(sorted(places))))
    if row.get("from") and row.get("from") == row.get("to"):
        problems.append(RowProblem("to", "same_place", row["to"], "another place"))
    return problems


def build_interest_slug(row: Mapping[str, str]) -> str:
    """How a term is known everywhere: `area` or `area/topic`."""
    return f"{row['area']}/{row['slug']}" if row.get("area") else row["slug"]


def is_number_up_to(largest: int) -> Shape:
    """A whole number from 1 on."""

    def is_right(text: str) -> bool:
        return text.isascii() and text.isdigit() and len(text) <= _DIGITS and 1 <= int(text) <= largest

    return "not_a_number", f"1-{largest}", is_right


def _is_degrees(largest: int) -> Shape:
    def is_right(text: str) -> bool:
        try:
            return abs(float(text)) <= largest
        except ValueError:
            return False

    return "not_a_number", f"-{largest}-{largest}", is_right


def _check_cells(
    row: Mapping[str, str], shapes: Mapping[str, Shape], *, required: Sequence[str]
) -> list[RowProblem]:
    return [
        problem
        for column, value in row.items()
        for problem in check_cell(column, value, shapes, required=required)
    ]


_LABEL: Shape = ("too_long", f"at most {LABEL_LENGTH} characters", is_at_most(LABEL_LENGTH))
_SLUG: Shape = ("bad_slug", "a-z, 0-9, -", is_slug)
_INTEREST_SHAPES: Mapping[str, Shape] = {
    # A topic is stored as `area/topic`, in a column of the length of one slug.
    "slug": ("bad_slug", "a-z, 0-9, -", lambda text: is_slug(text) and len(text) <= 39),
    "area": ("bad_slug", "a-z, 0-9, -", lambda text: is_slug(text) and len(text) <= 39),
    "sort": is_number_up_to(99_999),
    "label_en": _LABEL,
    "label_sv": _LABEL,
    "label_fi": _LABEL,
}
_PLACE_SHAPES: Mapping[str, Shape] = {
    "slug": _SLUG,
    "name_sv": _LABEL,
    "name_fi": _LABEL,
    "name_en": _LABEL,
    "country": ("unknown_country", ", ".join(HOST_COUNTRIES), is_one_of(HOST_COUNTRIES)),
    "timezone": ("unknown_zone", "Europe/Stockholm, Europe/Helsinki, …", is_time_zone),
    "lat": _is_degrees(90),
    "lon": _is_degrees(180),
    "is_partner": ("unknown_value", "yes, no", is_one_of(("yes", "no"))),
}
_MODES = (TravelMode.ROAD.value, TravelMode.FERRY.value)
_TRAVEL_SHAPES: Mapping[str, Shape] = {
    "mode": ("unknown_value", ", ".join(_MODES), is_one_of(_MODES)),
    "minutes": is_number_up_to(LONGEST_JOURNEY_MINUTES),
    "note": ("too_long", "at most 500 characters", is_at_most(500)),
}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_WEEKDAYS = re.compile(r"1?2?3?4?5?6?7?", re.ASCII)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_DAY_SHAPE: Shape = ("not_a_day", "2026-10-12", _is_day)
_SAILING_SHAPES: Mapping[str, Shape] = {
    "departs": ("not_a_clock", "09:00", lambda text: bool(_CLOCK.fullmatch(text))),
    "minutes": is_number_up_to(LONGEST_JOURNEY_MINUTES),
    "weekdays": ("bad_weekdays", "1234567 (1 = Monday)", lambda text: bool(_WEEKDAYS.fullmatch(text))),
    "from_date": _DAY_SHAPE,
    "to_date": _DAY_SHAPE,
    "check_in_minutes": is_number_up_to(12 * 60),
    "note": ("too_long", "at most 254 characters", is_at_most(254)),
}
