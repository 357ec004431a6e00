"""Everything that is known of a host: for staff, and for the host behind its own link."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bookings.domain.errors import LinkNotFoundError, NotFoundError
from bookings.domain.hosts import AskingWay, Exclusion, ExclusionKind, Visitor, is_silent
from bookings.domain.links import LinkPurpose
from bookings.domain.time import home_day
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry
from bookings.models.directory import HostContact, Organisation
from bookings.models.hosts import HostBlackout, HostExclusion, HostStandIn, HostTerms, SiteClosure
from bookings.queries.directory import Company, SiteView, load_directory
from bookings.queries.links import find_link
from bookings.queries.offers import OfferView

_MOST_CHANGES = 30
Part = TypeVar("Part", "ContactView", OfferView, SiteView)


@dataclass(frozen=True)
class ContactView:
    """Somebody who answers for the host; `stands_in_for` are ids of colleagues."""

    id: int
    name: str
    role: str
    email: str
    phone: str
    language: str
    languages: tuple[str, ...]
    is_host: bool
    is_public: bool
    is_undeliverable: bool
    is_shared: bool
    ended_at: datetime | None
    stands_in_for: tuple[int, ...]
    version: int


@dataclass(frozen=True)
class TermsView:
    """What the host asks for, and when it last said that all is right."""

    asking: AskingWay = AskingWay.MAIL
    monthly_cap: int | None = None
    confirmed_on: date | None = None
    ask_on: date | None = None
    asked_at: datetime | None = None
    unanswered: int = 0

    @property
    def is_silent(self) -> bool:
        """Was it asked in vain so often that it is not suggested any more?"""
        return is_silent(self.unanswered)


@dataclass(frozen=True)
class ClosureView:
    """A time at which a site is closed."""

    id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime | None
    reason: str


@dataclass(frozen=True)
class BlackoutView:
    """Days on which the host receives nobody, or nobody for one offer."""

    id: int
    offer_id: int | None
    first_on: date
    last_on: date


@dataclass(frozen=True)
class ExclusionView:
    """Visitors whom the host does not receive."""

    id: int
    kind: str
    value: str


@dataclass(frozen=True)
class HostChange:
    """Something that the host did to what is known of it."""

    happened_at: datetime
    name: str
    action: str
    detail: Mapping[str, Any]
    organisation: str = ""
    slug: str = ""


@dataclass(frozen=True, kw_only=True)
class HostFile:
    """An organisation with all that staff know of it; contacts that are gone come last."""

    company: Company
    organisation_number: str
    version: int
    terms: TermsView
    contacts: tuple[ContactView, ...]
    closures: tuple[ClosureView, ...]
    blackouts: tuple[BlackoutView, ...]
    exclusions: tuple[ExclusionView, ...]
    changes: tuple[HostChange, ...]
    contact_id: int = 0
    """Who looks at it by a link."""

    @property
    def offers(self) -> tuple[OfferView, ...]:
        """All of them, hidden ones too."""
        return tuple(offer for site in self.company.sites for offer in site.offers)

    @property
    def present_contacts(self) -> tuple[ContactView, ...]:
        """Those who can be asked."""
        return tuple(contact for contact in self.contacts if contact.ended_at is None)

    def find_offer(self, offer_id: int) -> OfferView:
        """Raises NotFoundError."""
        return _find(self.offers, offer_id, "visit_offer")

    def find_site(self, site_id: int) -> SiteView:
        """Raises NotFoundError."""
        return _find(self.company.sites, site_id, "site")

    def find_contact(self, contact_id: int) -> ContactView:
        """Somebody who is not gone. Raises NotFoundError."""
        return _find(self.present_contacts, contact_id, "host_contact")

    def closures_of(self, site_id: int) -> list[ClosureView]:
        """The closures of one site, by time."""
        return [closure for closure in self.closures if closure.site_id == site_id]


def load_host_file(session: Session, slug: str, *, now: datetime) -> HostFile:
    """For staff. Raises NotFoundError."""
    company = load_directory(session).companies.get(slug)
    if company is None:
        raise NotFoundError("organisation", slug)
    return _build_file(session, company, now=now)


def load_own_file(session: Session, token: str, *, now: datetime) -> HostFile:
    """For the holder of a host's own link. Raises LinkNotFoundError or LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.HOST_PAGE, now=now)
    found = session.execute(
        select(Organisation.slug, HostContact.ended_at)
        .join(HostContact, HostContact.organisation_id == Organisation.id)
        .where(HostContact.id == link.subject_id)
    ).one_or_none()
    if found is None or found.ended_at is not None:
        raise LinkNotFoundError
    company = load_directory(session).companies[found.slug]
    return _build_file(session, company, now=now, contact_id=link.subject_id)


def list_changes_by_hosts(session: Session, *, limit: int = _MOST_CHANGES) -> tuple[HostChange, ...]:
    """What hosts changed by their own links lately, over all organisations, the newest first."""
    rows = session.execute(
        select(AuditEntry, Organisation.name, Organisation.slug)
        .join(Organisation, Organisation.id == AuditEntry.subject_id)
        .where(*_BY_HOSTS)
        .order_by(AuditEntry.happened_at.desc(), AuditEntry.id.desc())
        .limit(limit)
    )
    return tuple(_build_change(entry, name, slug) for entry, name, slug in rows)


def unanswered_hosts() -> Select[*tuple[Any, ...]]:
    """What `find_silent` looks at."""
    return select(HostTerms.organisation_id, HostTerms.unanswered_confirmations).where(
        HostTerms.unanswered_confirmations > 0
    )


