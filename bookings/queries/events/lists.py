"""Lists of events with their places: two statements, and five where somebody waits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from bookings.domain.events import DoorFacts, EventState, Texts, is_for_everybody
from bookings.domain.text import fold
from bookings.domain.time import Interval
from bookings.models.events import Event, SeatPool, TicketKind
from bookings.queries.events.one import Seats, count_seats, door_facts, most_left, ticket_left
from bookings.queries.registrations.behind import Left, count_left_behind, has_queue_to_pass

_COLUMNS = (
    Event.id, Event.slug, Event.kind, Event.state, Event.version, Event.umbrella_id, Event.title,
    Event.summary, Event.presence, Event.place_id, Event.site_id, Event.venue, Event.address, Event.time_zone,
    Event.starts_at, Event.ends_at, Event.opens_at, Event.closes_at, Event.capacity, Event.minimum,
    Event.decides_at, Event.decided_at, Event.has_waiting_list, Event.needs_approval,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """What a list is narrowed to; empty attributes narrow nothing."""

    kind: str = ""
    place_id: int | None = None
    umbrella_id: int | None = None
    language: str = ""
    text: str = ""
    span: Interval | None = None
    """Events that are on at some moment of it."""
    states: tuple[str, ...] = ()
    ends_after: datetime | None = None
    ends_before: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """A line of a list."""

    id: int
    slug: str
    kind: str
    state: str
    version: int
    umbrella_id: int | None
    title: Texts
    summary: Texts
    presence: str
    place_id: int | None
    site_id: int | None
    venue: str
    address: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    capacity: int | None
    minimum: int | None
    decides_at: datetime | None
    decided_at: datetime | None
    has_waiting_list: bool
    needs_approval: bool
    seats: Seats
    places_left: int | None
    taken: int
    """Seats of the whole event and those of tickets that are counted apart."""

    @property
    def door_facts(self) -> DoorFacts:
        """For `read_door`."""
        return door_facts(self, self.places_left)


def list_public_events(session: Session, wanted: EventFilter) -> list[EventRow]:
    """Published and cancelled events in the order of time."""
    shown = (EventState.PUBLISHED, EventState.CANCELLED)
    return [row for row in list_events(session, wanted) if row.state in shown]


def list_events(session: Session, wanted: EventFilter) -> list[EventRow]:
    """Events in the order of time, whatever their state; past ones too where no end is named."""
    of_event = and_(SeatPool.event_id == Event.id, SeatPool.part_id.is_(None), SeatPool.ticket_id.is_(None))
    query = (
        select(*_COLUMNS, has_queue_to_pass(), SeatPool.id, SeatPool.capacity, SeatPool.taken)
        .outerjoin(SeatPool, of_event)
        .where(*_conditions(wanted))
        .order_by(Event.starts_at, Event.id)
    )
    found = [row for row in session.execute(query) if _fits_texts(row, wanted)]
    tickets = _list_tickets(session, [row.id for row in found])
    behind = count_left_behind(session, [row.id for row in found if row[len(_COLUMNS)]])
    return [_build_row(row, tickets.get(row.id, []), behind) for row in found]


def _conditions(wanted: EventFilter) -> Iterable[ColumnElement[bool]]:
    if wanted.kind:
        yield Event.kind == wanted.kind
    if wanted.place_id is not None:
        yield Event.place_id == wanted.place_id
    if wanted.umbrella_id is not None:
        yield (Event.umbrella_id == wanted.umbrella_id) | (Event.id == wanted.umbrella_id)
    if wanted.states:
        yield Event.state.in_(wanted.states)
    if wanted.span is not None:
        yield Event.starts_at < wanted.span.end
        yield Event.ends_at > wanted.span.start
    if wanted.ends_after is not None:
        yield Event.ends_at > wanted.ends_after
    if wanted.ends_before is not None:
        yield Event.ends_at <= wanted.ends_before


def _fits_texts(row: Any, wanted: EventFilter) -> bool:
    """Accents and case don't count, which the databases don't agree on: there are hundreds of events."""
    if wanted.language and not row.title.get(wanted.language):
        return False
    words = fold(wanted.text).split()
    if not words:
        return True
    where = fold(" ".join((*row.title.values(), *row.summary.values(), row.venue)))
    return all(word in where for word in words)


def _list_tickets(session: Session, event_ids: list[int]) -> dict[int, list[Any]]:
    query = (
        select(
            TicketKind.event_id, TicketKind.presence, TicketKind.is_partner, TicketKind.access_code,
            SeatPool.id.label("pool_id"), SeatPool.capacity, SeatPool.taken,
        )
        .outerjoin(SeatPool, SeatPool.ticket_id == TicketKind.id)
        .where(TicketKind.event_id.in_(event_ids))
        .order_by(TicketKind.id)
    )  # fmt: skip
    found: dict[int, list[Any]] = {}
    for ticket in session.execute(query):
        found.setdefault(ticket.event_id, []).append(ticket)
    return found


def _build_row(row: Any, tickets: list[Any], behind: Left) -> EventRow:
    *columns, _has_queue, pool_id, capacity, taken = row
    whole = count_seats(capacity, taken or 0, pool_id=pool_id or 0, behind=behind)
    lefts, apart = [], 0
    for ticket in tickets:
        own = _count_own(ticket, behind)
        if is_for_everybody(is_partner=ticket.is_partner, access_code=ticket.access_code):
            lefts.append(ticket_left(row.presence, ticket, whole, own))
        if own is not None and ticket.is_partner:
            apart += own.taken
    named = dict(zip((column.key for column in _COLUMNS), columns, strict=True))
    return EventRow(**named, seats=whole, places_left=most_left(lefts), taken=whole.taken + apart)


def _count_own(ticket: Any, behind: Left) -> Seats | None:
    if ticket.taken is None:
        return None
    return count_seats(ticket.capacity, ticket.taken, pool_id=ticket.pool_id, behind=behind)
