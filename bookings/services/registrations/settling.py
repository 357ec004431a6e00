"""A proved registration gets its place, waits for one, or waits for staff. Parts of use cases."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.audit import Who
from bookings.domain.event_errors import EventFullError
from bookings.domain.registrations import RegistrationState
from bookings.models.events import EventPart, SeatPool, TicketKind
from bookings.models.registrations import Registration, WaitingListEntry
from bookings.queries.newsletter import is_stopped
from bookings.queries.registrations.groups import Group, find_clause
from bookings.services.registrations.days import build_days, save_days, take_over_days
from bookings.services.registrations.letters import Letter, send_days, send_letter
from bookings.services.registrations.rows import note, set_state
from bookings.services.registrations.seats import Room, free_seats, needs_of, take_seats

_JOIN = insert(table_of(WaitingListEntry))
_ENTRIES = table_of(WaitingListEntry).c


def settle(session: Session, room: Room, group: Group, *, who: Who, now: datetime) -> str | None:
    """The address is proved: on to staff, into the event, or into the queue. Returns the token of the page.

    Raises EventFullError.
    """
    if group.event.needs_approval:
        # Seats may have been taken before staff wanted to be asked.
        free_seats(session, group.people)
        group.seated = frozenset()
        return ask_staff(session, group, who=who, now=now)
    if group.leader.id in group.seated:
        return confirm(session, group, who=who, now=now)
    short = room.find_short(needs_of(room, group))
    if short is None:
        take_seats(room, group)
        return confirm(session, group, who=who, now=now)
    if not group.event.has_waiting_list:
        raise full_error(session, room, short)
    return enqueue(session, group, short, who=who, now=now)


def confirm(session: Session, group: Group, *, who: Who, now: datetime) -> str | None:
    """They have their seats: entries, and the mails that carry these. Members get their own mail first."""
    set_state(group.people, RegistrationState.REGISTERED, respond_by=None)
    for person in group.people:
        person.registered_at, person.told_version = now, group.event.version
    note(session, "confirm", group.leader, who=who, now=now, people=len(group.people))
    token = welcome(session, group, group.leader, now=now)
    for member in group.people[1:]:
        if member.verified_at is not None:
            welcome(session, group, member, now=now)
        else:
            invite_member(session, group, member, now=now)
    return token


def welcome(
    session: Session, group: Group, person: Registration, *, had_days: bool = False, now: datetime
) -> str | None:
    """Calendar entries and confirmation of somebody who has a place and a proved address.

    `had_days`: another person may have had the place before.
    """
    if not person.email:
        return None
    clause = find_clause(session, person.id) if group.event.asks_costs else ""
    parts = group.parts.get(person.id, ())
    letter = Letter(template="registration_confirmed", method="REQUEST", words={"clause": clause})
    if had_days:
        told = take_over_days(session, group.event, person, parts, now=now)
        return send_days(session, group, person, [(entry, None) for entry in told], letter, now=now)
    days = build_days(group.event, person, parts, now=now)
    token = send_days(session, group, person, [(entry, None) for entry in days.values()], letter, now=now)
    save_days(session, person, days)
    return token


def invite_member(session: Session, group: Group, member: Registration, *, now: datetime) -> None:
    """A member's address is what somebody else typed: a link, and no word of that person."""
    if member.email and member.verified_at is None and not is_stopped(session, member.email):
        words = {"name": ""}
        letter = Letter(template="registration_member", words=words)
        send_letter(session, group, member, letter, now=now)


def ask_staff(session: Session, group: Group, *, who: Who, now: datetime) -> str | None:
    """Staff have to say yes first; nobody has a seat until then."""
    set_state(group.people, RegistrationState.PENDING, respond_by=None)
    note(session, "prove", group.leader, who=who, now=now)
    return send_days(session, group, group.leader, [], Letter(template="registration_pending"), now=now)


def enqueue(session: Session, group: Group, short: int, *, who: Who, now: datetime) -> str | None:
    """To the end of the queue."""
    set_state(group.people, RegistrationState.WAITING, respond_by=None)
    session.flush()
    session.execute(
        _JOIN,
        {
            "event_id": group.event.id, "registration_id": group.leader.id, "people": len(group.people),
            "joined_at": now, "passed_over": 0, "blocked_pool_id": short,
        },
    )  # fmt: skip
    place = count_waiting(session, group.event.id)
    note(session, "join_queue", group.leader, who=who, now=now, people=len(group.people), place=place)
    letter = Letter(template="registration_waiting", words={"place": place})
    return send_days(session, group, group.leader, [], letter, now=now)


def count_waiting(session: Session, event_id: int, *, until: int | None = None) -> int:
    """How many entries the queue has, in all or up to that of a registration."""
    found = select(func.count()).where(_ENTRIES.event_id == event_id, _ENTRIES.left_at.is_(None))
    if until is not None:
        own = select(func.max(_ENTRIES.id)).where(_ENTRIES.registration_id == until).scalar_subquery()
        found = found.where(_ENTRIES.id <= own)
    return session.scalar(found) or 0


def note_passed(session: Session, entry_ids: Sequence[int]) -> None:
    """Somebody else was given seats that these wait for."""
    if entry_ids:
        session.execute(
            update(WaitingListEntry)
            .where(WaitingListEntry.id.in_(entry_ids))
            .values(passed_over=WaitingListEntry.passed_over + 1),
            execution_options={"synchronize_session": False},
        )


def full_error(session: Session, room: Room, short: int) -> EventFullError:
    """What is full, by its title."""
    pool = table_of(SeatPool).c
    row = session.execute(
        select(EventPart.title, TicketKind.name)
        .select_from(table_of(SeatPool))
        .outerjoin(EventPart, EventPart.id == pool.part_id)
        .outerjoin(TicketKind, TicketKind.id == pool.ticket_id)
        .where(pool.id == short)
    ).one()
    what = tuple(texts for texts in row if texts)
    return EventFullError(what, waiting_list_is_open=room.event.has_waiting_list)