def find_silent(rows: Iterable[Any]) -> frozenset[int]:
    """Ids of the organisations that do not answer any more, so that nobody is sent there by a suggestion."""
    return frozenset(row.organisation_id for row in rows if is_silent(row.unanswered_confirmations))


def list_silent_hosts(session: Session) -> frozenset[int]:
    """Ids of the organisations that do not answer any more."""
    return find_silent(session.execute(unanswered_hosts()))


def exclusions_of_hosts() -> Select[*tuple[Any, ...]]:
    """What `find_refusing` looks at."""
    return select(Organisation.slug, HostExclusion.kind, HostExclusion.value).join(
        Organisation, Organisation.id == HostExclusion.organisation_id
    )


def find_refusing(rows: Iterable[Any], visitor: Visitor) -> frozenset[str]:
    """Slugs of the organisations that do not receive this visitor. For staff and the planner only."""
    return frozenset(row.slug for row in rows if Exclusion(ExclusionKind(row.kind), row.value).meets(visitor))


_BY_HOSTS = (
    AuditEntry.noun == "organisation",
    AuditEntry.actor_kind == Actor.HOST,
    AuditEntry.action.like("host.%"),
)


def _build_file(session: Session, company: Company, *, now: datetime, contact_id: int = 0) -> HostFile:
    row = session.get_one(Organisation, company.id)
    return HostFile(
        company=company,
        organisation_number=row.organisation_number,
        version=row.version,
        terms=_find_terms(session, company.id),
        contacts=_list_contacts(session, company.id),
        closures=_list_closures(session, company, now=now),
        blackouts=_list_blackouts(session, company.id, today=home_day(now)),
        exclusions=tuple(_list_exclusions(session, company.id)),
        changes=_list_changes(session, company.id),
        contact_id=contact_id,
    )


def _find_terms(session: Session, organisation_id: int) -> TermsView:
    row = session.get(HostTerms, organisation_id)
    if row is None:
        return TermsView()
    return TermsView(
        AskingWay(row.asking),
        row.monthly_cap,
        row.confirmed_on,
        row.ask_on,
        row.confirmation_asked_at,
        row.unanswered_confirmations,
    )


def _list_contacts(session: Session, organisation_id: int) -> tuple[ContactView, ...]:
    rows = session.scalars(
        select(HostContact)
        .where(HostContact.organisation_id == organisation_id)
        .order_by(HostContact.ended_at.is_not(None), HostContact.id)
    ).all()
    pairs = session.execute(
        select(HostStandIn.host_contact_id, HostStandIn.stands_in_for_id)
        .where(HostStandIn.host_contact_id.in_([row.id for row in rows]))
        .order_by(HostStandIn.stands_in_for_id)
    ).all()
    return tuple(
        ContactView(
            id=row.id,
            name=row.name,
            role=row.role,
            email=row.email,
            phone=row.phone,
            language=row.language,
            languages=tuple(row.languages),
            is_host=row.is_host,
            is_public=row.is_public,
            is_undeliverable=row.is_undeliverable,
            is_shared=row.is_shared,
            ended_at=row.ended_at,
            stands_in_for=tuple(other for own, other in pairs if own == row.id),
            version=row.version,
        )
        for row in rows
    )


def _list_closures(session: Session, company: Company, *, now: datetime) -> tuple[ClosureView, ...]:
    """Those that are not over."""
    rows = session.scalars(
        select(SiteClosure)
        .where(
            SiteClosure.site_id.in_([site.id for site in company.sites]),
            SiteClosure.ends_at.is_(None) | (SiteClosure.ends_at > now),
        )
        .order_by(SiteClosure.starts_at, SiteClosure.id)
    )
    return tuple(ClosureView(row.id, row.site_id, row.starts_at, row.ends_at, row.reason) for row in rows)


def _list_blackouts(session: Session, organisation_id: int, *, today: date) -> tuple[BlackoutView, ...]:
    """Those that are not over."""
    rows = session.scalars(
        select(HostBlackout)
        .where(HostBlackout.organisation_id == organisation_id, HostBlackout.last_on >= today)
        .order_by(HostBlackout.first_on, HostBlackout.id)
    )
    return tuple(BlackoutView(row.id, row.visit_offer_id, row.first_on, row.last_on) for row in rows)


def _list_exclusions(session: Session, organisation_id: int) -> list[ExclusionView]:
    rows = session.scalars(
        select(HostExclusion)
        .where(HostExclusion.organisation_id == organisation_id)
        .order_by(HostExclusion.kind, HostExclusion.value)
    )
    return [ExclusionView(row.id, row.kind, row.value) for row in rows]


def _list_changes(session: Session, organisation_id: int) -> tuple[HostChange, ...]:
    rows = session.scalars(
        select(AuditEntry)
        .where(*_BY_HOSTS, AuditEntry.subject_id == organisation_id)
        .order_by(AuditEntry.happened_at.desc(), AuditEntry.id.desc())
        .limit(_MOST_CHANGES)
    )
    return tuple(_build_change(row) for row in rows)


def _build_change(row: AuditEntry, organisation: str = "", slug: str = "") -> HostChange:
    return HostChange(row.happened_at, row.actor_name, row.action, row.detail, organisation, slug)


def _find(rows: Sequence[Part], row_id: int, noun: str) -> Part:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFoundError(noun, str(row_id))
    return found
