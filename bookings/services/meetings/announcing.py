"""Many meetings are told to many people: in batches, so that nobody who writes meanwhile waits for long."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.meetings import MatchPhase, MeetingState
from bookings.domain.registrations import RegistrationState
from bookings.models.meetings import Matchmaking, Meeting, MeetingPerson
from bookings.models.registrations import Registration
from bookings.queries.meetings.day import load_day
from bookings.services.meetings.calendar import announce
from bookings.services.meetings.letters import Desk, tell_schedule

AT_ONCE = 100
"""So many meetings are announced with the release; the worker goes on with the others."""
_BATCH = 50


def tell_schedules(event_id: int, people: Sequence[int], *, occasion: str, now: datetime) -> None:
    """Everybody's own schedule by mail."""
    for start in range(0, len(people), _BATCH):
        _tell_some(event_id, people[start : start + _BATCH], occasion=occasion, now=now)


@retry_conflicts
def _tell_some(event_id: int, people: Sequence[int], *, occasion: str, now: datetime) -> None:
    with transaction() as session:
        desk = Desk(session, load_day(session, event_id), now)
        for person in people:
            if person in desk.day.people:
                tell_schedule(desk, desk.day.people[person], occasion=occasion)


def announce_meetings(*, now: datetime) -> None:
    """Final meetings that somebody has no calendar entry of yet get theirs."""
    for event_id in set(read_session().scalars(_select_unannounced(Meeting.event_id, now=now))):
        while announce_some(event_id, now=now, most=_BATCH):
            pass


@retry_conflicts
def announce_some(event_id: int, *, now: datetime, most: int) -> int:
    """The next meetings that are not announced; how many there were."""
    with transaction() as session:
        query = _select_unannounced(Meeting.id, now=now).where(Meeting.event_id == event_id)
        ids = set(session.scalars(query.distinct().order_by(Meeting.id).limit(most)))
        if ids:
            desk = Desk(session, load_day(session, event_id), now)
            for view in desk.day.meetings:
                if view.id in ids:
                    announce(desk, view)
        return len(ids)


def _select_unannounced(column: InstrumentedAttribute[int], *, now: datetime) -> Select[int]:
    """Of final meetings to come of which somebody who is registered has no entry."""
    return (
        select(column)
        .join(Matchmaking, Matchmaking.event_id == Meeting.event_id)
        .join(MeetingPerson, MeetingPerson.meeting_id == Meeting.id)
        .join(Registration, Registration.id == MeetingPerson.registration_id)
        .where(
            Matchmaking.phase == MatchPhase.FINAL,
            Meeting.state == MeetingState.AGREED,
            Meeting.starts_at > now,
            Meeting.second_id.is_not(None),
            MeetingPerson.calendar_entry_id.is_(None),
            Registration.state == RegistrationState.REGISTERED,
        )
    )
