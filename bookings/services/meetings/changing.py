"""One meeting is called off, moved or pinned: by one of its people, by staff, or because somebody left."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.answers import Partstat
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import BookingError, NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.events import EventState
from bookings.domain.meetings import MatchMode, MatchPhase, MeetingState
from bookings.domain.registrations import RegistrationState
from bookings.models.meetings import Matchmaking, Meeting, MeetingPerson, Participant
from bookings.models.registrations import Registration
from bookings.queries.meetings.day import Day, find_event_id, load_day
from bookings.queries.meetings.own import open_own
from bookings.services.audit import add_audit
from bookings.services.meetings.applying import Replanned, replan_people
from bookings.services.meetings.asking import tell_of_meeting
from bookings.services.meetings.letters import Desk
from bookings.services.meetings.profiles import forget_wishes
from bookings.services.meetings.seating import (
    PARTICIPANT,
    end_meeting,
    list_common_slots,
    lock_people,
    move,
    open_meeting,
    people_of,
)

log = logging.getLogger("bookings.meetings")


@retry_conflicts
def cancel_meeting(token: str, meeting_id: int, *, now: datetime) -> None:
    """One of the two calls the meeting off; the other is told. Raises NotFoundError or
    MeetingNotPossibleError."""
    with transaction() as session:
        own = open_own(session, token, now=now)
        row = open_meeting(session, own.event_id, meeting_id)
        phase = session.get_one(Matchmaking, own.event_id).phase
        is_secret = phase == MatchPhase.OPEN and row.state == MeetingState.PROVISIONAL
        if own.registration_id not in people_of(row) or is_secret:
            raise NotFoundError("meeting", str(meeting_id))
        call_off_for(session, row, own.registration_id, now=now)


def call_off_for(session: Session, row: Meeting, person_id: int, *, now: datetime) -> None:
    """The meeting is off because of one of its two. Raises MeetingNotPossibleError once it has begun."""
    if row.starts_at <= now:
        raise MeetingNotPossibleError("past")
    day = load_day(session, row.event_id)
    other = row.first_id if row.second_id == person_id else row.second_id or 0
    end_meeting(Desk(session, day, now), row, who=PARTICIPANT, whys={person_id: "own", other: "other"})


@retry_conflicts
def cancel_meeting_by_staff(
    slug: str, meeting_id: int, *, replans: bool = False, who: Who, now: datetime
) -> Replanned:
    """Staff call it off; both are told. With `replans` both get what fits into the time instead."""
    with transaction() as session:
        event_id = find_event_id(session, slug)
        row = open_meeting(session, event_id, meeting_id)
        people, state = people_of(row), MeetingState(row.state)
        desk = Desk(session, load_day(session, event_id), now)
        end_meeting(desk, row, who=who, whys=_whys_of_staff(desk.day, state, people))
        if not replans:
            return Replanned((), ())
        return replan_people(session, event_id, people, state=state, now=now)


def _whys_of_staff(day: Day, state: MeetingState, people: Iterable[int]) -> dict[int, str]:
    """Nobody is told that a meeting is off of which nobody was told."""
    was_told = state is MeetingState.AGREED or day.view.phase is not MatchPhase.OPEN
    return dict.fromkeys(people, "staff") if was_told else {}


@retry_conflicts
def move_meeting(
    slug: str, meeting_id: int, slot_id: int, *, version: int | None = None, who: Who, now: datetime
) -> None:
    """Another slot for both, at a table that is free then. Raises NotFoundError, RecordChangedError,
    MeetingNotPossibleError or TimeHeldError."""
    with transaction() as session:
        event_id = find_event_id(session, slug)
        row = open_meeting(session, event_id, meeting_id, version=version)
        day = lock_people(session, event_id, people_of(row))
        if not set(people_of(row)) <= day.people.keys():
            raise MeetingNotPossibleError("cancelled")
        view = next(one for one in day.meetings if one.id == meeting_id)
        slots = {slot.id: slot for slot in list_common_slots(day, people_of(row), now=now, moving=view)}
        if slot_id not in slots:
            raise MeetingNotPossibleError("gone" if slots else "no_time")
        move(session, day, row, slots[slot_id])
        if row.state == MeetingState.AGREED:
            tell_of_meeting(session, event_id, meeting_id, now=now)
        add_audit(session, who, "move_meeting", noun="meeting", subject_id=meeting_id, now=now)


@retry_conflicts
def pin_meeting(slug: str, meeting_id: int, *, is_pinned: bool, who: Who, now: datetime) -> None:
    """The solver leaves it where it is, or may move it again. Raises NotFoundError or
    MeetingNotPossibleError."""
    with transaction() as session:
        row = open_meeting(session, find_event_id(session, slug), meeting_id)
        row.is_pinned = is_pinned
        action = "pin_meeting" if is_pinned else "unpin_meeting"
        add_audit(session, who, action, noun="meeting", subject_id=meeting_id, now=now)


def follow_calendar(session: Session, entry_id: int, partstat: str | None, *, now: datetime) -> None:
    """A calendar said no to a meeting: it is off, and the other one is told. Part of the inbox's use case."""
    if partstat != Partstat.DECLINED:
        return
    found = session.execute(
        select(Meeting.id, Meeting.event_id, MeetingPerson.registration_id)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(MeetingPerson.calendar_entry_id == entry_id, Meeting.second_id.is_not(None))
    ).one_or_none()
    if found is None or found.registration_id is None:
        return
    try:
        row = open_meeting(session, found.event_id, found.id)
        call_off_for(session, row, found.registration_id, now=now)
    except MeetingNotPossibleError:
        return  # a "no" to what is off or over anyway


