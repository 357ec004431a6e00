"""Many meetings come to stand at once, in few statements whatever their number. Part of a use case."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.holds import HoldStrength, ResourceKind
from bookings.domain.meeting_pairs import Pair
from bookings.domain.meetings import MeetingState
from bookings.models.holds import Hold
from bookings.models.meetings import Meeting, MeetingPerson
from bookings.queries.meetings.day import Day
from bookings.services.holds import lock_resources
from bookings.services.meetings.seating import pair_key


def lay_meetings(session: Session, day: Day, seats: Mapping[Pair, tuple[int, int]], *, now: datetime) -> None:
    """A provisional meeting for each pair at its seat, all or none.

    Raises MeetingNotPossibleError (stale): a seat was taken since they were chosen.
    """
    if not seats:
        return
    people = {(ResourceKind.PERSON, person) for pair in seats for person in pair}
    tables = {(ResourceKind.TABLE, table) for _slot, table in seats.values()}
    resources = lock_resources(session, people | tables)
    try:
        with session.begin_nested():
            ids = _add_meetings(session, day, seats, now=now)
            holds = [
                {
                    "resource_id": resources[key], "meeting_id": ids[pair], "strength": HoldStrength.HARD,
                    "starts_at": day.slot_by_id[slot].starts_at, "ends_at": day.slot_by_id[slot].ends_at,
                }
                for pair, (slot, table) in seats.items()
                for key in (*((ResourceKind.PERSON, person) for person in pair), (ResourceKind.TABLE, table))
            ]  # fmt: skip
            session.execute(insert(table_of(Hold)), holds)
    except IntegrityError as error:
        raise MeetingNotPossibleError("stale") from error


def _add_meetings(
    session: Session, day: Day, seats: Mapping[Pair, tuple[int, int]], *, now: datetime
) -> dict[Pair, int]:
    rows = [
        {
            "event_id": day.view.event_id, "first_id": first, "second_id": second, "table_id": table,
            "slot_id": slot, "organisation_pair": pair_key(day, (first, second)),
            "starts_at": day.slot_by_id[slot].starts_at, "ends_at": day.slot_by_id[slot].ends_at,
            "time_zone": day.view.time_zone, "state": MeetingState.PROVISIONAL, "created_at": now,
        }
        for (first, second), (slot, table) in seats.items()
    ]  # fmt: skip
    table = table_of(Meeting)
    adding = insert(table).returning(table.c.id, table.c.first_id, table.c.second_id)
    ids = {(first, second): meeting for meeting, first, second in session.execute(adding, rows)}
    sides = [
        {"meeting_id": meeting, "registration_id": person} for pair, meeting in ids.items() for person in pair
    ]
    session.execute(insert(table_of(MeetingPerson)), sides)
    return ids
