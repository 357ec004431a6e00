"""Organisations as cards and lists show them: words of the reader's language, no further look-ups."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bookings.i18n import current_language, zone_label
from bookings.queries.directory import Company, Directory
from bookings.web.directory.labels import kind_label, language_label
from bookings.web.hosts.offer_cards import OfferCard, build_offer_cards

CHIPS_ON_CARD = 3


@dataclass(frozen=True)
class SiteCard:
    """A place of an organisation with the time that is kept there."""

    name: str
    address: str
    town: str
    time_zone: str
    zone: str
    group_min: int | None
    group_max: int | None
    access_rules: str


@dataclass(frozen=True)
class CompanyCard:
    """One organisation in the reader's language."""

    slug: str
    name: str
    kind: str
    country: str
    town: str
    summary: str
    summary_language: str
    topics: tuple[tuple[str, str], ...]
    """Slug and label, the most typical first."""
    languages: tuple[str, ...]
    website: str
    receives_visits: bool
    is_in_plan: bool
    sites: tuple[SiteCard, ...]
    offers: tuple[OfferCard, ...]
    """What can be seen there."""


def build_cards(
    directory: Directory, companies: Iterable[Company], *, plan: list[str], now: datetime
) -> list[CompanyCard]:
    """The organisations in the reader's language."""
    language = current_language()
    return [_build_card(directory, company, language, plan=plan, now=now) for company in companies]


def _build_card(
    directory: Directory, company: Company, language: str, *, plan: list[str], now: datetime
) -> CompanyCard:
    summary_language = language if company.summaries.get(language) else "en"
    return CompanyCard(
        slug=company.slug,
        name=company.name,
        kind=kind_label(company.kind),
        country=company.country,
        town=directory.places.name(company.place_slug, language),
        summary=company.summaries[summary_language],
        summary_language=summary_language,
        topics=tuple((slug, directory.interests.label(slug, language)) for slug in company.topics),
        languages=tuple(language_label(code) for code in company.languages),
        website=company.website,
        receives_visits=company.hosts_visits == "yes",
        is_in_plan=company.slug in plan,
        sites=tuple(
            SiteCard(
                name=site.name,
                address=site.address,
                town=directory.places.name(site.place_slug, language),
                time_zone=site.time_zone,
                zone=zone_label(now, site.time_zone),
                group_min=site.group_min,
                group_max=site.group_max,
                access_rules=site.access_rules,
            )
            for site in company.sites
        ),
        offers=build_offer_cards(directory, company.offers),
    )