@dataclass(frozen=True)
class _Left:
    registration_id: int
    event_id: int


def follow_registrations(*, now: datetime) -> None:
    """Whoever is not registered any more has no meetings and no wishes; those who lose one get what fits."""
    query = (
        select(Participant.registration_id, Participant.event_id)
        .join(Registration, Registration.id == Participant.registration_id)
        .where(Registration.state != RegistrationState.REGISTERED, Participant.completed_at.is_not(None))
    )
    found = [_Left(*row) for row in read_session().execute(query)]
    for left in found:
        try:
            leave(left.registration_id, now=now)
        except BookingError:
            # One who cannot be taken out just now holds up nobody else; the next round tries again.
            log.exception("a participant who left still has meetings: registration %d", left.registration_id)


@retry_conflicts
def leave(registration_id: int, *, now: datetime) -> Replanned:
    """One participant is out: meetings are called off, and the others re-planned with the fewest moves."""
    with transaction() as session:
        participant = session.get(Participant, registration_id, with_for_update=True)
        if participant is None:
            raise NotFoundError("participant", str(registration_id))
        participant.completed_at = None
        forget_wishes(session, registration_id)
        day = load_day(session, participant.event_id)
        lost = _end_all(session, day, registration_id, now=now)
        settings = session.get_one(Matchmaking, participant.event_id)
        is_on = day.view.state == EventState.PUBLISHED and now < day.view.ends_at
        if not lost or settings.mode != MatchMode.SOLVER or not is_on:
            return Replanned((), ())
        state = MeetingState.AGREED if settings.phase == MatchPhase.FINAL else MeetingState.PROVISIONAL
        return replan_people(session, participant.event_id, lost, state=state, now=now)


def _end_all(session: Session, day: Day, registration_id: int, *, now: datetime) -> list[int]:
    """Returns who lost a meeting that was still to come."""
    lost = []
    for view in day.schedules.get(registration_id, []):
        if view.starts_at <= now or view.state not in (MeetingState.PROVISIONAL, MeetingState.AGREED):
            continue
        row = open_meeting(session, day.view.event_id, view.id)
        other = view.other_of(registration_id)
        whys = _whys_of_staff(day, MeetingState(row.state), [other])
        end_meeting(Desk(session, day, now), row, who=SYSTEM, whys=dict.fromkeys(whys, "left"))
        lost.append(other)
    return lost
