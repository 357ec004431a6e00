"""Who holds which time."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, aliased

from bookings.db import UtcDateTime
from bookings.domain.holds import HeldStop, HoldStrength, ResourceKind
from bookings.domain.programme import HostClash
from bookings.domain.proposals import HostBusy
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.time import Interval
from bookings.models.directory import Place
from bookings.models.holds import Hold, Resource
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest


def list_held_stops(
    session: Session, visit_id: int, *, states: Collection[SlotState] = HOLDING_STATES
) -> list[HeldStop]:
    """The stops that hold a delegation's time, by their states."""
    query = (
        select(Slot.id, Place.slug, Slot.starts_at, Slot.ends_at, Slot.group_number)
        .join(Place, Place.id == Slot.place_id, isouter=True)
        .where(Slot.visit_id == visit_id, Slot.state.in_(states))
        .order_by(Slot.starts_at, Slot.id)
    )
    return [
        HeldStop(row.id, row.slug or "", Interval(row.starts_at, row.ends_at), row.group_number)
        for row in session.execute(query)
    ]


def list_hard_holds(session: Session, resource_ids: Collection[int]) -> Sequence[Hold]:
    """All hard holds of these resources."""
    query = select(Hold).where(Hold.resource_id.in_(resource_ids), Hold.strength == HoldStrength.HARD)
    return session.scalars(query.execution_options(populate_existing=True).order_by(Hold.starts_at)).all()


def is_time_held(session: Session, resource_id: int, interval: Interval, *, except_slot_id: int) -> bool:
    """Does another slot hold the resource hard at this time?"""
    query = select(Hold.id).where(
        Hold.resource_id == resource_id,
        Hold.strength == HoldStrength.HARD,
        Hold.slot_id != except_slot_id,
        Hold.starts_at < interval.end,
        Hold.ends_at > interval.start,
    )
    return session.scalar(query.limit(1)) is not None


def list_busy_times(
    session: Session, resource_ids: Collection[int], *, since: datetime, except_slot_id: int = 0
) -> list[Interval]:
    """Hard holds of any of these resources in the next months, by time."""
    query = (
        select(Hold.starts_at, Hold.ends_at)
        .where(
            Hold.resource_id.in_(resource_ids),
            Hold.strength == HoldStrength.HARD,
            Hold.slot_id != except_slot_id,
            Hold.ends_at > since,
            Hold.starts_at < since + timedelta(days=90),
        )
        .order_by(Hold.starts_at)
    )
    return [Interval(starts_at, ends_at) for starts_at, ends_at in session.execute(query)]


def host_clashes() -> Select[*tuple[Any, ...]]:
    """What `build_host_clashes` looks at, of the slots `slot_ids`."""
    own, other = aliased(Slot), aliased(Slot)
    return _holds_of_others(
        select(own.id.label("slot_id"), VisitRequest.reference, Hold.strength).distinct(), own, other
    ).where(Hold.starts_at < own.ends_at, Hold.ends_at > own.starts_at)


def build_host_clashes(rows: Iterable[Any]) -> list[HostClash]:
    """Other visits that have the hosts of these slots at the same time, or would like to."""
    order = sorted(rows, key=lambda row: (row.slot_id, row.strength, row.reference))
    return [
        HostClash(str(row.slot_id), row.reference, is_hard=row.strength == HoldStrength.HARD) for row in order
    ]


def times_of_other_visits() -> Select[*tuple[Any, ...]]:
    """What `build_busy_times` looks at: of the slots `slot_ids`, from `since` until `until`."""
    own, other = aliased(Slot), aliased(Slot)
    columns = (own.id.label("slot_id"), VisitRequest.reference, Hold.starts_at, Hold.ends_at, Hold.strength)
    return _holds_of_others(select(*columns), own, other).where(
        Hold.starts_at < bindparam("until", type_=UtcDateTime),
        Hold.ends_at > bindparam("since", type_=UtcDateTime),
    )


def build_busy_times(rows: Iterable[Any]) -> list[HostBusy]:
    """When other visits have the hosts of these slots, or would like to."""
    return [
        HostBusy(
            str(row.slot_id),
            row.reference,
            Interval(row.starts_at, row.ends_at),
            row.strength == HoldStrength.HARD,
        )
        for row in rows
    ]


def _holds_of_others(
    query: Select[*tuple[Any, ...]], own: type[Slot], other: type[Slot]
) -> Select[*tuple[Any, ...]]:
    """The holds that other visits have on the hosts of the slots `slot_ids`."""
    return (
        query.select_from(own)
        .join(Resource, (Resource.kind == ResourceKind.HOST) & (Resource.subject_id == own.organisation_id))
        .join(Hold, Hold.resource_id == Resource.id)
        .join(other, other.id == Hold.slot_id)
        .join(VisitRequest, VisitRequest.id == other.visit_id)
        .where(own.id.in_(bindparam("slot_ids", expanding=True)), other.visit_id != own.visit_id)
    )
