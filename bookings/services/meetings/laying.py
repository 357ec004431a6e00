"""Many meetings come to stand at once, in few statements whatever their number. Part of a use case."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, insert, literal, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.holds import HoldStrength, ResourceKind
from bookings.domain.meeting_pairs import Pair
from bookings.domain.meetings import MeetingState
from bookings.models.holds import Hold, Resource
from bookings.models.meetings import Meeting, MeetingPerson
from bookings.queries.meetings.day import Day
from bookings.services.holds import lock_resources
from bookings.services.meetings.seating import pair_key

_MEETINGS, _RESOURCES = table_of(Meeting), table_of(Resource).c
_PEOPLE = (_MEETINGS.c.first_id, _MEETINGS.c.second_id)
_TABLE = (ResourceKind.TABLE, _MEETINGS.c.table_id)
_HELD = ["resource_id", "meeting_id", "strength", "starts_at", "ends_at"]
_TIMES = (_MEETINGS.c.starts_at, _MEETINGS.c.ends_at)


def lay_meetings(session: Session, day: Day, seats: Mapping[Pair, tuple[int, int]], *, now: datetime) -> None:
    """A provisional meeting for each pair at its seat, all or none.

    Raises MeetingNotPossibleError (stale): a seat was taken since they were chosen.
    """
    if not seats:
        return
    people = {(ResourceKind.PERSON, person) for pair in seats for person in pair}
    tables = {(ResourceKind.TABLE, table) for _slot, table in seats.values()}
    lock_resources(session, people | tables)
    try:
        with session.begin_nested():
            first_id = _add_meetings(session, day, seats, now=now)
            _add_people_and_holds(session, day.view.event_id, first_id)
    except IntegrityError as error:
        raise MeetingNotPossibleError("stale") from error


def _add_meetings(session: Session, day: Day, seats: Mapping[Pair, tuple[int, int]], *, now: datetime) -> int:
    """Returns the smallest id of them."""
    rows = [
        {
            "event_id": day.view.event_id, "first_id": first, "second_id": second, "table_id": table,
            "slot_id": slot, "organisation_pair": pair_key(day, (first, second)),
            "starts_at": day.slot_by_id[slot].starts_at, "ends_at": day.slot_by_id[slot].ends_at,
            "time_zone": day.view.time_zone, "state": MeetingState.PROVISIONAL, "created_at": now,
        }
        for (first, second), (slot, table) in seats.items()
    ]  # fmt: skip
    smallest: int = min(session.scalars(insert(_MEETINGS).returning(_MEETINGS.c.id), rows))
    return smallest


def _add_people_and_holds(session: Session, event_id: int, first_id: int) -> None:
    """The database copies them from the meetings: all who write wait for as long as this takes.

    Ids grow, and nobody adds meetings to a day that is locked.
    """
    are_new = and_(_MEETINGS.c.event_id == event_id, _MEETINGS.c.id >= first_id)
    for person in _PEOPLE:
        sides = select(_MEETINGS.c.id, person).where(are_new)
        session.execute(insert(table_of(MeetingPerson)).from_select(["meeting_id", "registration_id"], sides))
    for kind, subject in (*((ResourceKind.PERSON, person) for person in _PEOPLE), _TABLE):
        times = select(_RESOURCES.id, _MEETINGS.c.id, literal(HoldStrength.HARD), *_TIMES).where(
            _RESOURCES.kind == kind, _RESOURCES.subject_id == subject, are_new
        )
        session.execute(insert(table_of(Hold)).from_select(_HELD, times))
