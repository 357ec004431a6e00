"""What was written about a visit, in one thread: mails out and in, and staff's notes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bookings.domain.answers import MailClass
from bookings.domain.inbox import InboxState
from bookings.models.inbox import InboxMessage
from bookings.queries.outbox import OutboxMail, build_mails, mails_of_visit
from bookings.queries.stacks import Stack
from bookings.queries.visits import Note

LETTER = "letter"
"""The kind of a mail that staff wrote themselves; its cause names the note that keeps the words."""
_CAUSE = "visit:{visit_id}:letter:{note_id}:{form_key}"


class EntryKind(StrEnum):
    NOTE = "note"
    LETTER = "letter"
    MAIL = "mail"
    RECEIVED = "received"
    BOUNCE = "bounce"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that somebody wrote. `who` wrote it, or got it when it is a mail of ours."""

    kind: EntryKind
    id: int
    at: datetime
    who: str
    who_kind: str = ""
    subject: str = ""
    text: str = ""
    state: str = ""
    error: str = ""
    slot_id: int | None = None
    sender: str = ""
    waits: bool = False
    """A mail that came in and that staff have to decide on, or a wish that they have to deal with."""
    answered_at: datetime | None = None
    """When staff had dealt with a wish."""
    answered_by: str = ""
    answer: str = ""


def build_letter_cause(visit_id: int, note_id: int, form_key: str) -> str:
    """What makes a letter one letter, however often its form is sent."""
    return _CAUSE.format(visit_id=visit_id, note_id=note_id, form_key=form_key)


def load_conversation(session: Session, visit_id: int, notes: Sequence[Note]) -> list[Entry]:
    """Everything in one row, the newest first; one statement besides the notes."""
    found = _thread().read(session, {"visit_id": visit_id})
    mails = build_mails(found["mails"])
    words = {note.id: note for note in notes}
    letters = {_note_of(mail): mail for mail in mails if mail.kind == LETTER}
    entries = [
        *(_sent(mail, words.get(_note_of(mail) or 0)) for mail in mails),
        *(_received(row) for row in found["received"]),
        *(_note(note) for note in notes if note.id not in letters),
    ]
    return sorted(entries, key=lambda entry: (entry.at, entry.kind, entry.id), reverse=True)


@cache
def _thread() -> Stack:
    """What left and what came, with the columns that are shown of it."""
    mail = InboxMessage
    columns = (
        mail.id, mail.kind, mail.received_at, mail.sender, mail.sender_name, mail.subject, mail.text,
        mail.slot_id, mail.state,
    )  # fmt: skip
    return Stack(
        mails=mails_of_visit(), received=select(*columns).where(mail.visit_id == bindparam("visit_id"))
    )


def _note_of(mail: OutboxMail) -> int | None:
    parts = mail.cause.split(":")
    return int(parts[3]) if mail.kind == LETTER and len(parts) > 3 and parts[3].isdigit() else None


def _sent(mail: OutboxMail, note: Note | None) -> Entry:
    return Entry(
        kind=EntryKind.LETTER if note else EntryKind.MAIL,
        id=mail.id,
        at=mail.queued_at,
        who=mail.recipient,
        subject=mail.subject,
        text=note.text if note else "",
        sender=note.author_name if note else "",
        state=mail.state,
        error=mail.last_error,
        slot_id=mail.slot_id,
    )


def _received(row: Any) -> Entry:
    is_bounce = row.kind == MailClass.BOUNCE
    return Entry(
        kind=EntryKind.BOUNCE if is_bounce else EntryKind.RECEIVED,
        id=row.id,
        at=row.received_at,
        who=row.sender_name or row.sender,
        sender=row.sender,
        subject=row.subject,
        text=row.text,
        slot_id=row.slot_id,
        waits=row.state == InboxState.OPEN,
    )


def _note(note: Note) -> Entry:
    return Entry(
        kind=EntryKind.NOTE,
        id=note.id,
        at=note.written_at,
        who=note.author_name,
        who_kind=note.author_kind,
        text=note.text,
        waits=note.is_open_wish,
        answered_at=note.answered_at,
        answered_by=note.answered_by,
        answer=note.answer,
    )
