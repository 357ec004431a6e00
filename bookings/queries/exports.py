"""The directory as rows of text: what an exported file holds, and what an import reads back."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bookings.domain.directory import CONTACT_COLUMNS, OPTIONAL_COLUMNS, REQUIRED_COLUMNS
from bookings.domain.offer_rows import OFFER_OPTIONAL, OFFER_REQUIRED, build_offer_cells
from bookings.models.directory import HostContact, Organisation, Place, Site
from bookings.models.offers import VisitOffer
from bookings.queries.offers import build_offer, plan_of

_NOT_STORED = ("assumed",)
_ORGANISATION = tuple(c for c in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS) if c not in _NOT_STORED)
_OFFER = ("organisation", "site", "offer", *(c for c in OFFER_OPTIONAL if c not in ("site", "offer")))
_PUBLIC = tuple(column for column in _ORGANISATION if column not in CONTACT_COLUMNS)

Rows = list[dict[str, str]]


def list_columns(table: str, *, with_contacts: bool) -> tuple[str, ...]:
    """The columns of an exported table in their order."""
    if table == "offers":
        return (*_OFFER[:3], OFFER_REQUIRED[1], *_OFFER[3:])
    return _ORGANISATION if with_contacts else _PUBLIC


def list_cells(session: Session, table: str) -> Rows:
    """All rows of a table, the contacts too: `list_columns` says which columns somebody may have."""
    return _list_offers(session) if table == "offers" else _list_organisations(session)


def _list_organisations(session: Session) -> Rows:
    """A row for an organisation, and one more for each further site or contact."""
    loaders = (Organisation.sites, Organisation.contacts, Organisation.interests)
    found = session.scalars(
        select(Organisation).options(*(selectinload(part) for part in loaders)).order_by(Organisation.slug)
    )
    places = {place.id: place.slug for place in session.scalars(select(Place))}
    return [row for organisation in found for row in _organisation_rows(organisation, places)]


def _organisation_rows(organisation: Organisation, places: Mapping[int, str]) -> Rows:
    own = _organisation_cells(organisation, places)
    contacts = [contact for contact in organisation.contacts if contact.ended_at is None]
    parts = list(zip_longest(organisation.sites, contacts)) or [(None, None)]
    return [{**own, **_site_cells(site, places), **_contact_cells(contact)} for site, contact in parts]


def _organisation_cells(row: Organisation, places: Mapping[int, str]) -> dict[str, str]:
    return {
        "slug": row.slug,
        "name": row.name,
        "kind": row.kind,
        "country": row.country,
        "place": places.get(row.place_id or 0, ""),
        "website": row.website,
        "summary_en": row.summary_en,
        "summary_sv": row.summary_sv,
        "summary_fi": row.summary_fi,
        "interests": ";".join(interest.slug for interest in row.interests),
        "languages": ";".join(row.languages),
        "hosts_visits": row.hosts_visits,
        "organisation_number": row.organisation_number,
        "status": row.status,
        "source_url": row.source_url,
    }


def _site_cells(site: Site | None, places: Mapping[int, str]) -> dict[str, str]:
    if site is None:
        return {}
    return {
        "site": site.slug,
        "site_name": site.name,
        "site_address": site.address,
        "site_place": places.get(site.place_id or 0, ""),
        "site_zone": site.time_zone,
        "group_min": str(site.group_min or ""),
        "group_max": str(site.group_max or ""),
        "opens_at": site.opens_at or "",
        "closes_at": site.closes_at or "",
        "access_rules": site.access_rules,
    }


def _contact_cells(contact: HostContact | None) -> dict[str, str]:
    if contact is None:
        return {}
    return {
        "contact_email": contact.email,
        "contact_name": contact.name,
        "contact_role": contact.role,
        "contact_phone": contact.phone,
        "contact_language": contact.language,
        "contact_languages": ";".join(contact.languages),
        "contact_is_host": _yes_or_no(contact.is_host),
        "contact_is_public": _yes_or_no(contact.is_public),
    }


def _list_offers(session: Session) -> Rows:
    found = session.execute(
        select(VisitOffer, Organisation.slug, Site.slug)
        .join(Site, Site.id == VisitOffer.site_id)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .options(selectinload(VisitOffer.hours), selectinload(VisitOffer.topics))
        .order_by(Organisation.slug, Site.id, VisitOffer.id)
    )
    return [
        {
            "organisation": organisation,
            "site": site,
            "offer": offer.slug,
            **build_offer_cells(plan_of(build_offer(offer))),
            "status": offer.status,
        }
        for offer, organisation, site in found
    ]


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def key_rows(table: str, rows: Sequence[Mapping[str, str]]) -> dict[tuple[str, ...], Mapping[str, str]]:
    """The rows by what stays the same in a change: an organisation's are numbered."""
    found: dict[tuple[str, ...], Mapping[str, str]] = {}
    numbers: dict[str, int] = {}
    for row in rows:
        if table == "offers":
            found[row["organisation"], row["site"], row["offer"]] = row
        else:
            numbers[row["slug"]] = number = numbers.get(row["slug"], 0) + 1
            found[row["slug"], str(number)] = row
    return found
