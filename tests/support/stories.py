"""A visit on its way: what staff, hosts and the visitor do in tests, with the mails they get in between."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

from sqlalchemy import and_, select

from bookings.db import database
from bookings.domain.audit import Who
from bookings.domain.links import LinkPurpose
from bookings.domain.slots import SlotPlan
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.holds import Hold, Resource
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import ProposedTime, Slot
from bookings.models.visits import VisitRequest
from bookings.services.links import add_link
from tests.support.clock import NOW

STAFF = Who(Actor.STAFF, "Anna Coordinator")
DAY = datetime(2027, 3, 16, tzinfo=UTC)
"""A Tuesday six weeks ahead, before the clocks change."""


@dataclass(frozen=True)
class MailSeen:
    """What a mail says, as its reader and their calendar see it."""

    kind: str
    recipient: str
    subject: str
    text: str
    method: str | None
    sequence: int | None


def plan(slug: str, hour: float = 9, *, hours: float = 1.5, **more: object) -> SlotPlan:
    """A stop at the organisation's first site, on the day of the tests, at an hour of UTC."""
    database.session.rollback()
    organisation = database.session.scalars(select(Organisation).where(Organisation.slug == slug)).one()
    site = database.session.scalars(select(Site).where(Site.organisation_id == organisation.id)).first()
    contact = database.session.scalars(
        select(HostContact).where(HostContact.organisation_id == organisation.id)
    ).first()
    values = {
        "organisation_slug": slug,
        "site_id": site.id,
        "host_contact_id": contact.id,
        "starts_at": DAY + timedelta(hours=hour),
        "ends_at": DAY + timedelta(hours=hour + hours),
        "title": "How biogas is made",
    }
    return SlotPlan(**{**values, **more})


def visit_row(reference: str) -> VisitRequest:
    database.session.rollback()
    return database.session.scalars(select(VisitRequest).where(VisitRequest.reference == reference)).one()


def slot_row(slot_id: int) -> Slot:
    database.session.rollback()
    return database.session.scalars(select(Slot).where(Slot.id == slot_id)).one()


def entry_row(slot_id: int) -> CalendarEntry:
    database.session.rollback()
    query = select(CalendarEntry).join(Slot, Slot.calendar_entry_id == CalendarEntry.id)
    return database.session.scalars(query.where(Slot.id == slot_id)).one()


def partstat(slot_id: int) -> str:
    entry = entry_row(slot_id)
    return database.session.scalars(select(Attendee.partstat).where(Attendee.entry_id == entry.id)).one()


def holds_of(slot_id: int) -> list[tuple[str, str]]:
    """Who is held how: `("host", "hard")`."""
    database.session.rollback()
    query = (
        select(Resource.kind, Hold.strength)
        .join(Resource, Resource.id == Hold.resource_id)
        .where(Hold.slot_id == slot_id)
        .order_by(Resource.kind, Hold.strength, Hold.starts_at)
    )
    return [(kind, strength) for kind, strength in database.session.execute(query)]


def delegation_hold(slot_id: int) -> tuple[datetime, datetime]:
    database.session.rollback()
    query = (
        select(Hold.starts_at, Hold.ends_at)
        .join(Resource, Resource.id == Hold.resource_id)
        .where(Hold.slot_id == slot_id, Resource.kind == "delegation", Hold.strength == "hard")
    )
    return tuple(database.session.execute(query).one())


def audit_of(slot_id: int) -> list[str]:
    database.session.rollback()
    query = select(AuditEntry.action).where(AuditEntry.noun == "slot", AuditEntry.subject_id == slot_id)
    return list(database.session.scalars(query.order_by(AuditEntry.id)))


def mails() -> list[MailSeen]:
    """All mails so far, oldest first."""
    database.session.rollback()
    rows = database.session.execute(
        select(
            OutboxMessage.kind, OutboxMessage.recipient, OutboxMessage.subject, OutboxMessage.raw,
            OutboxMessage.calendar_sequence,
        ).order_by(OutboxMessage.id)
    )  # fmt: skip
    return [_read(*row) for row in rows]


def kinds() -> list[str]:
    """What visitors and hosts got; staff's own mails are in tests/services/test_notices.py."""
    return [mail.kind for mail in mails() if not mail.kind.startswith("staff_")]


def calendar_messages(slot_id: int) -> list[tuple[str, int]]:
    """METHOD and SEQUENCE of what a host's calendar was told, in the order it leaves."""
    uid = entry_row(slot_id).uid
    rows = database.session.execute(
        select(OutboxMessage.raw, OutboxMessage.calendar_sequence)
        .where(OutboxMessage.calendar_uid == uid)
        .order_by(OutboxMessage.id)
    )
    return [(_method(raw), sequence) for raw, sequence in rows]


def host_token(slot_id: int) -> str:
    """The token of the newest mail to the host."""
    return _newest_token(
        and_(OutboxMessage.slot_id == slot_id, OutboxMessage.kind.not_like("staff%")), "slots"
    )


def visitor_token(reference: str) -> str:
    """A link to the visitor's own page."""
    visit = visit_row(reference)
    token = add_link(database.session, LinkPurpose.MANAGE_VISIT, visit.id, now=NOW, expires_at=None)
    database.session.commit()
    return token


def _newest_token(condition: object, word: str) -> str:
    database.session.rollback()
    query = select(OutboxMessage.raw).where(condition).order_by(OutboxMessage.id.desc()).limit(1)
    text = _text(database.session.scalars(query).one())
    found = re.search(rf"/{word}/([\w-]+)", text)
    assert found is not None, text
    return found[1]


def _read(kind: str, recipient: str, subject: str, raw: bytes, sequence: int | None) -> MailSeen:
    return MailSeen(kind, recipient, subject, _text(raw), _method(raw) or None, sequence)


def _text(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=default)
    return str(message.get_body(("plain",)).get_content())


def _method(raw: bytes) -> str:
    found = re.search(rb"method=\"?(\w+)", raw)
    return found[1].decode() if found else ""


def proposal_ids(slot_id: int) -> list[int]:
    """The other times that a host offered."""
    database.session.rollback()
    query = select(ProposedTime.id).where(ProposedTime.slot_id == slot_id).order_by(ProposedTime.starts_at)
    return list(database.session.scalars(query))
