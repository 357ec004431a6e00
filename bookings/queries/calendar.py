"""What happens when: the stops of all visits in a stretch of time, for staff's calendar page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.slots import LIVE_STATES, SlotState
from bookings.domain.time import Interval
from bookings.models.directory import Organisation, Place
from bookings.models.slots import Slot
from bookings.models.visits import Delegation, VisitRequest

_SHOWN = (*LIVE_STATES, SlotState.COMPLETED, SlotState.NO_SHOW)


@dataclass(frozen=True, kw_only=True)
class Stop:
    """One stop of one visit; `time_zone` is that of the place."""

    slot_id: int
    reference: str
    organisation: str
    group_size: int
    host_name: str
    place: str
    state: SlotState
    starts_at: datetime
    ends_at: datetime
    time_zone: str


def list_stops(session: Session, span: Interval, *, town: str = "") -> tuple[Stop, ...]:
    """The stops that touch the span, in order; of one town when it is named."""
    statement = (
        select(
            Slot.id.label("slot_id"),
            VisitRequest.reference,
            Delegation.organisation_name.label("organisation"),
            Delegation.group_size,
            Organisation.name.label("host_name"),
            Place.slug.label("place"),
            Slot.state,
            Slot.starts_at,
            Slot.ends_at,
            Slot.time_zone,
        )
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .outerjoin(Place, Place.id == Slot.place_id)
        .where(Slot.state.in_(_SHOWN), Slot.starts_at < span.end, Slot.ends_at > span.start)
        .order_by(Slot.starts_at, Slot.id)
    )
    if town:
        statement = statement.where(Place.slug == town)
    return tuple(
        Stop(
            slot_id=row.slot_id,
            reference=row.reference,
            organisation=row.organisation,
            group_size=row.group_size,
            host_name=row.host_name,
            place=row.place or "",
            state=SlotState(row.state),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            time_zone=row.time_zone,
        )
        for row in session.execute(statement)
    )
