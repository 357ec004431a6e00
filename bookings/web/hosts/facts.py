"""All that is known of a host as both of its pages show it, in the reader's language."""

from dataclasses import dataclass
from datetime import date, datetime

from bookings.domain.hosts import ExclusionKind
from bookings.i18n import country_name, current_language, format_day, format_instant
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory, SiteView
from bookings.queries.host_files import ClosureView, ContactView, ExclusionView, HostChange, HostFile
from bookings.services.catalogue import kind_label
from bookings.web.hosts.offer_cards import OfferCard, build_offer_cards
from bookings.web.hosts.words import ASKING_WAYS, CHANGES, EXCLUSIONS, ORGANISATION_STATUSES
from bookings.web.texts import VISITOR_KINDS, language_name

Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class SiteCard:
    """A site with its closures (id and words) and its offers."""

    id: int
    name: str
    facts: Facts
    closures: list[tuple[int, str]]
    offers: tuple[OfferCard, ...]


@dataclass(frozen=True)
class ContactCard:
    """Somebody who answers, in words."""

    id: int
    name: str
    email: str
    facts: Facts
    is_undeliverable: bool
    is_gone: bool


@dataclass(frozen=True, kw_only=True)
class HostPageView:
    """The sections of a page."""

    facts: Facts
    terms: Facts
    sites: list[SiteCard]
    contacts: list[ContactCard]
    blackouts: list[tuple[int, str]]
    exclusions: list[tuple[int, str]]
    changes: list[tuple[str, str, str]]
    """When, who, what."""


def build_page(file: HostFile, directory: Directory, *, now: datetime) -> HostPageView:
    """The sections for the reader."""
    return HostPageView(
        facts=_organisation_facts(file, directory),
        terms=_terms_facts(file),
        sites=[_build_site(file, site, directory) for site in file.company.sites],
        contacts=[_build_contact(file, contact) for contact in file.contacts],
        blackouts=[
            (one.id, _tell_days(one.first_on, one.last_on) + _tell_offer(file, one.offer_id))
            for one in file.blackouts
        ],
        exclusions=[(one.id, _tell_exclusion(one)) for one in file.exclusions],
        changes=list_changes(file.changes, zone=_zone_of(file)),
    )


def list_changes(changes: tuple[HostChange, ...], *, zone: str) -> list[tuple[str, str, str]]:
    """When, who and what, in words."""
    return [
        (
            format_instant(change.happened_at, zone),
            change.name,
            str(CHANGES.get(change.action, change.action)),
        )
        for change in changes
    ]


def _organisation_facts(file: HostFile, directory: Directory) -> Facts:
    company, language = file.company, current_language()
    place = directory.places.name(company.place_slug, language) if company.place_slug else ""
    return [
        (_("Kind"), kind_label(company.kind)),
        (_("Town"), ", ".join(text for text in (place, country_name(company.country)) if text)),
        (_("Organisation number"), file.organisation_number),
        (_("Website"), company.website),
        (_("Topics"), ", ".join(directory.interests.label(slug, language) for slug in company.topics)),
        (_("In the directory"), str(ORGANISATION_STATUSES[company.status])),
    ]


def _terms_facts(file: HostFile) -> Facts:
    terms = file.terms
    confirmed = format_day(terms.confirmed_on) if terms.confirmed_on else _("Never")
    return [
        (_("Languages"), ", ".join(language_name(code) for code in file.company.languages)),
        (_("How we ask"), str(ASKING_WAYS[terms.asking.value])),
        (_("Most visits a month"), str(terms.monthly_cap or _("As many as fit"))),
        (_("Last confirmed by the host"), confirmed),
    ]


def _build_site(file: HostFile, site: SiteView, directory: Directory) -> SiteCard:
    town = directory.places.name(site.place_slug, current_language()) if site.place_slug else ""
    hours = f"{site.opens_at}–{site.closes_at}" if site.opens_at else ""
    return SiteCard(
        id=site.id,
        name=site.name,
        facts=[
            (_("Address"), ", ".join(text for text in (site.address, town) if text)),
            (_("Time zone"), site.time_zone.replace("_", " ")),
            (_("Hours"), hours or _("The usual working hours")),
            (_("Group"), _tell_group(site)),
            (_("How one comes in"), site.access_rules),
        ],
        closures=[(one.id, _tell_closure(one, site.time_zone)) for one in file.closures_of(site.id)],
        offers=build_offer_cards(directory, site.offers),
    )


def _tell_group(site: SiteView) -> str:
    if not site.group_min and not site.group_max:
        return ""
    return f"{site.group_min or 1}–{site.group_max or '…'}"


def _tell_closure(closure: ClosureView, zone: str) -> str:
    start = format_instant(closure.starts_at, zone)
    end = format_instant(closure.ends_at, zone) if closure.ends_at else _("until further notice")
    return f"{start} – {end}" + (f": {closure.reason}" if closure.reason else "")


def _build_contact(file: HostFile, contact: ContactView) -> ContactCard:
    names = {other.id: other.name or other.email for other in file.contacts}
    return ContactCard(
        id=contact.id,
        name=contact.name or contact.email,
        email=contact.email,
        facts=[
            (_("Role"), contact.role),
            (_("Telephone"), contact.phone),
            (_("Language of our mails"), language_name(contact.language)),
            (_("Speaks with visitors"), ", ".join(language_name(code) for code in contact.languages)),
            (_("Stands in for"), ", ".join(names[other] for other in contact.stands_in_for)),
            (_("Asked for visits"), _("Yes") if contact.is_host else _("No")),
            (_("Several people read this mailbox"), _("Yes") if contact.is_shared else ""),
        ],
        is_undeliverable=contact.is_undeliverable,
        is_gone=contact.ended_at is not None,
    )


def _tell_days(first: date, last: date) -> str:
    texts = [format_day(day) for day in dict.fromkeys((first, last))]
    return " – ".join(texts)


def _tell_offer(file: HostFile, offer_id: int | None) -> str:
    if offer_id is None:
        return ""
    offer = next((one for one in file.offers if one.id == offer_id), None)
    return f" ({offer.title(current_language())})" if offer else ""


def _tell_exclusion(exclusion: ExclusionView) -> str:
    values = {
        ExclusionKind.COUNTRY.value: country_name,
        ExclusionKind.SECTOR.value: _visitor_kind,
    }
    tell = values.get(exclusion.kind)
    value = tell(exclusion.value) if tell else exclusion.value
    return f"{EXCLUSIONS[exclusion.kind]}: {value}"


def _visitor_kind(code: str) -> str:
    return next((str(label) for kind, label in VISITOR_KINDS.items() if kind.value == code), code)


def _zone_of(file: HostFile) -> str:
    sites = file.company.sites
    return sites[0].time_zone if sites else "UTC"
