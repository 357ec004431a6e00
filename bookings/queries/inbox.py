"""Reads of the inbox: whose token it is, what an invitation says, and what waits for staff."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bookings.adapters.characters import many_lines
from bookings.domain.answers import Invitation, Verdict, fold_address
from bookings.domain.errors import NotFoundError
from bookings.domain.inbox import InboxState
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.directory import HostContact
from bookings.models.inbox import AddressAlias, InboxMessage, MailboxPosition
from bookings.models.meetings import MeetingPerson
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.slots import SlotKeys

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEADERS = 2000
_SECRET = re.compile(r"\+[A-Za-z0-9_-]{8,40}@")


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """A mail as staff's list shows it."""

    id: int
    received_at: datetime
    sender: str
    sender_name: str
    subject: str
    kind: str
    verdict: str
    reason: str
    state: str
    text: str
    visit_reference: str | None


@dataclass(frozen=True)
class Guest:
    """Whom an address or a UID leads to."""

    attendee_id: int
    entry_id: int
    uid: str
    email: str


def find_attendee_by_token(session: Session, tokens: Sequence[str]) -> Guest | None:
    """The attendee whose organizer address was written to; mail servers may have folded its case."""
    if not tokens:
        return None
    folded = [token.lower() for token in tokens]
    query = _guests(Attendee.organizer_token).where(
        or_(Attendee.organizer_token.in_(tokens), func.lower(Attendee.organizer_token).in_(folded))
    )
    found = {token.lower(): Guest(*row) for *row, token in session.execute(query)}
    return next((found[token] for token in folded if token in found), None)


def list_attendees_by_uid(session: Session, uid: str) -> list[Guest]:
    """Everybody who was told of the entry with this UID."""
    if not uid:
        return []
    query = _guests().where(CalendarEntry.uid == uid).order_by(Attendee.id)
    return [Guest(*row) for row in session.execute(query)]


def is_entry_of_meeting(session: Session, entry_id: int) -> bool:
    """Is it somebody's side of a 1:1 meeting?"""
    query = select(MeetingPerson.id).where(MeetingPerson.calendar_entry_id == entry_id)
    return session.scalar(query) is not None


def load_attendee(session: Session, attendee_id: int, *, locks: bool = False) -> Attendee:
    """The attendee with the entry, as it stands now. Raises NotFoundError."""
    query = _attendees().where(Attendee.id == attendee_id)
    if locks:
        query = query.with_for_update(of=Attendee)
    attendee: Attendee | None = session.scalars(query).one_or_none()
    if attendee is None:
        raise NotFoundError("attendee", str(attendee_id))
    return attendee


def find_visit_reference(session: Session, visit_id: int | None) -> str | None:
    """The reference of the visit that a mail belongs to."""
    return session.scalar(select(VisitRequest.reference).where(VisitRequest.id == visit_id))


def find_attendee_by_address(session: Session, address: str) -> Attendee | None:
    """The newest invitation of somebody who writes from this address."""
    query = _attendees().where(func.lower(Attendee.email) == fold_address(address))
    found: Attendee | None = session.scalars(query.order_by(Attendee.id.desc()).limit(1)).first()
    return found


def find_slot_keys_of_entry(session: Session, entry_id: int) -> SlotKeys | None:
    """The slot behind a calendar entry, if it is one of a visit."""
    row = session.execute(
        select(Slot.id, Slot.visit_id, Slot.organisation_id).where(Slot.calendar_entry_id == entry_id)
    ).one_or_none()
    return SlotKeys(*row) if row else None


def build_invitation(session: Session, attendee: Attendee, entry: CalendarEntry) -> Invitation:
    """What the rules need to know of an attendee's invitation."""
    return Invitation(
        email=attendee.email,
        name=attendee.name,
        sequence=entry.sequence,
        asked_sequence=attendee.asked_sequence,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        time_zone=entry.time_zone,
        aliases=list_aliases(session, attendee.email),
        replied_sequence=attendee.replied_sequence,
        replied_at=attendee.replied_at,
    )


