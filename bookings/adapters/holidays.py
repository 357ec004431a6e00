"""Public holidays of a country, from the package `holidays`."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from bookings.late import LateModule

if TYPE_CHECKING:
    import holidays
else:
    holidays = LateModule("holidays")

# Midsummer Eve, Christmas Eve and New Year's Eve are no law in Sweden, and nobody works.
_CATEGORIES = {"SE": ("public", "de_facto")}


def load_holidays(country: str, years: Iterable[int]) -> Mapping[date, str]:
    """The holidays of a country (ISO code) with their English names; none where the country is unknown."""
    return _load(country, tuple(sorted(set(years))))


@cache
def _load(country: str, years: tuple[int, ...]) -> Mapping[date, str]:
    try:
        found = holidays.country_holidays(
            country, years=years, categories=_CATEGORIES.get(country), language="en_US"
        )
    except NotImplementedError:
        return MappingProxyType({})
    return MappingProxyType(dict(found))
