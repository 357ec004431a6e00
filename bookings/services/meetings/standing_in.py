"""A participant names a colleague of the same organisation who comes to one meeting in their place."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.limits import DAY, Limit
from bookings.domain.meetings import MeetingState
from bookings.domain.text import fold
from bookings.models.meetings import Meeting, MeetingPerson
from bookings.queries.meetings.day import Day, load_day
from bookings.queries.meetings.own import open_own
from bookings.services.audit import add_audit
from bookings.services.limits import count_act
from bookings.services.meetings.calendar import tell_stand_in
from bookings.services.meetings.letters import Desk
from bookings.services.meetings.seating import PARTICIPANT, lock_people, open_meeting, people_of

_MOST_A_DAY = 5
"""So many names for one meeting: each is a mail to the other side. Who comes after all always may say so."""


@retry_conflicts
def name_stand_in(token: str, meeting_id: int, name: str, *, now: datetime) -> None:
    """Who comes instead; the other side is told by mail. An empty name: the participant comes after all.

    Raises NotFoundError or MeetingNotPossibleError: phase (not agreed yet), past, or colleague (who sits in
    another meeting then), or renamed (often enough for a day: each name is a mail to the other side).
    """
    with transaction() as session:
        own = open_own(session, token, now=now)
        row = open_meeting(session, own.event_id, meeting_id)
        if own.registration_id not in people_of(row):
            raise NotFoundError("meeting", str(meeting_id))
        if row.state != MeetingState.AGREED or row.ends_at <= now:
            raise MeetingNotPossibleError("past" if row.ends_at <= now else "phase")
        day = _lock_house(session, row, own.registration_id)
        name = "" if fold(name) == fold(own.name) else name
        if _write(session, day, row, own.registration_id, name):
            if name:
                _count(session, row, own.registration_id, now=now)
            add_audit(session, PARTICIPANT, "name_stand_in", noun="meeting", subject_id=row.id, now=now)
            fresh = load_day(session, own.event_id)
            view = next(one for one in fresh.meetings if one.id == row.id)
            tell_stand_in(Desk(session, fresh, now), view, own.registration_id)


def _count(session: Session, row: Meeting, person_id: int, *, now: datetime) -> None:
    if count_act(session, [Limit("stand_in", f"{row.id} {person_id}", _MOST_A_DAY, DAY)], now=now):
        raise MeetingNotPossibleError("renamed")


def _lock_house(session: Session, row: Meeting, person_id: int) -> Day:
    """The day as it is once nobody else can seat the two, or a colleague who may be the one who is named."""
    house = _list_house(load_day(session, row.event_id), person_id)
    return lock_people(session, row.event_id, house.union(people_of(row)))


def _list_house(day: Day, person_id: int) -> set[int]:
    """Everybody of the participant's organisation. Without an organisation nobody is a colleague."""
    key = day.people[person_id].organisation_key
    return {one.id for one in day.people.values() if key and one.organisation_key == key}


def _write(session: Session, day: Day, row: Meeting, person_id: int, name: str) -> bool:
    """Whether that is news."""
    side = session.scalars(
        select(MeetingPerson).where(
            MeetingPerson.meeting_id == row.id, MeetingPerson.registration_id == person_id
        )
    ).one()
    if side.stand_in == name:
        return False
    if name:
        _check_is_free(day, row, person_id, name)
    side.stand_in = name
    row.version += 1
    session.flush()
    return True


def _check_is_free(day: Day, row: Meeting, person_id: int, name: str) -> None:
    """A colleague is in one place only: neither in an own meeting then nor at another one for somebody."""
    house = _list_house(day, person_id)
    for meeting in day.meetings:
        for person in set(meeting.people) & house:
            names = day.people[person].name, meeting.stand_ins.get(person, "")
            is_own = (meeting.id, person) == (row.id, person_id)
            if meeting.slot_id == row.slot_id and not is_own and fold(name) in map(fold, names):
                raise MeetingNotPossibleError("colleague")
