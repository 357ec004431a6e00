"""Public holidays of a country, from the package `holidays`."""

import sys
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec, module_from_spec
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
    _spare_other_countries()
    try:
        found = holidays.country_holidays(
            country, years=years, categories=_CATEGORIES.get(country), language="en_US"
        )
    except NotImplementedError:
        return MappingProxyType({})
    return MappingProxyType(dict(found))


def _spare_other_countries() -> None:
    """The library's package of countries loads all 250 for any one: 8 MB, and a third of a second in which
    somebody waits. Without its contents, each country is loaded by itself when it is asked for."""
    package = find_spec("holidays.countries")
    if package is not None:
        sys.modules.setdefault(package.name, module_from_spec(package))
