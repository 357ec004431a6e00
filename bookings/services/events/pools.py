"""Pools of seats follow the capacities of an event, its parts and its ticket kinds.

The event has one pool for what anybody can take. A part that people choose has one, so that its seats are
counted, and so has every part or ticket kind that ends somewhere. A pool that is there stays: seats are in
it; where no end is wanted any more it just has none.
"""

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.events import open_capacity
from bookings.models.events import Event, EventPart, SeatPool, TicketKind
from bookings.models.registrations import Seat
from bookings.queries.events.usage import list_seated

_CAPACITY = "capacity"


def keep_pools(session: Session, event: Event) -> None:
    """Bring the pools in line with the event as it is in this session.

    Raises EventNotUsableError where more seats are taken than there would be.
    """
    session.flush()
    pools = list(
        session.scalars(
            select(SeatPool).where(SeatPool.event_id == event.id).order_by(SeatPool.id).with_for_update()
        )
    )
    partner_seats = sum(ticket.capacity or 0 for ticket in event.tickets if ticket.is_partner)
    whole = next((one for one in pools if one.part_id is None and one.ticket_id is None), None)
    _keep_one(session, whole, SeatPool(event_id=event.id), open_capacity(event.capacity, partner_seats))
    by_part = {one.part_id: one for one in pools if one.part_id is not None}
    for part in event.parts:
        _keep_of_part(session, event, part, by_part.get(part.id))
    by_ticket = {one.ticket_id: one for one in pools if one.ticket_id is not None}
    for ticket in event.tickets:
        _keep_of_ticket(session, event, ticket, by_ticket.get(ticket.id))
    session.flush()


def _keep_of_part(session: Session, event: Event, part: EventPart, pool: SeatPool | None) -> None:
    if pool is not None or part.is_chosen or part.capacity is not None:
        new = SeatPool(event_id=event.id, part_id=part.id)
        _keep_one(session, pool, new, part.capacity, part_id=part.id)


def _keep_of_ticket(session: Session, event: Event, ticket: TicketKind, pool: SeatPool | None) -> None:
    if pool is not None or ticket.capacity is not None:
        new = SeatPool(event_id=event.id, ticket_id=ticket.id)
        _keep_one(session, pool, new, ticket.capacity, ticket_id=ticket.id)


def _keep_one(
    session: Session, pool: SeatPool | None, new: SeatPool, capacity: int | None, **subject: int
) -> None:
    if pool is None:
        _make(session, new, capacity, **subject)
    elif pool.capacity != capacity:
        _resize(session, pool, capacity)


def _make(session: Session, pool: SeatPool, capacity: int | None, **subject: int) -> None:
    """A new pool: whoever is on the way already has a seat in it."""
    seated = list_seated(session, **subject) if subject else []
    if capacity is not None and len(seated) > capacity:
        raise EventNotUsableError("taken", _CAPACITY, len(seated))
    pool.capacity, pool.taken = capacity, 0
    session.add(pool)
    session.flush()
    if seated:
        session.execute(insert(Seat), [{"pool_id": pool.id, "registration_id": one} for one in seated])
        session.expire(pool)


def _resize(session: Session, pool: SeatPool, capacity: int | None) -> None:
    """Compared where the count is kept: nobody takes a seat in between."""
    statement = update(SeatPool).where(SeatPool.id == pool.id).values(capacity=capacity)
    if capacity is not None:
        statement = statement.where(SeatPool.taken <= capacity)
    done = session.execute(statement.returning(SeatPool.id)).scalar_one_or_none()
    session.expire(pool)
    if done is None:
        raise EventNotUsableError("taken", _CAPACITY, pool.taken)
