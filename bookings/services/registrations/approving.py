"""Events at which staff decide who comes."""

from datetime import datetime

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.registrations import Outcome, RegistrationState
from bookings.domain.text import clean_text
from bookings.services.registrations.ending import End, end_people
from bookings.services.registrations.rows import NOUN, note
from bookings.services.registrations.seats import needs_of, open_group, take_seats
from bookings.services.registrations.settling import confirm, count_waiting, enqueue, full_error

_LONGEST_REASON = 1000


@retry_conflicts
def approve_registration(registration_id: int, *, reason: str = "", who: Who, now: datetime) -> Outcome:
    """Staff say yes: the place is taken, or, where all are, the queue grows by one.

    Raises NotFoundError, TransitionNotAllowedError or EventFullError.
    """
    with transaction() as session:
        room, group = open_group(session, registration_id)
        leader = group.leader
        if leader.state != RegistrationState.PENDING or leader.leader_id is not None:
            raise TransitionNotAllowedError(NOUN, leader.state, "approve")
        group.people = [one for one in group.people if one.state == RegistrationState.PENDING]
        note(session, "approve", leader, who=who, now=now, has_reason=bool(reason))
        short = room.find_short(needs_of(room, group))
        if short is None:
            take_seats(room, group)
            confirm(session, group, who=who, now=now)
            return Outcome(leader.reference, RegistrationState.REGISTERED, registration_id=leader.id)
        if not group.event.has_waiting_list:
            raise full_error(session, room, short)
        enqueue(session, group, short, who=who, now=now)
        place = count_waiting(session, group.event.id, until=leader.id)
        return Outcome(leader.reference, RegistrationState.WAITING, place, registration_id=leader.id)


@retry_conflicts
def refuse_registration(registration_id: int, *, reason: str, who: Who, now: datetime) -> Outcome:
    """Staff say no, with a reason that the person reads. Raises NotFoundError, TransitionNotAllowedError or
    TextNotAllowedError.
    """
    words = clean_text(reason, max_length=_LONGEST_REASON)
    with transaction() as session:
        _room, group = open_group(session, registration_id)
        leader = group.leader
        if leader.state != RegistrationState.PENDING or leader.leader_id is not None:
            raise TransitionNotAllowedError(NOUN, leader.state, "refuse")
        end = End(why="refused", who=who, reason=words, state=RegistrationState.REFUSED)
        people = [one for one in group.people if one.state == RegistrationState.PENDING]
        end_people(session, group, people, end, now=now)
        return Outcome(leader.reference, RegistrationState.REFUSED, registration_id=leader.id)
