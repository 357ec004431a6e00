"""Holds of meetings: its people, its table, its adviser. Parts of use cases; slots have `holds`.

Whoever lays holds locks the resources first, by `lock_resources` and in one go; the database refuses two hard
holds of one resource that overlap, whatever was read before.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookings.domain.event_errors import TimeHeldError
from bookings.domain.holds import HoldStrength
from bookings.domain.time import Interval
from bookings.models.holds import Hold
from bookings.services.holds import Key, is_hold_guard, lock_resources


def hold_times(session: Session, meeting_id: int, times: Mapping[Key, Interval]) -> None:
    """The meeting has these times of these resources from now on, and no others. Raises TimeHeldError."""
    locked = lock_resources(session, times)
    session.execute(delete(Hold).where(Hold.meeting_id == meeting_id))
    for key, interval in times.items():
        hold = Hold(
            resource_id=locked[key],
            meeting_id=meeting_id,
            strength=HoldStrength.HARD,
            starts_at=interval.start,
            ends_at=interval.end,
        )
        try:
            with session.begin_nested():
                session.add(hold)
        except IntegrityError as error:
            if not is_hold_guard(error):
                raise
            raise TimeHeldError(key[0], key[1], interval.start) from error


def free_times(session: Session, meeting_ids: Sequence[int]) -> None:
    """These meetings hold nobody's time any more."""
    session.execute(delete(Hold).where(Hold.meeting_id.in_(meeting_ids)))
