"""The slots of a visit as staff plan with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from bookings.domain.errors import NotFoundError
from bookings.domain.programme import PlannedStop
from bookings.domain.slots import LIVE_STATES, SLOT_MACHINE, SlotAction, SlotState
from bookings.domain.time import Interval
from bookings.domain.visits import OPEN_STATES
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest


@dataclass(frozen=True)
class OfferedTime:
    """Another time that the host offered."""

    id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlannedSlot:
    """A slot with its host and place; `place` is a town's slug or empty."""

    id: int
    reference: str
    visit_id: int
    version: int
    state: SlotState
    is_required: bool
    title: str
    message: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    host_slug: str
    host_name: str
    country: str
    place: str
    site_id: int
    site_name: str
    opens_at: str
    closes_at: str
    contact_id: int
    contact_name: str
    contact_email: str
    contact_is_undeliverable: bool
    asked_at: datetime | None
    respond_by: datetime | None
    reminders_sent: int
    answered_at: datetime | None
    answer_comment: str
    replaces_id: int | None
    offered_times: tuple[OfferedTime, ...]
    is_locked: bool = False
    group: int | None = None
    """Which of the `groups` of the delegation comes; the whole of it where there is no number."""
    groups: int = 1

    @property
    def is_live(self) -> bool:
        """Does it belong to the programme as it stands?"""
        return self.state in LIVE_STATES

    @property
    def minutes(self) -> int:
        """Its length."""
        return self.as_stop().interval.minutes

    def can(self, action: str) -> bool:
        """Is there a way from its state by this action?"""
        return SLOT_MACHINE.can(self.state, SlotAction(action))

    def as_stop(self) -> PlannedStop:
        """The stop that the rules of the programme look at."""
        interval = Interval(self.starts_at, self.ends_at)
        return PlannedStop(str(self.id), self.place, self.country, self.time_zone, interval, group=self.group)


def list_planned_slots(session: Session, visit_id: int) -> tuple[PlannedSlot, ...]:
    """The slots of a visit in the order of their times, ended ones too."""
    rows = session.scalars(_slots().where(Slot.visit_id == visit_id).order_by(Slot.starts_at, Slot.id))
    return tuple(_build(row) for row in rows.unique())


def list_planned_slots_beside(session: Session, slot_id: int) -> tuple[PlannedSlot, ...]:
    """The slots of the visit that this one belongs to, itself among them. Raises NotFoundError."""
    own = select(Slot.visit_id).where(Slot.id == slot_id).scalar_subquery()
    rows = session.scalars(_slots().where(Slot.visit_id == own).order_by(Slot.starts_at, Slot.id))
    found = tuple(_build(row) for row in rows.unique())
    if not found:
        raise NotFoundError("slot", str(slot_id))
    return found


def list_planned_slots_at(
    session: Session, site_ids: Collection[int], *, since: datetime
) -> tuple[PlannedSlot, ...]:
    """The live slots of open visits at these sites that end after an instant, by time."""
    query = (
        _slots()
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .where(
            Slot.site_id.in_(site_ids),
            Slot.ends_at > since,
            Slot.state.in_(LIVE_STATES),
            VisitRequest.state.in_(OPEN_STATES),
        )
    )
    rows = session.scalars(query.order_by(Slot.starts_at, Slot.id))
    return tuple(_build(row) for row in rows.unique())


def find_planned_slot(session: Session, slot_id: int) -> PlannedSlot:
    """One slot. Raises NotFoundError."""
    row = session.scalars(_slots().where(Slot.id == slot_id)).unique().one_or_none()
    if row is None:
        raise NotFoundError("slot", str(slot_id))
    return _build(row)


def _slots() -> Select[Slot]:
    return select(Slot).options(
        joinedload(Slot.visit),
        joinedload(Slot.organisation),
        joinedload(Slot.site),
        joinedload(Slot.host_contact),
        joinedload(Slot.place),
        joinedload(Slot.proposed_times),
    )


def _build(row: Slot) -> PlannedSlot:
    return PlannedSlot(
        id=row.id,
        reference=row.visit.reference,
        visit_id=row.visit_id,
        version=row.version,
        state=SlotState(row.state),
        is_required=row.is_required,
        title=row.title,
        message=row.message,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=row.time_zone,
        host_slug=row.organisation.slug,
        host_name=row.organisation.name,
        country=row.organisation.country,
        place=row.place.slug if row.place else "",
        site_id=row.site_id,
        site_name=row.site.name,
        opens_at=row.site.opens_at or "",
        closes_at=row.site.closes_at or "",
        contact_id=row.host_contact_id,
        contact_name=row.host_contact.name,
        contact_email=row.host_contact.email,
        contact_is_undeliverable=row.host_contact.is_undeliverable,
        asked_at=row.asked_at,
        respond_by=row.respond_by,
        reminders_sent=row.reminders_sent,
        answered_at=row.answered_at,
        answer_comment=row.answer_comment,
        replaces_id=row.replaces_id,
        is_locked=row.is_locked,
        group=row.group_number,
        groups=row.visit.parallel_groups,
        offered_times=tuple(
            OfferedTime(time.id, time.starts_at, time.ends_at) for time in row.proposed_times
        ),
    )
