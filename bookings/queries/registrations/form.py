"""What the registration form of an event asks and offers, in four statements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.errors import NotFoundError
from bookings.domain.events import (
    Door,
    DoorFacts,
    EventState,
    Presence,
    fewest_left,
    read_door,
    takes_event_seat,
)
from bookings.domain.questions import QuestionPlan
from bookings.models.directory import Place
from bookings.models.events import Event, EventPart, SeatPool, TicketKind
from bookings.queries.questions import list_questions
from bookings.queries.settings import MARK, see_mark

_EVENTS, _PLACES, _POOLS = table_of(Event), table_of(Place), table_of(SeatPool)
_PARTS, _TICKETS = table_of(EventPart), table_of(TicketKind)
_EVENT = (
    select(_EVENTS, _PLACES.c.slug.label("place"), _POOLS.c.capacity.label("seats"), _POOLS.c.taken, MARK)
    .outerjoin(_PLACES, _PLACES.c.id == _EVENTS.c.place_id)
    .outerjoin(
        _POOLS,
        and_(_POOLS.c.event_id == _EVENTS.c.id, _POOLS.c.part_id.is_(None), _POOLS.c.ticket_id.is_(None)),
    )
    .where(_EVENTS.c.slug == bindparam("slug"))
)
_OF_PARTS = (
    select(_PARTS, _POOLS.c.capacity.label("seats"), _POOLS.c.taken)
    .outerjoin(_POOLS, _POOLS.c.part_id == _PARTS.c.id)
    .where(_PARTS.c.event_id == bindparam("event_id"))
    .order_by(_PARTS.c.starts_at, _PARTS.c.position, _PARTS.c.id)
)
_OF_TICKETS = (
    select(_TICKETS, _POOLS.c.capacity.label("seats"), _POOLS.c.taken)
    .outerjoin(_POOLS, _POOLS.c.ticket_id == _TICKETS.c.id)
    .where(_TICKETS.c.event_id == bindparam("event_id"))
    .order_by(_TICKETS.c.position, _TICKETS.c.id)
)


@dataclass(frozen=True)
class PartChoice:
    """A part that people choose; `left` is None where there is no end of places."""

    id: int
    title: Mapping[str, str]
    presence: Presence
    room: str
    starts_at: datetime
    ends_at: datetime
    is_chosen: bool
    left: int | None


@dataclass(frozen=True)
class TicketChoice:
    """A kind of ticket with the places that are left of it."""

    id: int
    name: Mapping[str, str]
    presence: Presence
    is_partner: bool
    access_code: str
    valid_on: date | None
    left: int | None


@dataclass(frozen=True, kw_only=True)
class FormFacts:
    """An event as its registration form needs it."""

    id: int
    slug: str
    kind: str
    title: Mapping[str, str]
    presence: Presence
    place: str
    venue: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    state: EventState
    needs_approval: bool
    largest_group: int
    has_waiting_list: bool
    lets_smaller_pass: bool
    asks_costs: bool
    notes_photos: bool
    parts: tuple[PartChoice, ...]
    tickets: tuple[TicketChoice, ...]
    questions: tuple[QuestionPlan, ...]

    @property
    def chosen_parts(self) -> tuple[PartChoice, ...]:
        return tuple(part for part in self.parts if part.is_chosen)

    @property
    def has_codes(self) -> bool:
        """Are there tickets that only who has a code sees?"""
        return any(ticket.access_code for ticket in self.tickets)

    def door(self, *, now: datetime) -> Door:
        """How registration stands, by the tickets that everybody sees."""
        lefts = [one.left for one in self.tickets if not (one.access_code or one.is_partner)]
        if self.has_codes:
            lefts += [one.left for one in self.tickets if one.access_code]
        left = None if None in lefts else max((one for one in lefts if one is not None), default=0)
        return read_door(
            DoorFacts(
                state=self.state, starts_at=self.starts_at, ends_at=self.ends_at, opens_at=self.opens_at,
                closes_at=self.closes_at, has_waiting_list=self.has_waiting_list, places_left=left,
            ),
            now=now,
        )  # fmt: skip


def load_form(session: Session, slug: str) -> FormFacts:
    """The form of a published event. Raises NotFoundError, for a draft too."""
    row = session.execute(_EVENT, {"slug": slug}).one_or_none()
    if row is None or row.state == EventState.DRAFT:
        raise NotFoundError("event", slug)
    see_mark(session, row[-1])
    tickets = session.execute(_OF_TICKETS, {"event_id": row.id}).all()
    parts = session.execute(_OF_PARTS, {"event_id": row.id}).all()
    return FormFacts(
        id=row.id,
        slug=row.slug,
        kind=row.kind,
        title=row.title,
        presence=Presence(row.presence),
        place=row.place or "",
        venue=row.venue,
        time_zone=row.time_zone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        state=EventState(row.state),
        needs_approval=row.needs_approval,
        largest_group=row.largest_group,
        has_waiting_list=row.has_waiting_list,
        lets_smaller_pass=row.lets_smaller_pass,
        asks_costs=row.asks_costs,
        notes_photos=row.notes_photos,
        parts=_build_parts(parts),
        tickets=_build_tickets(tickets, row.presence, _left(row.seats, row.taken)),
        questions=list_questions(session, row.id),
    )


def _build_parts(rows: Sequence[Any]) -> tuple[PartChoice, ...]:
    return tuple(
        PartChoice(
            row.id, row.title, Presence(row.presence), row.room, row.starts_at, row.ends_at, row.is_chosen,
            _left(row.seats, row.taken),
        )
        for row in rows
    )  # fmt: skip


def _build_tickets(rows: Sequence[Any], presence: str, whole: int | None) -> tuple[TicketChoice, ...]:
    found = []
    for row in rows:
        shares = takes_event_seat(
            event_presence=presence, ticket_presence=row.presence, is_partner=row.is_partner
        )
        left = fewest_left([whole if shares else None, _left(row.seats, row.taken)])
        found.append(
            TicketChoice(
                row.id, row.name, Presence(row.presence), row.is_partner, row.access_code, row.valid_on, left
            )
        )
    return tuple(found)


def _left(seats: int | None, taken: int | None) -> int | None:
    return None if seats is None else max(0, seats - (taken or 0))
