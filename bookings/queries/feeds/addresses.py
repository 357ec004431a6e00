"""Secret addresses of feeds: whose they are and what they show."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from bookings.domain.feeds import FeedKind
from bookings.models.directory import HostContact, Organisation, Place
from bookings.models.feeds import CalendarFeed
from bookings.models.staff import StaffUser
from bookings.queries.links import hash_token
from bookings.queries.slots import find_host_link


@dataclass(frozen=True, kw_only=True)
class FeedScope:
    """What an address shows, in which language; `title` is the town or the host, if it is bound to one."""

    kind: FeedKind
    language: str
    host_contact_id: int | None = None
    place_id: int | None = None
    title: str = ""


@dataclass(frozen=True)
class FeedAddress:
    """An address that works: since when, and for which town. The address itself is nowhere kept."""

    kind: FeedKind
    created_at: datetime
    town: str = ""
    host_contact_id: int | None = None


_SCOPE = (
    select(
        CalendarFeed.kind,
        func.coalesce(StaffUser.language, HostContact.language).label("language"),
        CalendarFeed.host_contact_id,
        CalendarFeed.place_id,
        Organisation.name.label("host"),
        Place.name_en,
        Place.name_sv,
        Place.name_fi,
    )
    .outerjoin(StaffUser, StaffUser.id == CalendarFeed.staff_user_id)
    .outerjoin(HostContact, HostContact.id == CalendarFeed.host_contact_id)
    .outerjoin(Organisation, Organisation.id == HostContact.organisation_id)
    .outerjoin(Place, Place.id == CalendarFeed.place_id)
    .where(
        CalendarFeed.token_hash == bindparam("token_hash"),
        or_(StaffUser.active, CalendarFeed.host_contact_id.is_not(None)),
    )
)


def find_feed_scope(session: Session, token: str) -> FeedScope | None:
    """What this address shows; None when it is unknown or revoked, or its owner's account is off."""
    row = session.execute(_SCOPE, {"token_hash": hash_token(token)}).one_or_none()
    if row is None:
        return None
    towns = {"sv": row.name_sv, "fi": row.name_fi}
    return FeedScope(
        kind=FeedKind(row.kind),
        language=row.language,
        host_contact_id=row.host_contact_id,
        place_id=row.place_id,
        title=towns.get(row.language) or row.name_en or row.host or "",
    )


def list_staff_feeds(session: Session, staff_id: int) -> tuple[FeedAddress, ...]:
    """The addresses that this person has made, the one for all towns first."""
    rows = session.execute(
        select(CalendarFeed.kind, CalendarFeed.created_at, func.coalesce(Place.slug, "").label("town"))
        .outerjoin(Place, Place.id == CalendarFeed.place_id)
        .where(CalendarFeed.staff_user_id == staff_id)
        .order_by(func.coalesce(Place.slug, ""), CalendarFeed.id)
    )
    return tuple(FeedAddress(FeedKind(row.kind), row.created_at, row.town) for row in rows)


def list_host_feeds(session: Session, contact_ids: Collection[int]) -> tuple[FeedAddress, ...]:
    """The addresses of these people, whoever made them."""
    rows = session.execute(
        select(CalendarFeed.kind, CalendarFeed.created_at, CalendarFeed.host_contact_id)
        .where(CalendarFeed.host_contact_id.in_(contact_ids))
        .order_by(CalendarFeed.id)
    )
    return tuple(
        FeedAddress(FeedKind(row.kind), row.created_at, host_contact_id=row.host_contact_id) for row in rows
    )


@dataclass(frozen=True)
class HostOfLink:
    """The person that a host's link belongs to."""

    contact_id: int
    name: str
    organisation: str


def find_host_of_link(session: Session, token: str, *, now: datetime) -> HostOfLink:
    """Whom this host's link belongs to. Raises LinkNotFoundError or LinkExpiredError."""
    slot = find_host_link(session, token, now=now).slot
    return HostOfLink(slot.host_contact_id, slot.host_contact.name, slot.organisation.name)
