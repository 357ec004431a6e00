"""One event with all that its page says, in six statements, and five more where somebody waits.

Towns and sites come from the directory.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, selectinload

from bookings.domain.errors import NotFoundError
from bookings.domain.events import (
    DoorFacts,
    EventState,
    count_left,
    fewest_left,
    is_for_everybody,
    takes_event_seat,
)
from bookings.models.events import Event, EventPart, EventSite, SeatPool, Speaker, TicketKind
from bookings.queries.registrations.behind import Left, count_left_behind, has_queue_to_pass

_ALL: Left = {}


@dataclass(frozen=True)
class Seats:
    """A pool as it stands."""

    capacity: int | None
    taken: int
    left: int | None
    """What the next one can have, behind those who wait; nothing where there is no end of places."""


def count_seats(capacity: int | None, taken: int, *, pool_id: int = 0, behind: Left = _ALL) -> Seats:
    """`behind`: what those who wait leave, where somebody does."""
    left = behind[pool_id] if pool_id in behind else count_left(capacity, taken)
    return Seats(capacity, taken, left)


@dataclass(frozen=True)
class PartView:
    """A part with its seats; without a pool of its own they are those of the event."""

    part: EventPart
    seats: Seats | None


@dataclass(frozen=True)
class TicketView:
    """A ticket kind with its seats, and how many people can still have it."""

    ticket: TicketKind
    seats: Seats | None
    left: int | None

    @property
    def is_open_to_all(self) -> bool:
        """Seen without an access code, and none that is set aside."""
        return is_for_everybody(is_partner=self.ticket.is_partner, access_code=self.ticket.access_code)


@dataclass(frozen=True)
class OtherEvent:
    """An event of the same umbrella, or the umbrella itself."""

    slug: str
    kind: str
    state: str
    title: dict[str, Any]
    place_id: int | None
    time_zone: str
    starts_at: Any
    ends_at: Any


@dataclass(frozen=True, kw_only=True)
class EventView:
    """An event with everything that belongs to it; speakers' parts are named by id."""

    event: Event
    seats: Seats
    parts: tuple[PartView, ...]
    tickets: tuple[TicketView, ...]
    speakers: tuple[Speaker, ...]
    site_ids: tuple[int, ...]
    umbrella: OtherEvent | None
    members: tuple[OtherEvent, ...]
    """The events under this one, drafts too."""

    @property
    def places_left(self) -> int | None:
        """What anybody can still have, by the ticket kind that has most; nothing where there is no end."""
        return most_left([one.left for one in self.tickets if one.is_open_to_all])

    @property
    def door_facts(self) -> DoorFacts:
        """For `read_door`."""
        return door_facts(self.event, self.places_left)


def door_facts(row: Any, places_left: int | None) -> DoorFacts:
    """What decides on registration, from a row that has the columns of an event."""
    return DoorFacts(
        state=row.state,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        has_waiting_list=row.has_waiting_list,
        places_left=places_left,
    )


def most_left(lefts: list[int | None]) -> int | None:
    """Places of the ticket kind that has most; 0 where there is no kind at all."""
    if None in lefts:
        return None
    return max((left for left in lefts if left is not None), default=0)


def ticket_left(event_presence: str, ticket: Any, whole: Seats, own: Seats | None) -> int | None:
    """How many people can still have this ticket kind."""
    shares = takes_event_seat(
        event_presence=event_presence, ticket_presence=ticket.presence, is_partner=ticket.is_partner
    )
    return fewest_left([whole.left if shares else None, own.left if own else None])


def find_event(session: Session, slug: str) -> Event | None:
    """The event of this name with its parts and ticket kinds, whatever its state."""
    query = (
        select(Event)
        .where(Event.slug == slug)
        .options(selectinload(Event.parts), selectinload(Event.tickets))
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one_or_none()


def load_event(session: Session, slug: str, *, is_public: bool = False) -> EventView:
    """The event with everything. Raises NotFoundError, in public also for a draft."""
    row = session.execute(_whole(slug)).one_or_none()
    if row is None or (is_public and row.Event.state == EventState.DRAFT):
        raise NotFoundError("event", slug)
    event: Event = row.Event
    behind = count_left_behind(session, [event.id] if row.has_queue else [])
    whole = _seats(row.SeatPool, behind) or count_seats(event.capacity, 0)
    parts = session.execute(_with_pool(EventPart, event.id)).all()
    tickets = session.execute(_with_pool(TicketKind, event.id)).all()
    speakers = session.scalars(
        select(Speaker).where(Speaker.event_id == event.id).order_by(Speaker.position, Speaker.id)
    )
    sites = select(EventSite.site_id).where(EventSite.event_id == event.id).order_by(EventSite.site_id)
    around = _list_around(session, event)
    return EventView(
        event=event,
        seats=whole,
        parts=tuple(PartView(part, _seats(pool, behind)) for part, pool in parts),
        tickets=tuple(
            TicketView(ticket, own := _seats(pool, behind), ticket_left(event.presence, ticket, whole, own))
            for ticket, pool in tickets
        ),
        speakers=tuple(speakers),
        site_ids=tuple(session.scalars(sites)),
        umbrella=around.get(event.umbrella_id or 0),
        members=tuple(one for id_, one in around.items() if id_ != event.umbrella_id),
    )


def _whole(slug: str) -> Select[Event, SeatPool, bool]:
    of_event = and_(SeatPool.event_id == Event.id, SeatPool.part_id.is_(None), SeatPool.ticket_id.is_(None))
    has_queue = has_queue_to_pass().label("has_queue")
    query = select(Event, SeatPool, has_queue).outerjoin(SeatPool, of_event).where(Event.slug == slug)
    return query.execution_options(populate_existing=True)


def _with_pool(model: type[EventPart] | type[TicketKind], event_id: int) -> Any:
    column = SeatPool.part_id if model is EventPart else SeatPool.ticket_id
    order = (EventPart.starts_at, EventPart.position) if model is EventPart else (TicketKind.position,)
    query = (
        select(model, SeatPool)
        .outerjoin(SeatPool, column == model.id)
        .where(model.event_id == event_id)
        .order_by(*order, model.id)
    )
    return query.execution_options(populate_existing=True)


def _list_around(session: Session, event: Event) -> dict[int, OtherEvent]:
    """The umbrella and the events under this one, by id, in the order of their time."""
    query = (
        select(
            Event.id, Event.slug, Event.kind, Event.state, Event.title, Event.place_id, Event.time_zone,
            Event.starts_at, Event.ends_at,
        )
        .where((Event.umbrella_id == event.id) | (Event.id == event.umbrella_id))
        .order_by(Event.starts_at, Event.id)
    )  # fmt: skip
    return {id_: OtherEvent(*row) for id_, *row in session.execute(query)}


def _seats(pool: SeatPool | None, behind: Left) -> Seats | None:
    if pool is None:
        return None
    return count_seats(pool.capacity, pool.taken, pool_id=pool.id, behind=behind)
