"""Staff write to the visitor or to a host of a visit: by the outbox, kept in the visit's conversation."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, TransitionNotAllowedError
from bookings.domain.slots import SlotState
from bookings.domain.text import clean_line, clean_text
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.visits import VisitNote, VisitRequest
from bookings.queries.conversation import LETTER, build_letter_cause
from bookings.queries.programme import find_visit_id
from bookings.queries.slots import load_slot
from bookings.services.audit import add_audit
from bookings.services.invitations import open_visit
from bookings.services.outbox import Mail, queue_mail
from bookings.services.visits.meanwhile import check_nothing_new
from bookings.settings import current_settings

_LONGEST_TEXT = 4000
_LONGEST_SUBJECT = 150


@dataclass(frozen=True, kw_only=True)
class Letter:
    """To the visitor, or to the host of a stop. `form_key` is the same when the form is sent twice."""

    text: str
    form_key: str
    subject: str = ""
    slot_id: int | None = None


@dataclass(frozen=True)
class _Reader:
    email: str
    name: str
    language: str
    reply_to: str | None = None


@retry_conflicts
def write_letter(reference: str, letter: Letter, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """One mail in staff's own words; sending the form twice sends one.

    Raises NotFoundError for a host who was never told of the visit, TextNotAllowedError, RecordChangedError.
    """
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        if _is_sent(session, visit.id, letter.form_key):
            return
        check_nothing_new(session, visit.id, seen, now=now)
        reader = _find_reader(session, visit, letter.slot_id)
        note = VisitNote(
            visit_id=visit.id, author_kind=who.kind, author_name=who.name, written_at=now,
            text=clean_text(letter.text, max_length=_LONGEST_TEXT),
        )  # fmt: skip
        session.add(note)
        session.flush()
        queue_mail(session, _build(visit, letter, reader, note), now=now)
        add_audit(
            session, who, "write_letter", noun="visit_request", subject_id=visit.id, visit_id=visit.id,
            now=now, slot_id=letter.slot_id,
        )  # fmt: skip


def _is_sent(session: Session, visit_id: int, form_key: str) -> bool:
    query = select(OutboxMessage.id).where(
        OutboxMessage.visit_id == visit_id,
        OutboxMessage.kind == LETTER,
        OutboxMessage.cause.endswith(f":{form_key}", autoescape=True),
    )
    return session.scalar(query.limit(1)) is not None


def _find_reader(session: Session, visit: VisitRequest, slot_id: int | None) -> _Reader:
    if slot_id is None:
        if visit.anonymised_at is not None or visit.verified_at is None:
            raise TransitionNotAllowedError("visit_request", str(visit.state), "write_letter")
        return _Reader(visit.contact_email, visit.contact_name, visit.language)
    slot: Slot = load_slot(session, slot_id)
    # Nobody hears of a visit by a letter: a draft is released first.
    if slot.visit_id != visit.id or slot.state == SlotState.DRAFT:
        raise NotFoundError("slot", str(slot_id))
    attendee, mail = slot.calendar_entry.attendees[0], current_settings().mail
    reply_to = f"{mail.reply_local_part}+{attendee.organizer_token}@{mail.domain}"
    return _Reader(attendee.email, attendee.name, attendee.language, reply_to)


def _build(visit: VisitRequest, letter: Letter, reader: _Reader, note: VisitNote) -> Mail:
    words = {
        "words": note.text,
        "subject_words": clean_line(letter.subject, max_length=_LONGEST_SUBJECT),
        "reference": visit.reference,
        "visitors": visit.delegation.organisation_name,
        "signed": note.author_name,
        "contact_address": current_settings().mail.contact_address,
    }
    return Mail(
        kind=LETTER,
        cause=build_letter_cause(visit.id, note.id, letter.form_key),
        recipient=reader.email,
        recipient_name=reader.name,
        language=reader.language,
        template="letter",
        context=words,
        reply_to=reader.reply_to,
        visit_id=visit.id,
        slot_id=letter.slot_id,
    )
