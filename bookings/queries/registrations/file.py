"""One registration as staff see it: the person's page, and behind it notes, mails, consents and the trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.models.audit import AuditEntry
from bookings.models.events import Event
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import (
    Attendance,
    Registration,
    RegistrationAgreement,
    RegistrationConsent,
    RegistrationNote,
)
from bookings.queries.registrations.person_page import PersonPage, load_person_page

_NOUN = "registration"
_MOST = 200


@dataclass(frozen=True)
class MailLine:
    """A mail that went, or goes, to the person."""

    id: int
    subject: str
    state: str
    queued_at: datetime
    sent_at: datetime | None
    error: str
    """What the mail server said last."""


@dataclass(frozen=True, kw_only=True)
class RegistrationFile:
    """Everything that is known of a registration."""

    page: PersonPage
    notes: Sequence[RegistrationNote]
    mails: Sequence[MailLine]
    trail: Sequence[AuditEntry]
    agreed: Sequence[Any]
    """Texts that were agreed to: text, agreed_at, withdrawn_at."""
    arrived_at: datetime | None


def load_registration_file(session: Session, slug: str, reference: str) -> RegistrationFile:
    """The registration of this event with this reference. Raises NotFoundError."""
    found = session.scalar(
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(Event.slug == slug, Registration.reference == reference.upper())
    )
    page = load_person_page(session, found) if found else None
    if page is None or found is None:
        raise NotFoundError(_NOUN, reference)
    return RegistrationFile(
        page=page,
        notes=_list_notes(session, found),
        mails=_list_mails(session, found),
        trail=_list_trail(session, found),
        agreed=_list_agreed(session, found),
        arrived_at=session.scalar(
            select(Attendance.arrived_at).where(
                Attendance.registration_id == found, Attendance.part_id.is_(None)
            )
        ),
    )


def _list_notes(session: Session, registration_id: int) -> Sequence[RegistrationNote]:
    notes = select(RegistrationNote).where(RegistrationNote.registration_id == registration_id)
    return session.scalars(notes.order_by(RegistrationNote.id.desc()).limit(_MOST)).all()


def _list_mails(session: Session, registration_id: int) -> list[MailLine]:
    mail = OutboxMessage
    rows = session.execute(
        select(mail.id, mail.subject, mail.state, mail.queued_at, mail.sent_at, mail.last_error)
        .where(mail.registration_id == registration_id)
        .order_by(mail.id.desc())
        .limit(_MOST)
    )
    return [MailLine(*row) for row in rows]


def _list_trail(session: Session, registration_id: int) -> Sequence[AuditEntry]:
    entries = select(AuditEntry).where(AuditEntry.noun == _NOUN, AuditEntry.subject_id == registration_id)
    return session.scalars(entries.order_by(AuditEntry.id.desc()).limit(_MOST)).all()


def _list_agreed(session: Session, registration_id: int) -> Sequence[Any]:
    costs, consent = RegistrationAgreement, RegistrationConsent
    accepted = session.execute(
        select(costs.text, costs.agreed_at).where(costs.registration_id == registration_id)
    ).all()
    given = session.execute(
        select(consent.text, consent.agreed_at, consent.withdrawn_at)
        .where(consent.registration_id == registration_id)
        .order_by(consent.id)
    ).all()
    return [(row.text, row.agreed_at, None) for row in accepted] + [tuple(row) for row in given]
