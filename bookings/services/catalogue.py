"""The directory as a booklet for printing, set anew by the worker when the directory has changed."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any

from bookings.adapters.printing import print_document
from bookings.db import read_session, transaction
from bookings.domain.text import fold
from bookings.domain.time import home_day
from bookings.i18n import country_name, format_day, in_language, language_name, ngettext
from bookings.i18n import gettext as _
from bookings.models.imports import Catalogue
from bookings.queries.catalogue import hash_version, list_catalogues
from bookings.queries.directory import Company, Directory, load_directory
from bookings.queries.offers import OfferView
from bookings.settings import asset_folder, current_settings

LANGUAGES = ("en", "sv", "fi")
_CODE_LENGTH = 40


def render_catalogue(*, now: datetime) -> bool:
    """Set the first language whose catalogue is not of today's directory; true when one was set."""
    session = read_session()
    directory = load_directory(session)
    if not any(company.is_published for company in directory.companies.values()):
        return False
    version, edition = hash_version(directory), _edition()
    known = {(one.language, one.directory_version, one.edition) for one in list_catalogues(session).values()}
    session.rollback()
    language = next((code for code in LANGUAGES if (code, version, edition) not in known), None)
    if language is None:
        return False
    with in_language(language):
        printed = print_document(_source(), build_catalogue(directory, language, now=now))
    with transaction() as writing:
        writing.merge(
            Catalogue(
                language=language,
                directory_version=version,
                edition=edition,
                rendered_at=now,
                is_tagged=printed.is_tagged,
                content=printed.content,
            )
        )
    return True


def build_catalogue(directory: Directory, language: str, *, now: datetime) -> dict[str, Any]:
    """What the booklet says: published organisations with what they offer, and nothing of their contacts."""
    published = [company for company in directory.companies.values() if company.is_published]
    published.sort(key=lambda company: (fold(company.name), company.slug))
    cards = {company.slug: _card(directory, company, language) for company in published}
    settings = current_settings()
    return {
        "language": language,
        "publisher": settings.app.name,
        "address": f"{settings.web.base_url}/companies",
        "words": _words(directory, now=now),
        "interests": [
            {"name": area.label(language), "companies": [cards[company.slug] for company in members]}
            for area in directory.interests.areas
            if (members := [company for company in published if area.slug in company.terms])
        ],
        "towns": _towns(directory, published, cards, language),
        "index": list(cards.values()),
    }


def _words(directory: Directory, *, now: datetime) -> dict[str, str]:
    as_of = _(
        "As of %(day)s, version %(number)d", day=format_day(home_day(now)), number=directory.version[0] or 0
    )
    return {
        "title": _("Companies and places to visit"),
        "subtitle": current_settings().app.name,
        "as_of": as_of,
        "contents": _("Contents"),
        "by_interest": _("By topic"),
        "by_town": _("By town"),
        "topics": _("Topics"),
        "index": _("Index"),
    }


def _towns(
    directory: Directory, published: Iterable[Company], cards: dict[str, dict[str, Any]], language: str
) -> list[dict[str, Any]]:
    """Every organisation stands in exactly one town; those without one stand under their country."""
    found: dict[str, list[dict[str, Any]]] = {}
    for company in published:
        found.setdefault(_place(directory, company, language), []).append(cards[company.slug])
    return [{"name": town, "companies": found[town]} for town in sorted(found, key=fold)]


def _place(directory: Directory, company: Company, language: str) -> str:
    return directory.places.name(company.place_slug, language) or country_name(company.country)


def _card(directory: Directory, company: Company, language: str) -> dict[str, Any]:
    summary = language if company.summaries.get(language) else "en"
    return {
        "slug": company.slug,
        "name": company.name,
        "place": _place(directory, company, language),
        "facts": " · ".join(
            part for part in (kind_label(company.kind), _languages(company.languages)) if part
        ),
        "summary": {"text": company.summaries.get(summary, ""), "language": summary},
        "topics": ", ".join(directory.interests.label(topic, language) for topic in company.topics),
        "website": company.website,
        "offers": [_offer(offer, language) for offer in company.offers],
    }


def _offer(offer: OfferView, language: str) -> dict[str, Any]:
    title = next((code for code in (language, "en", "sv", "fi") if offer.titles.get(code)), language)
    text, text_language = offer.description(language)
    minutes = ngettext("%(num)d minute", "%(num)d minutes", offer.minutes)
    group = _("Up to %(most)s people", most=offer.group_max) if offer.group_max else ""
    return {
        "title": {"text": offer.title(language), "language": title},
        "facts": " · ".join(part for part in (minutes, group, _languages(offer.languages)) if part),
        "description": {"text": text, "language": text_language},
    }


def _languages(codes: Iterable[str]) -> str:
    return ", ".join(language_name(code) for code in codes)


def kind_label(kind: str) -> str:
    """What sort of organisation it is, in the reader's language."""
    labels = {
        "company": _("Company"),
        "research": _("Research and education"),
        "public": _("Public body or utility"),
        "investor": _("Investor"),
        "cluster": _("Cluster or network"),
        "test_facility": _("Test facility"),
    }
    return labels.get(kind, kind)


@cache
def _source() -> bytes:
    return (asset_folder("templates") / "catalogue" / "catalogue.typ").read_bytes()


def _edition() -> str:
    """Changes with what stands around the data."""
    settings = current_settings()
    parts = (_source(), settings.app.name.encode(), settings.web.base_url.encode())
    return sha256(b"\0".join(parts)).hexdigest()[:_CODE_LENGTH]
