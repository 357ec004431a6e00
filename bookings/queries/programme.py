"""Finding visits for use cases: by reference, by the visitor's link, with all that mails say of them."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from bookings.domain.errors import LinkNotFoundError, NotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.planned import tally_slots
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.visits import SlotTally, VisitState
from bookings.models.slots import Slot
from bookings.models.visits import Agreement, DateWindow, VisitRequest
from bookings.queries.links import find_link


def find_visit_id(session: Session, reference: str) -> int:
    """The id behind a reference. Raises NotFoundError."""
    visit_id = session.scalar(select(VisitRequest.id).where(VisitRequest.reference == reference))
    if visit_id is None:
        raise NotFoundError("visit_request", reference)
    return visit_id


def find_visit_id_by_link(session: Session, token: str, *, now: datetime) -> int:
    """The visit that a visitor's own link opens. Raises LinkNotFoundError or LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.MANAGE_VISIT, now=now)
    if session.scalar(select(VisitRequest.id).where(VisitRequest.id == link.subject_id)) is None:
        raise LinkNotFoundError
    return link.subject_id


def load_visit(session: Session, visit_id: int) -> VisitRequest:
    """The visit as it stands now, locked, with delegation and agreement. Raises NotFoundError."""
    query = (
        select(VisitRequest)
        .where(VisitRequest.id == visit_id)
        .options(
            joinedload(VisitRequest.delegation),
            joinedload(VisitRequest.agreement),
        )
        .with_for_update(of=VisitRequest)
        .execution_options(populate_existing=True)
    )
    visit = session.scalars(query).one_or_none()
    if visit is None:
        raise NotFoundError("visit_request", str(visit_id))
    return visit


def find_last_wished_day(session: Session, visit_id: int) -> date | None:
    """The last day of all the windows that the visitor named."""
    return session.scalar(select(func.max(DateWindow.latest_on)).where(DateWindow.visit_id == visit_id))


def list_replacements(session: Session, visit_id: int) -> dict[int, int | None]:
    """Each slot of a visit with the one that it stands in for, if any."""
    rows = session.execute(select(Slot.id, Slot.replaces_id).where(Slot.visit_id == visit_id))
    return dict(rows.all())


def count_slots(session: Session, visit_id: int) -> SlotTally:
    """The slots of a visit as its progress sees them."""
    replacement = aliased(Slot)
    is_replaced = select(replacement.id).where(replacement.replaces_id == Slot.id).exists()
    rows = session.execute(select(Slot.state, Slot.is_required, is_replaced).where(Slot.visit_id == visit_id))
    return tally_slots((state, is_required, replaced) for state, is_required, replaced in rows)


def list_visits_to_complete(session: Session, *, now: datetime) -> list[int]:
    """Confirmed visits whose last accepted stop has ended."""
    last_end = (
        select(func.max(Slot.ends_at))
        .where(Slot.visit_id == VisitRequest.id, Slot.state == SlotState.ACCEPTED)
        .scalar_subquery()
    )
    query = select(VisitRequest.id).where(
        VisitRequest.closed_at.is_(None), VisitRequest.state == VisitState.CONFIRMED, last_end <= now
    )
    return list(session.scalars(query.order_by(VisitRequest.id)))


def list_unsettled_visits(
    session: Session, *, states: Collection[VisitState], now: datetime, until: datetime
) -> list[int]:
    """Visits in these states whose first stop that a host knows of begins between the two instants."""
    first = (
        select(func.min(Slot.starts_at))
        .where(Slot.visit_id == VisitRequest.id, Slot.state.in_(HOLDING_STATES))
        .scalar_subquery()
    )
    query = select(VisitRequest.id).where(
        VisitRequest.closed_at.is_(None), VisitRequest.state.in_(states), first > now, first <= until
    )
    return list(session.scalars(query.order_by(VisitRequest.id)))


def list_visits_staff_owe(
    session: Session, *, states: Collection[VisitState], since: datetime, until: datetime
) -> list[tuple[int, VisitState, datetime]]:
    """Visits that came into one of these states between the two instants, and whose visitor has heard nothing
    since: id, state, and since when. A visit that staff copied has no agreement: its visitor does not know of
    it yet."""
    query = select(VisitRequest.id, VisitRequest.state, VisitRequest.state_changed_at).where(
        VisitRequest.closed_at.is_(None),
        VisitRequest.state.in_(states),
        VisitRequest.state_changed_at >= since,
        VisitRequest.state_changed_at <= until,
        VisitRequest.reminders_sent == 0,
        VisitRequest.is_held_for_moderation.is_(False),
        exists().where(Agreement.visit_id == VisitRequest.id),
    )
    rows = session.execute(query.order_by(VisitRequest.id))
    return [(id_, VisitState(state), changed_at) for id_, state, changed_at in rows]


def list_unverified_since(session: Session, *, before: datetime) -> list[int]:
    """Requests sent before this instant whose address was never proved."""
    query = select(VisitRequest.id).where(
        VisitRequest.closed_at.is_(None),
        VisitRequest.state == VisitState.UNVERIFIED,
        VisitRequest.created_at <= before,
    )
    return list(session.scalars(query.order_by(VisitRequest.id)))


def list_visitors_in_debt(
    session: Session, *, states: Collection[VisitState], due_before: datetime | None = None
) -> list[int]:
    """Visits in these states whose visitor owes an answer; with `due_before`, those who owe it too long."""
    query = select(VisitRequest.id).where(
        VisitRequest.closed_at.is_(None),
        VisitRequest.state.in_(list(states)),
        VisitRequest.answer_by.is_not(None),
    )
    if due_before is not None:
        query = query.where(VisitRequest.answer_by <= due_before)
    return list(session.scalars(query.order_by(VisitRequest.id)))
