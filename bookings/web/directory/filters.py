"""The filters of the directory as links: every choice is an address that can be bookmarked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from flask import url_for

from bookings.domain.directory import OrganisationKind
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory, InterestView
from bookings.queries.directory_search import OFFERS_VISITS, ChoiceCounts, CompanyFilter
from bookings.web.directory.labels import kind_label, language_label

TEXT_LENGTH = 100
_PARAMETERS = {
    "text": "q",
    "interest": "interest",
    "town": "town",
    "kind": "kind",
    "language": "language",
    "visits": "visits",
}


@dataclass(frozen=True)
class Choice:
    """One value of a filter: chosen, it leads to the list without it."""

    label: str
    url: str
    count: int
    is_chosen: bool
    choices: tuple["Choice", ...] = ()


@dataclass(frozen=True)
class Facet:
    """A filter with its values."""

    name: str
    title: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Chosen:
    """A filter that is set, with the address of the list without it."""

    label: str
    url: str


def read_filter(values: Mapping[str, str], directory: Directory) -> CompanyFilter:
    """The filter of an address or a form; values that do not exist are as if they were not there."""
    text = "".join(c if c.isprintable() else " " for c in values.get("q", ""))[:TEXT_LENGTH].strip()
    interest, town = values.get("interest", ""), values.get("town", "")
    kind, language = values.get("kind", ""), values.get("language", "")
    spoken = {code for company in directory.companies.values() for code in company.languages}
    return CompanyFilter(
        text=text,
        interest=interest if interest in directory.interests.by_slug else "",
        town=town if town in directory.places.by_slug else "",
        kind=kind if kind in set(OrganisationKind) else "",
        language=language if language in spoken else "",
        visits=OFFERS_VISITS if values.get("visits") == OFFERS_VISITS else "",
    )


def read_page_number(values: Mapping[str, str]) -> int:
    """The page asked for; the first when it is no number."""
    text = values.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def filter_parameters(wanted: CompanyFilter) -> dict[str, Any]:
    """The filter as parameters of an address, the empty ones left out."""
    return {_PARAMETERS[name]: value for name, value in asdict(wanted).items() if value}


def list_url(wanted: CompanyFilter, *, page: int = 1, anchor: str | None = None) -> str:
    """Address of the list with this filter."""
    more: dict[str, Any] = {"page": page} if page > 1 else {}
    return url_for("companies.index", **filter_parameters(wanted), **more, _anchor=anchor)


def build_facets(directory: Directory, wanted: CompanyFilter, counts: ChoiceCounts) -> list[Facet]:
    """The filters; values that lead nowhere are left out, the chosen one always stays."""
    language = current_language()
    towns = {slug: place.name(language) for slug, place in directory.places.by_slug.items()}
    kinds = {kind.value: kind_label(kind) for kind in OrganisationKind}
    languages = {code: language_label(code) for code in _by_count(counts.language, wanted.language)}
    visits = {OFFERS_VISITS: _("Can be visited")}
    return [
        Facet("visits", _("Visits"), _choices("visits", visits, wanted, counts.visits)),
        Facet("interest", _("Topic"), _interest_choices(directory, wanted, counts.interest)),
        Facet("town", _("Town"), _choices("town", towns, wanted, counts.town)),
        Facet("kind", _("Kind"), _choices("kind", kinds, wanted, counts.kind)),
        Facet("language", _("Language"), _choices("language", languages, wanted, counts.language)),
    ]


def build_chosen(directory: Directory, wanted: CompanyFilter) -> list[Chosen]:
    """What is set, in the order of the page."""
    language = current_language()
    labels = {
        "text": f"“{wanted.text}”",
        "interest": directory.interests.label(wanted.interest, language),
        "town": directory.places.name(wanted.town, language),
        "kind": kind_label(wanted.kind),
        "language": language_label(wanted.language),
        "visits": _("Can be visited"),
    }
    return [
        Chosen(labels[name], list_url(replace(wanted, **{name: ""})))
        for name, value in asdict(wanted).items()
        if value
    ]


def _by_count(counts: Counter[str], chosen: str) -> list[str]:
    values = [value for value, _count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    return values if not chosen or chosen in values else [chosen, *values]


def _choices(
    name: str, labels: Mapping[str, str], wanted: CompanyFilter, counts: Counter[str]
) -> tuple[Choice, ...]:
    chosen = getattr(wanted, name)
    return tuple(
        _choice(name, value, label, wanted, counts)
        for value, label in labels.items()
        if counts[value] or value == chosen
    )


def _choice(name: str, value: str, label: str, wanted: CompanyFilter, counts: Counter[str]) -> Choice:
    is_chosen = getattr(wanted, name) == value
    url = list_url(replace(wanted, **{name: "" if is_chosen else value}))
    return Choice(label, url, counts[value], is_chosen)


def _interest_choices(
    directory: Directory, wanted: CompanyFilter, counts: Counter[str]
) -> tuple[Choice, ...]:
    """The areas; the topics of the chosen area below it."""
    language = current_language()
    areas = directory.interests.areas
    found = _choices("interest", {area.slug: area.label(language) for area in areas}, wanted, counts)
    shown = [area for area in areas if counts[area.slug] or area.slug == wanted.interest]
    open_area = wanted.interest.partition("/")[0]
    return tuple(
        replace(choice, choices=_topic_choices(area, wanted, counts)) if area.slug == open_area else choice
        for area, choice in zip(shown, found, strict=True)
    )


def _topic_choices(area: InterestView, wanted: CompanyFilter, counts: Counter[str]) -> tuple[Choice, ...]:
    labels = {topic.slug: topic.label(current_language()) for topic in area.topics}
    return _choices("interest", labels, wanted, counts)
