"""Cancelling: by the person, by staff, by the person's calendar, or because the event is off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import CutOffPassedError, TransitionNotAllowedError
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import LIVE_STATES, OfferState, Outcome, RegistrationState
from bookings.domain.text import clean_text
from bookings.models.registrations import Registration, RegistrationPart, WaitingListEntry
from bookings.queries.links import find_link
from bookings.queries.registrations.groups import Group, load_entries
from bookings.services.registrations.days import call_off_days
from bookings.services.registrations.letters import Letter, send_days
from bookings.services.registrations.rows import REGISTRANT, close, note
from bookings.services.registrations.seats import Room, free_seats, open_group
from bookings.services.registrations.waiting import leave_queue, promote

_LONGEST_REASON = 1000
_WITHOUT_PLACE = (
    RegistrationState.UNVERIFIED, RegistrationState.PENDING, RegistrationState.WAITING,
    RegistrationState.OFFERED,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class End:
    """Why it ends: `why` chooses the words of the mail (own, staff, event, calendar, refused)."""

    why: str
    who: Who
    reason: str = ""
    state: RegistrationState = RegistrationState.CANCELLED


@retry_conflicts
def cancel_registration(token: str, *, reason: str = "", with_group: bool = False, now: datetime) -> Outcome:
    """Give the place back by one's own link; who leads a group may do it for all of them.

    A group that has no place yet waits together and ends together. Pressing twice is harmless. Raises
    LinkNotFoundError, LinkExpiredError, CutOffPassedError or TextNotAllowedError.
    """
    words = clean_text(reason, max_length=_LONGEST_REASON)
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        room, group = open_group(session, link.subject_id)
        if group.leader.state in LIVE_STATES:
            if now >= group.event.ends_at:
                raise CutOffPassedError(group.event.ends_at)
            end = End(why="own", who=REGISTRANT, reason=words)
            end_registration(session, room, group, end, with_group=with_group, now=now)
        return _tell(group)


@retry_conflicts
def cancel_by_staff(
    registration_id: int, *, reason: str, who: Who, with_group: bool = False, now: datetime
) -> Outcome:
    """Staff take a place back. Raises NotFoundError, TransitionNotAllowedError or TextNotAllowedError."""
    words = clean_text(reason, max_length=_LONGEST_REASON)
    with transaction() as session:
        room, group = open_group(session, registration_id)
        if group.leader.state not in LIVE_STATES:
            raise TransitionNotAllowedError("registration", group.leader.state, "cancel")
        end = End(why="staff", who=who, reason=words)
        end_registration(session, room, group, end, with_group=with_group, now=now)
        return _tell(group)


def end_registration(
    session: Session, room: Room, group: Group, end: End, *, with_group: bool = False, now: datetime
) -> None:
    """Seats back, calendars told, the next in the queue asked. Part of use cases."""
    leader = group.leader
    everybody = [one for one in group.people if one.state in LIVE_STATES]
    if leader.leader_id is None and leader.state in _WITHOUT_PLACE:
        ended = everybody
        leave_queue(session, group, OfferState.DECLINED, now=now)
    else:
        ended = everybody if with_group else [leader]
    _shrink_entry(session, leader)
    end_people(session, group, ended, end, now=now)
    promote(session, room, now=now)


def end_people(
    session: Session, group: Group, people: Sequence[Registration], end: End, *, now: datetime
) -> None:
    """These people don't come. The caller asks the next in the queue. Part of use cases."""
    free_seats(session, people)
    close(people, end.state, by=end.who.kind, reason=end.reason or end.why, now=now)
    entries = load_entries(session, [one.id for one in people])
    for person in people:
        note(session, "cancel", person, who=end.who, now=now, why=end.why)
    session.flush()
    for person in people:
        gone = call_off_days(entries.get(person.id, ()))
        if person.verified_at is None and not gone:
            continue  # the address is not proved: no further mail
        letter = Letter(
            template="registration_cancelled", method="CANCEL" if gone else None,
            words={"why": end.why, "reason": end.reason},
        )  # fmt: skip
        send_days(session, group, person, [(entry, None) for entry in gone], letter, now=now)


def drop_day(
    session: Session, room: Room, group: Group, part_ids: Sequence[int], *, who: Who, now: datetime
) -> None:
    """One day fewer: the parts of that day are free for others. Part of use cases."""
    person = group.leader
    session.execute(
        delete(RegistrationPart).where(
            RegistrationPart.registration_id == person.id, RegistrationPart.part_id.in_(part_ids)
        ),
        execution_options={"synchronize_session": False},
    )
    room.give_back_parts(person, part_ids)
    person.version += 1
    note(session, "drop_day", person, who=who, now=now, parts=len(part_ids))
    session.flush()
    promote(session, room, now=now)


def _shrink_entry(session: Session, person: Registration) -> None:
    """A member who leaves a group that waits makes it smaller: it may fit sooner."""
    if person.leader_id is None or person.state not in (RegistrationState.WAITING, RegistrationState.OFFERED):
        return
    entry = session.query(WaitingListEntry).filter_by(registration_id=person.leader_id, left_at=None).first()
    if entry is not None and entry.people > 1:
        entry.people -= 1


def _tell(group: Group) -> Outcome:
    leader = group.leader
    return Outcome(leader.reference, RegistrationState(leader.state), registration_id=leader.id)
