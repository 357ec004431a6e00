"""A row of a file as a visit offer, an offer as such a row, and what may be wrong in it."""

from collections.abc import Mapping

from bookings.domain.directory import (
    LANGUAGE_CODES,
    LARGEST_GROUP,
    NAME_LENGTH,
    RowProblem,
    Shape,
    check_cell,
    is_at_most,
    is_one_of,
    is_slug,
    split_list,
)
from bookings.domain.errors import HostDetailNotUsableError
from bookings.domain.offers import (
    CURRENCIES,
    HIGHEST_FEE_CENTS,
    LONGEST_MINUTES,
    MOST_LEAD_DAYS,
    MOST_VISITS,
    SHORTEST_MINUTES,
    OfferPlan,
    OfferStatus,
    PhotoPolicy,
    SeasonHours,
    StepAccess,
    check_hours,
    check_offer,
)

OFFER_REQUIRED = ("organisation", "minutes")
OFFER_OPTIONAL = (
    "site",
    "offer",
    "title_en",
    "title_sv",
    "title_fi",
    "description_en",
    "description_sv",
    "description_fi",
    "topics",
    "languages",
    "group_min",
    "group_max",
    "people_per_guide",
    "guides",
    "lead_days",
    "monthly_cap",
    "hours",
    "fee",
    "fee_currency",
    "clothing",
    "photo_policy",
    "needs_identity_list",
    "minimum_age",
    "step_access",
    "status",
)
_LONG = ("description_en", "description_sv", "description_fi")
_WINDOWS, _PARTS = "|", ":"
_LANGUAGES = ("en", "sv", "fi")
_YES, _NO = "yes", "no"


def check_offer_row(row: Mapping[str, str]) -> tuple[RowProblem, ...]:
    """What is wrong in single cells of an offer, in the order of the columns."""
    return tuple(
        problem
        for column, value in row.items()
        for problem in check_cell(column, value, _SHAPES, required=OFFER_REQUIRED, several_lines=_LONG)
    )


def check_whole_offer(row: Mapping[str, str]) -> tuple[RowProblem, ...]:
    """What does not fit together in an offer whose cells are right by themselves; all columns are there."""
    try:
        check_offer(build_offer_plan(row))
    except HostDetailNotUsableError as error:
        column = _COLUMN_OF.get(error.field, error.field)
        return (RowProblem(column, f"offer_{error.code}", row.get(column, ""), _EXPECTED.get(column, "")),)
    return ()


def build_offer_plan(cells: Mapping[str, str]) -> OfferPlan:
    """An offer of a row with all columns whose cells are right."""
    fee = _cents(cells["fee"])
    return OfferPlan(
        titles=(cells["title_en"], cells["title_sv"], cells["title_fi"]),
        descriptions=(cells["description_en"], cells["description_sv"], cells["description_fi"]),
        topics=tuple(dict.fromkeys(split_list(cells["topics"]))),
        minutes=int(cells["minutes"]),
        languages=tuple(dict.fromkeys(split_list(cells["languages"]))),
        group_min=_number(cells["group_min"]),
        group_max=_number(cells["group_max"]),
        people_per_guide=_number(cells["people_per_guide"]),
        guides=_number(cells["guides"]),
        lead_days=_number(cells["lead_days"]),
        monthly_cap=_number(cells["monthly_cap"]),
        fee_cents=fee,
        fee_currency=cells["fee_currency"],
        clothing=cells["clothing"],
        photo_policy=PhotoPolicy(cells["photo_policy"] or PhotoPolicy.UNKNOWN),
        needs_identity_list=cells["needs_identity_list"] == _YES,
        minimum_age=_number(cells["minimum_age"]),
        step_access=StepAccess(cells["step_access"] or StepAccess.UNKNOWN),
        hours=tuple(_build_window(text) for text in cells["hours"].split(_WINDOWS) if text.strip()),
    )


def build_offer_cells(plan: OfferPlan) -> dict[str, str]:
    """The offer as cells that `build_offer_plan` reads back to the same offer."""
    texts = {f"title_{code}": text for code, text in zip(_LANGUAGES, plan.titles, strict=True)}
    texts |= {f"description_{code}": text for code, text in zip(_LANGUAGES, plan.descriptions, strict=True)}
    numbers = {
        name: _text(getattr(plan, name))
        for name in (
            "minutes",
            "group_min",
            "group_max",
            "people_per_guide",
            "guides",
            "lead_days",
            "monthly_cap",
            "minimum_age",
        )
    }
    return {
        **texts,
        **numbers,
        "topics": ";".join(plan.topics),
        "languages": ";".join(plan.languages),
        "hours": _WINDOWS.join(_write_window(window) for window in plan.hours),
        "fee": _write_fee(plan.fee_cents),
        "fee_currency": plan.fee_currency,
        "clothing": plan.clothing,
        "photo_policy": plan.photo_policy.value,
        "needs_identity_list": _YES if plan.needs_identity_list else _NO,
        "step_access": plan.step_access.value,
    }


