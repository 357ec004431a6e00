"""What happens to registrations by itself: proofs and offers lapse, entries follow the event."""

import logging
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import SYSTEM
from bookings.domain.errors import BookingError
from bookings.domain.events import EventState
from bookings.domain.registrations import LIVE_STATES, RegistrationState
from bookings.models.events import Event
from bookings.models.registrations import Registration, RegistrationEntry
from bookings.queries.registrations.groups import list_overdue, load_entries
from bookings.services.registrations.days import bring_in_line
from bookings.services.registrations.ending import End, end_people
from bookings.services.registrations.letters import send_changes
from bookings.services.registrations.rows import close, note
from bookings.services.registrations.seats import free_seats, open_group
from bookings.services.registrations.waiting import lapse_offer, promote

log = logging.getLogger("bookings.registrations")
_BATCH, _ROUNDS = 100, 20
"""People of one look, and looks of one run: the worker's other jobs wait no longer than that."""


def expire_registrations(*, now: datetime) -> None:
    """The job: seats of addresses that nobody proved, and offers that nobody took, go to the next."""
    _for_each(RegistrationState.UNVERIFIED, _expire_unproved, now=now)
    _for_each(RegistrationState.OFFERED, lapse_offer, now=now)


def bring_entries_in_line(*, now: datetime) -> None:
    """The job: an event that moved, or is off, is told to everybody who comes, in batches."""
    for list_some, act in ((_list_behind, _bring_one), (_list_called_off, _call_off_one)):
        for _round in range(_ROUNDS):
            found = list_some(now=now)
            for registration_id in found:
                _try(act, registration_id, now=now)
            if len(found) < _BATCH:
                break


def _try(act: Callable[..., None], registration_id: int, *, now: datetime) -> None:
    """One person whose calendar cannot be told just now holds up nobody behind."""
    try:
        act(registration_id, now=now)
    except (BookingError, SQLAlchemyError):
        log.exception("registration %d was not told of its event", registration_id)


def _for_each(state: RegistrationState, act: Callable[..., None], *, now: datetime) -> None:
    """One transaction each: a long list holds up nobody."""
    for registration_id in list_overdue(read_session(), state, now=now, most=_BATCH):
        _act_on(act, registration_id, now=now)


@retry_conflicts
def _act_on(act: Callable[..., None], registration_id: int, *, now: datetime) -> None:
    with transaction() as session:
        act(session, registration_id, now=now)


def _expire_unproved(session: Session, registration_id: int, *, now: datetime) -> None:
    room, group = open_group(session, registration_id)
    leader = group.leader
    is_over = leader.respond_by is not None and leader.respond_by <= now
    if leader.state != RegistrationState.UNVERIFIED or not is_over:
        return
    # Somebody else may have registered, or proved an address, in the meantime.
    waiting = [one for one in group.people if one.state == RegistrationState.UNVERIFIED]
    free_seats(session, waiting)
    close(waiting, RegistrationState.EXPIRED, by=SYSTEM.kind, reason="unproved", now=now)
    note(session, "expire", leader, who=SYSTEM, now=now)
    session.flush()
    promote(session, room, now=now)


def _list_behind(*, now: datetime) -> list[int]:
    """Whose calendar was told of an earlier version of the event."""
    found = (
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(
            Event.state == EventState.PUBLISHED,
            Event.ends_at > now,
            Registration.state == RegistrationState.REGISTERED,
            Registration.told_version < Event.version,
            exists().where(RegistrationEntry.registration_id == Registration.id),
        )
        .order_by(Registration.id)
        .limit(_BATCH)
    )
    return list(read_session().scalars(found))


def _list_called_off(*, now: datetime) -> list[int]:
    found = (
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(
            Event.state == EventState.CANCELLED,
            Event.ends_at > now,
            Registration.state.in_(LIVE_STATES),
        )
        .order_by(Registration.id)
        .limit(_BATCH)
    )
    return list(read_session().scalars(found))


@retry_conflicts
def _bring_one(registration_id: int, *, now: datetime) -> None:
    with transaction() as session:
        _room, group = open_group(session, registration_id, alone=True)
        person, event = group.leader, group.event
        if person.state != RegistrationState.REGISTERED or person.told_version >= event.version:
            return
        if person.verified_at is None:
            # Whom the place was handed to is told by the entries that come with the proof.
            person.told_version = event.version
            return
        entries = load_entries(session, [person.id]).get(person.id, [])
        parts = group.parts.get(person.id, [])
        changes = bring_in_line(session, event, person, parts, entries, now=now)
        person.told_version = event.version
        if changes:
            person.version += 1
            note(session, "tell_change", person, who=SYSTEM, now=now, event_version=event.version)
        session.flush()
        send_changes(session, group, changes, now=now)


@retry_conflicts
def _call_off_one(registration_id: int, *, now: datetime) -> None:
    with transaction() as session:
        _room, group = open_group(session, registration_id, alone=True)
        person, event = group.leader, group.event
        if person.state in LIVE_STATES and event.state == EventState.CANCELLED:
            end = End(why="event", who=SYSTEM, reason=event.cancelled_reason)
            end_people(session, group, [person], end, now=now)
