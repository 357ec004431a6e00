"""The two doors to what is known of a host: staff's, and the host's own link. Parts of use cases.

Whoever comes by a link reaches that host only: every row is looked for below the opened organisation.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bookings.db import Base
from bookings.domain.audit import Who
from bookings.domain.errors import LinkNotFoundError, NotFoundError, RecordChangedError
from bookings.domain.links import LinkPurpose
from bookings.domain.time import home_day
from bookings.domain.visits import Actor
from bookings.models.directory import DirectoryVersion, HostContact, Organisation, Site
from bookings.models.hosts import HostTerms
from bookings.models.offers import VisitOffer
from bookings.queries.links import find_link
from bookings.services.audit import add_audit
from bookings.settings import current_settings

Row = TypeVar("Row", Site, HostContact)
Item = TypeVar("Item")
Told = dict[str, list[Any]]
"""Old and new by the field, for the trail."""
_CODES = frozenset(
    {
        "asking", "closes_at", "country", "fee_currency", "hosts_visits", "kind", "language", "languages",
        "opens_at", "photo_policy", "status", "step_access", "time_zone",
    }
)  # fmt: skip


@dataclass(frozen=True)
class StaffDoor:
    """Staff may change everything about any organisation."""

    slug: str
    who: Who


@dataclass(frozen=True)
class HostDoor:
    """A host's own link: what it says is an answer, too."""

    token: str


Door = StaffDoor | HostDoor


@dataclass(frozen=True)
class OpenedHost:
    """An organisation that nobody else changes meanwhile, and who changes it."""

    organisation: Organisation
    who: Who
    contact: HostContact | None = None


def open_host(session: Session, door: Door, *, now: datetime) -> OpenedHost:
    """The host behind the door; changes of the directory pass one after the other.

    Raises NotFoundError, LinkNotFoundError or LinkExpiredError.
    """
    session.execute(update(DirectoryVersion).values(number=DirectoryVersion.number + 1))
    if isinstance(door, StaffDoor):
        found = session.scalar(select(Organisation).where(Organisation.slug == door.slug))
        if found is None:
            raise NotFoundError("organisation", door.slug)
        return OpenedHost(found, door.who)
    link = find_link(session, door.token, LinkPurpose.HOST_PAGE, now=now)
    contact = session.get(HostContact, link.subject_id)
    if contact is None or contact.ended_at is not None:
        raise LinkNotFoundError
    organisation = session.get_one(Organisation, contact.organisation_id)
    note_answer(session, organisation.id, today=home_day(now))
    return OpenedHost(organisation, Who(Actor.HOST, contact.name), contact)


def note_answer(session: Session, organisation_id: int, *, today: date) -> None:
    """The host has looked at it: nothing is open any more, and the next question comes in a year."""
    terms = open_terms(session, organisation_id, today=today)
    terms.confirmed_on = today
    terms.ask_on = today + timedelta(days=current_settings().hosts.confirm_days)
    terms.confirmation_asked_at, terms.unanswered_confirmations = None, 0


def open_terms(session: Session, organisation_id: int, *, today: date) -> HostTerms:
    """The terms of a host; the first time somebody asks for them they are the usual ones."""
    terms = session.get(HostTerms, organisation_id)
    if terms is None:
        ask_on = today + timedelta(days=current_settings().hosts.confirm_days)
        terms = HostTerms(organisation_id=organisation_id, ask_on=ask_on)
        session.add(terms)
        session.flush()
    return terms


def find_part(session: Session, table: type[Row], host: OpenedHost, row_id: int) -> Row:
    """A site or a contact of this host. Raises NotFoundError."""
    row = session.get(table, row_id)
    if row is None or row.organisation_id != host.organisation.id:
        raise NotFoundError(table.__tablename__, str(row_id))
    return row


def find_offer(session: Session, host: OpenedHost, offer_id: int) -> VisitOffer:
    """An offer of this host. Raises NotFoundError."""
    sites = select(Site.id).where(Site.organisation_id == host.organisation.id)
    offer = session.scalar(select(VisitOffer).where(VisitOffer.id == offer_id, VisitOffer.site_id.in_(sites)))
    if offer is None:
        raise NotFoundError("visit_offer", str(offer_id))
    return offer


def check_version(row: Any, version: int) -> None:
    """Raises RecordChangedError when somebody saved the row since it was read."""
    if row.version != version:
        raise RecordChangedError(row.__tablename__)


def write(row: Base, values: Mapping[str, object], *, told: Told | None = None) -> list[str]:
    """Writes what differs, and answers what that was; codes and numbers go into `told`, old and new."""
    different = [name for name, value in values.items() if getattr(row, name) != value]
    for name in different:
        if told is not None and not _is_worded(name, values[name]):
            told[name] = [getattr(row, name), values[name]]
        setattr(row, name, values[name])
    return different


def _is_worded(name: str, value: object) -> bool:
    """Words that people wrote, and who they are, stay out of the trail; so do days, which it cannot hold."""
    is_known = value is None or isinstance(value, bool | int)
    return name not in _CODES and (not is_known or name.endswith("_id"))


def in_stored_order(stored: Sequence[Item], wanted: Iterable[Item]) -> list[Item]:
    """Boxes of a form have no order: what was there first stays first."""
    chosen = list(wanted)
    return [one for one in stored if one in chosen] + [one for one in chosen if one not in stored]


def note(session: Session, host: OpenedHost, action: str, *, now: datetime, **detail: Any) -> None:
    """One act on what is known of the host."""
    session.flush()
    add_audit(
        session,
        host.who,
        f"host.{action}",
        noun="organisation",
        subject_id=host.organisation.id,
        now=now,
        **detail,
    )
