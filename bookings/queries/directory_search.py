"""Searching the directory: words and four filters, with the number of companies behind every other choice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import ceil

from bookings.domain.text import fold
from bookings.queries.directory import Company, Directory

PAGE_SIZE = 24


@dataclass(frozen=True)
class CompanyFilter:
    """What a visitor looks for; an empty field asks for nothing."""

    text: str = ""
    interest: str = ""
    town: str = ""
    kind: str = ""
    language: str = ""
    visits: str = ""
    """`yes`: only organisations with something to see."""


@dataclass(frozen=True)
class ChoiceCounts:
    """Companies behind each value of a filter, the other filters kept."""

    interest: Counter[str] = field(default_factory=Counter)
    town: Counter[str] = field(default_factory=Counter)
    kind: Counter[str] = field(default_factory=Counter)
    language: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)

    def add(self, company: Company, dimension: str) -> None:
        """Count the company under each of its values."""
        counter: Counter[str] = getattr(self, dimension)
        counter.update(_values_of(company)[dimension])


@dataclass(frozen=True)
class CompanyPage:
    """One page of what was found, in the order of the names."""

    companies: tuple[Company, ...]
    total: int
    page: int
    pages: int
    counts: ChoiceCounts


DIMENSIONS = ("interest", "town", "kind", "language", "visits")
OFFERS_VISITS = "yes"


def search_companies(
    directory: Directory,
    wanted: CompanyFilter,
    *,
    page: int = 1,
    size: int = PAGE_SIZE,
    with_hidden: bool = False,
) -> CompanyPage:
    """Companies that meet every filter, only published ones unless asked. A page too far is the last."""
    counts = ChoiceCounts()
    everybody = directory.companies.values()
    visible = [company for company in everybody if with_hidden or company.is_published]
    found = list(_find(visible, wanted, counts))
    pages = max(1, ceil(len(found) / size))
    number = min(max(page, 1), pages)
    shown = tuple(found[(number - 1) * size : number * size])
    return CompanyPage(shown, len(found), number, pages, counts)


def _find(companies: list[Company], wanted: CompanyFilter, counts: ChoiceCounts) -> Iterator[Company]:
    words = fold(wanted.text).split()
    for company in companies:
        if not all(word in company.search_text for word in words):
            continue
        failed = _failed_dimensions(company, wanted)
        # One filter alone stands in the way: the company counts for what that filter could be instead.
        for dimension in DIMENSIONS if not failed else failed if len(failed) == 1 else ():
            counts.add(company, dimension)
        if not failed:
            yield company


def _failed_dimensions(company: Company, wanted: CompanyFilter) -> list[str]:
    values = _values_of(company)
    choices = {dimension: getattr(wanted, dimension) for dimension in DIMENSIONS}
    return [dimension for dimension, choice in choices.items() if choice and choice not in values[dimension]]


def _values_of(company: Company) -> dict[str, frozenset[str]]:
    return {
        "interest": company.terms,
        "town": frozenset({company.place_slug} - {""}),
        "kind": frozenset({company.kind}),
        "language": frozenset(company.languages),
        "visits": frozenset({OFFERS_VISITS} if company.offers else ()),
    }
