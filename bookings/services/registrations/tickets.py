"""Staff give somebody another kind of ticket: other seats, perhaps another day, and the person is told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus
from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError, TransitionNotAllowedError
from bookings.domain.event_errors import PartNotAvailableError
from bookings.domain.registrations import LIVE_STATES, SEATED_STATES, Outcome, RegistrationState
from bookings.i18n import in_language
from bookings.models.calendar import CalendarEntry
from bookings.models.events import TicketKind
from bookings.models.registrations import RegistrationEntry
from bookings.queries.registrations.groups import Group, load_entries
from bookings.services.registrations.days import Changes, bring_in_line, text_of
from bookings.services.registrations.letters import Letter, send_news
from bookings.services.registrations.registering import is_part_open
from bookings.services.registrations.rows import NOUN, note
from bookings.services.registrations.seats import Room, free_seats, needs_of, open_group, take_seats
from bookings.services.registrations.settling import full_error, note_passed
from bookings.services.registrations.waiting import promote


@retry_conflicts
def change_ticket(registration_id: int, ticket_id: int, *, version: int, who: Who, now: datetime) -> Outcome:
    """Another kind of ticket of the same event for one person; the rest of a group keeps its own.

    Staff may pass the queue, nobody passes the number of seats. Raises NotFoundError, RecordChangedError,
    TransitionNotAllowedError, EventFullError, or PartNotAvailableError (a chosen part is not for the kind).
    """
    with transaction() as session:
        room, group = open_group(session, registration_id)
        person = group.leader
        if version != person.version:
            raise RecordChangedError(NOUN)
        if person.state not in LIVE_STATES:
            raise TransitionNotAllowedError(NOUN, person.state, "change_ticket")
        ticket = _find_ticket(session, group, ticket_id)
        if ticket.id != person.ticket_id:
            _change(session, room, group, ticket, who=who, now=now)
        return Outcome(person.reference, RegistrationState(person.state), registration_id=person.id)


def _find_ticket(session: Session, group: Group, ticket_id: int) -> TicketKind:
    """A kind that the person's parts are open to."""
    event, parts = group.event, group.parts.get(group.leader.id, ())
    found = select(TicketKind).where(TicketKind.id == ticket_id, TicketKind.event_id == event.id)
    ticket = session.scalar(found)
    if ticket is None:
        raise NotFoundError("ticket_kind", str(ticket_id))
    if closed := tuple(part.id for part in parts if not is_part_open(event, ticket, part, now=None)):
        raise PartNotAvailableError(closed)
    return ticket


def _change(
    session: Session, room: Room, group: Group, ticket: TicketKind, *, who: Who, now: datetime
) -> None:
    person, old = group.leader, group.leader.ticket
    _swap_seats(session, room, group, ticket)
    person.version += 1
    note(session, "change_ticket", person, who=who, now=now, before=old.id, after=ticket.id)
    session.flush()
    if person.verified_at is not None:
        _tell(session, group, old, now=now)
    promote(session, room, now=now)


def _swap_seats(session: Session, room: Room, group: Group, ticket: TicketKind) -> None:
    """The seats of the new kind, in one go with giving back those of the old one. Raises EventFullError."""
    person = group.leader
    before = needs_of(room, group, [person])
    person.ticket, person.ticket_id = ticket, ticket.id
    is_unproved = person.state == RegistrationState.UNVERIFIED
    if person.state not in SEATED_STATES or (is_unproved and person.id not in group.seated):
        return
    more = {pool: 1 for pool in needs_of(room, group, [person]) if pool not in before}
    full = [pool for pool in more if (left := room.seating.free[pool]) is not None and left < 1]
    if full:
        raise full_error(session, room, full[0])
    if more:
        note_passed(session, room.list_passed(more))
    free_seats(session, [person])
    take_seats(room, group, [person])


def _tell(session: Session, group: Group, old: TicketKind, *, now: datetime) -> None:
    """One mail: what the ticket was, and is; with what is new for calendars, if anything is."""
    person = group.leader
    entries = load_entries(session, [person.id]).get(person.id, [])
    changes = Changes()
    if person.state == RegistrationState.REGISTERED:
        parts = group.parts.get(person.id, [])
        changes = bring_in_line(session, group.event, person, parts, entries, now=now)
    with in_language(person.language):
        words = {
            "old_ticket": text_of(old.name),
            "new_ticket": text_of(person.ticket.name),
            "in_calendar": bool(changes.told),
        }
    letter = Letter(template="registration_ticket", words=words, entry=_only_day(entries))
    send_news(session, group, changes, letter, now=now)


def _only_day(entries: Sequence[RegistrationEntry]) -> CalendarEntry | None:
    """The mail names the hours of the one day that somebody comes; of several, those of the event."""
    on = [one.calendar_entry for one in entries if one.calendar_entry.status != EntryStatus.CANCELLED.value]
    return on[0] if len(on) == 1 else None
