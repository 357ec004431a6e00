"""How a delegation comes and goes, as it is stored."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.groups import MOST_GROUPS
from bookings.domain.planning import Journey, JourneyEnd
from bookings.domain.slots import LIVE_STATES, SlotState
from bookings.models.slots import Slot
from bookings.models.visits import DateWindow, VisitRequest


def read_journey(visit: VisitRequest) -> Journey:
    """What staff told of this visit."""
    return Journey(
        _read_end(visit.arrives_place_slug, visit.arrives_at),
        _read_end(visit.departs_place_slug, visit.departs_at),
        visit.parallel_groups,
    )


def find_groups_allowed(session: Session, visit: VisitRequest) -> tuple[int, int]:
    """How many groups the stops that stand leave possible: hosts who know of a group keep the number."""
    rows = session.execute(
        select(Slot.group_number, Slot.state).where(
            Slot.visit_id == visit.id, Slot.group_number.is_not(None), Slot.state.in_(LIVE_STATES)
        )
    ).all()
    if any(row.state != SlotState.DRAFT for row in rows):
        return visit.parallel_groups, visit.parallel_groups
    return max((row.group_number for row in rows), default=1), MOST_GROUPS


def _read_end(place: str | None, at: datetime | None) -> JourneyEnd | None:
    return JourneyEnd(place, at) if place and at else None


def list_wished_days(session: Session, visit_id: int) -> list[tuple[date, date]]:
    """The days between which the visit may lie, both ends included, in the visitor's order."""
    rows = session.execute(
        select(DateWindow.earliest_on, DateWindow.latest_on)
        .where(DateWindow.visit_id == visit_id)
        .order_by(DateWindow.position)
    )
    return [(row.earliest_on, row.latest_on) for row in rows]