NO_OFFER = dict.fromkeys((*OFFER_REQUIRED, *OFFER_OPTIONAL), "")
"""What a column that the file has not holds, when the offer is new."""


def _build_window(text: str) -> SeasonHours:
    """One window: `05-01:10-15:12345:09:00-15:00`."""
    from_day, to_day, weekdays, clocks = text.strip().split(_PARTS, 3)
    opens, closes = clocks.split("-")
    return SeasonHours(from_day, to_day, weekdays, opens, closes)


def _write_window(window: SeasonHours) -> str:
    clocks = f"{window.opens_at}-{window.closes_at}"
    return _PARTS.join((window.from_day, window.to_day, window.weekdays, clocks))


def _are_windows(text: str) -> bool:
    try:
        for part in text.split(_WINDOWS):
            check_hours(_build_window(part))
    except (ValueError, HostDetailNotUsableError):
        return False
    return True


def _cents(text: str) -> int | None:
    if not text:
        return None
    whole, _, part = text.replace(",", ".").partition(".")
    return int(whole) * 100 + int(f"{part:0<2}")


def _write_fee(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100}.{cents % 100:02}"


def _is_fee(text: str) -> bool:
    whole, _, part = text.replace(",", ".").partition(".")
    digits = whole + part
    fits = digits.isascii() and digits.isdigit() and bool(whole) and len(part) <= 2 and len(whole) <= 8
    return fits and (_cents(text) or 0) <= HIGHEST_FEE_CENTS


def _number(text: str) -> int | None:
    return int(text) if text else None


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def _between(smallest: int, largest: int) -> Shape:
    def is_right(text: str) -> bool:
        return text.isascii() and text.isdigit() and len(text) <= 5 and smallest <= int(text) <= largest

    return "not_a_number", f"{smallest}-{largest}", is_right


def _are_languages(text: str) -> bool:
    return all(code in LANGUAGE_CODES for code in split_list(text))


_HOURS_LIKE = "05-01:10-15:12345:09:00-15:00|…"
_COLUMN_OF = {"titles": "title_en", "fee_cents": "fee"}
_EXPECTED = {"title_en": "title_en, title_sv, title_fi", "fee_currency": ", ".join(CURRENCIES)}
_LINE: Shape = ("too_long", f"at most {NAME_LENGTH} characters", is_at_most(NAME_LENGTH))
_DESCRIPTION: Shape = ("too_long", "at most 4000 characters", is_at_most(4000))
_SLUG: Shape = ("bad_slug", "a-z, 0-9, -", is_slug)


def _choice(values: type[PhotoPolicy] | type[StepAccess] | type[OfferStatus]) -> Shape:
    codes = tuple(value.value for value in values)
    return "unknown_value", ", ".join(codes), is_one_of(codes)


_SHAPES: Mapping[str, Shape] = {
    "organisation": _SLUG,
    "site": _SLUG,
    "offer": _SLUG,
    **{f"title_{code}": _LINE for code in _LANGUAGES},
    **dict.fromkeys(_LONG, _DESCRIPTION),
    "topics": ("too_long", "at most 2000 characters", is_at_most(2000)),
    "minutes": _between(SHORTEST_MINUTES, LONGEST_MINUTES),
    "languages": ("unknown_language", "sv;fi;en", _are_languages),
    "group_min": _between(1, LARGEST_GROUP),
    "group_max": _between(1, LARGEST_GROUP),
    "people_per_guide": _between(1, LARGEST_GROUP),
    "guides": _between(1, 50),
    "lead_days": _between(0, MOST_LEAD_DAYS),
    "monthly_cap": _between(1, MOST_VISITS),
    "minimum_age": _between(1, 99),
    "hours": ("bad_hours", _HOURS_LIKE, _are_windows),
    "fee": ("not_a_number", "12.50", _is_fee),
    "fee_currency": ("unknown_value", ", ".join(CURRENCIES), is_one_of(CURRENCIES)),
    "clothing": ("too_long", "at most 254 characters", is_at_most(254)),
    "photo_policy": _choice(PhotoPolicy),
    "needs_identity_list": ("unknown_value", "yes, no", is_one_of((_YES, _NO))),
    "step_access": _choice(StepAccess),
    "status": _choice(OfferStatus),
}