def find_outgoing(session: Session, message_ids: Collection[str]) -> OutboxMessage | None:
    """The mail of ours that a bounce or a person's mail refers to."""
    wanted = [form for one in message_ids for form in (one, f"<{one}>")]
    query = (
        select(OutboxMessage).where(OutboxMessage.message_id.in_(wanted)).order_by(OutboxMessage.id.desc())
    )
    return session.scalars(query.limit(1)).first() if wanted else None


def find_visit_of_person(session: Session, address: str) -> int | None:
    """The newest visit of this visitor."""
    query = select(VisitRequest.id).where(func.lower(VisitRequest.contact_email) == fold_address(address))
    return session.scalars(query.order_by(VisitRequest.id.desc()).limit(1)).first()


def is_host_known(session: Session, address: str) -> bool:
    """Does a host of ours write from this address?"""
    query = select(HostContact.id).where(func.lower(HostContact.email) == fold_address(address))
    return session.scalars(query.limit(1)).first() is not None


def count_refreshes(session: Session, attendee_id: int, *, since: datetime) -> int:
    """How often this attendee's calendar asked again."""
    query = select(func.count()).where(
        InboxMessage.attendee_id == attendee_id,
        InboxMessage.verdict == Verdict.RESEND_REQUEST,
        InboxMessage.received_at > since,
    )
    return session.scalars(query).one()


def find_position(session: Session, mailbox: str) -> tuple[int, int] | None:
    """UIDVALIDITY and the last UID that was read of a mailbox."""
    row = session.get(MailboxPosition, mailbox)
    return (row.uid_validity, row.last_uid) if row else None


def count_open(session: Session) -> int:
    """How many mails wait for staff."""
    return session.scalars(select(func.count()).where(InboxMessage.state == InboxState.OPEN)).one()


def list_inbox(
    session: Session, states: Collection[InboxState], *, page: int, per_page: int
) -> tuple[list[InboxRow], int]:
    """Mails in these states, newest first, and how many there are in all."""
    message = InboxMessage
    columns: tuple[Any, ...] = (
        message.id, message.received_at, message.sender, message.sender_name, message.subject, message.kind,
        message.verdict, message.reason, message.state, message.text,
        VisitRequest.reference.label("visit_reference"),
    )  # fmt: skip
    query = (
        select(*columns)
        .outerjoin(VisitRequest, VisitRequest.id == message.visit_id)
        .where(message.state.in_(list(states)))
        .order_by(message.id.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    total = session.scalars(select(func.count()).where(message.state.in_(list(states)))).one()
    return [InboxRow(**row) for row in session.execute(query).mappings()], total


def load_message(session: Session, message_id: int) -> InboxMessage:
    """One mail. Raises NotFoundError."""
    message = session.get(InboxMessage, message_id)
    if message is None:
        raise NotFoundError("inbox_message", str(message_id))
    return message


def read_headers(message: InboxMessage) -> str:
    """The headers as they came, without the secrets of our addresses: all there is of an unreadable mail."""
    head = _END_OF_HEADERS.split(message.raw, maxsplit=1)[0][:_LONGEST_HEADERS]
    return many_lines(_SECRET.sub("+…@", head.decode("utf-8", "replace")))


def list_aliases(session: Session, email: str) -> frozenset[str]:
    """Other addresses of this person, as staff confirmed them."""
    query = select(AddressAlias.alias).where(AddressAlias.email == fold_address(email))
    return frozenset(session.scalars(query))


def _attendees() -> Select[Any]:
    return select(Attendee).options(joinedload(Attendee.entry)).execution_options(populate_existing=True)


def _guests(*more: Any) -> Select[Any]:
    columns = (Attendee.id, Attendee.entry_id, CalendarEntry.uid, Attendee.email, *more)
    return select(*columns).join(CalendarEntry, CalendarEntry.id == Attendee.entry_id)
