"""Many meetings are told to many people: in batches, so that nobody who writes meanwhile waits for long."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import SYSTEM
from bookings.domain.events import EventState
from bookings.domain.meetings import MatchPhase, MeetingState
from bookings.domain.registrations import RegistrationState
from bookings.models.events import Event
from bookings.models.meetings import Matchmaking, Meeting, MeetingPerson, Participant
from bookings.models.registrations import Registration
from bookings.queries.meetings.day import is_open, load_day
from bookings.services.audit import add_audit
from bookings.services.meetings.calendar import announce
from bookings.services.meetings.letters import Desk, tell_schedule

AT_ONCE = 25
"""So many meetings, and so many people, are told with the release; the worker goes on with the others."""
_BATCH = 50
_IS_OWED = Participant.is_owed_schedule.is_(True)


def announce_meetings(*, now: datetime) -> None:
    """What releases have left: entries of final meetings for calendars, and everybody's schedule by mail."""
    for event_id in set(read_session().scalars(_select_unannounced(Meeting.event_id, now=now))):
        while announce_some(event_id, now=now, most=_BATCH):
            pass
    for event_id in set(read_session().scalars(select(Participant.event_id).where(_IS_OWED))):
        while tell_some(event_id, now=now, most=_BATCH):
            pass


def owe_schedules(session: Session, people: Iterable[int]) -> None:
    """From the release on, whatever happens to this process, these are told their schedule."""
    session.execute(
        update(Participant).where(Participant.registration_id.in_(people)).values(is_owed_schedule=True)
    )


@retry_conflicts
def tell_some(event_id: int, *, now: datetime, most: int) -> int:
    """Tell the next of those who are owed their schedule, unless the day is over or off; how many were."""
    with transaction() as session:
        owed = (
            select(Participant.registration_id)
            .where(_IS_OWED, Participant.event_id == event_id)
            .order_by(Participant.registration_id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        people = session.scalars(owed).all()
        if people:
            desk = Desk(session, load_day(session, event_id), now)
            if is_open(desk.day, now):
                for person in people:
                    if person in desk.day.people:
                        tell_schedule(desk, desk.day.people[person])
            else:
                # Too late to help anybody; the history says whom no mail reached.
                add_audit(
                    session, SYSTEM, "drop_schedules", noun="event", subject_id=event_id, now=now,
                    dropped=len(people),
                )  # fmt: skip
            told = Participant.registration_id.in_(people)
            session.execute(update(Participant).where(told).values(is_owed_schedule=False))
        return len(people)


@retry_conflicts
def announce_some(event_id: int, *, now: datetime, most: int) -> int:
    """Announce the next meetings that are not; how many could be."""
    with transaction() as session:
        unannounced = _select_unannounced(Meeting.id, now=now).where(Meeting.event_id == event_id)
        # Locked, for another worker may be telling of them, and staff may be moving one.
        query = select(Meeting.id).where(Meeting.id.in_(unannounced)).order_by(Meeting.id).limit(most)
        ids = set(session.scalars(query.with_for_update(skip_locked=True)))
        if not ids:
            return 0
        desk = Desk(session, load_day(session, event_id), now)
        told = [one for one in desk.day.meetings if one.id in ids and desk.day.has_both(one)]
        for view in told:
            announce(desk, view)
        return len(told)


def _select_unannounced(column: InstrumentedAttribute[int], *, now: datetime) -> Select[int]:
    """Of final meetings to come, of days that are not off: somebody who is registered has no entry of it."""
    return (
        select(column)
        .join(Matchmaking, Matchmaking.event_id == Meeting.event_id)
        .join(MeetingPerson, MeetingPerson.meeting_id == Meeting.id)
        .join(Registration, Registration.id == MeetingPerson.registration_id)
        .join(Event, Event.id == Meeting.event_id)
        .where(
            Event.state == EventState.PUBLISHED,
            Matchmaking.phase == MatchPhase.FINAL,
            Meeting.state == MeetingState.AGREED,
            Meeting.starts_at > now,
            Meeting.second_id.is_not(None),
            MeetingPerson.calendar_entry_id.is_(None),
            Registration.state == RegistrationState.REGISTERED,
        )
    )
