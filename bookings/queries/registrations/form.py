"""What the registration form of an event asks and offers, in two statements where nobody has changed it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.errors import NotFoundError
from bookings.domain.event_places import EventPlace
from bookings.domain.events import (
    Door,
    DoorFacts,
    EventState,
    Presence,
    count_left,
    fewest_left,
    is_for_everybody,
    read_door,
    takes_event_seat,
)
from bookings.domain.questions import QuestionPlan
from bookings.models.directory import Place
from bookings.models.events import Event, EventPart, Question, SeatPool, TicketKind
from bookings.queries.event_places import find_event_place
from bookings.queries.questions import list_questions
from bookings.queries.registrations.behind import Left, count_left_behind, has_queue_to_pass
from bookings.queries.settings import MARK, see_mark

_EVENTS, _PLACES, _POOLS = table_of(Event).c, table_of(Place).c, table_of(SeatPool).c
_PARTS, _TICKETS = table_of(EventPart).c, table_of(TicketKind).c
_MOST_KEPT = 50
_UNREAD = {"summary", "description"}
"""Long texts that no form shows."""
_EVENT = (
    select(
        *(column for column in _EVENTS if column.key not in _UNREAD),
        _PLACES.name_en, _PLACES.name_sv, _PLACES.name_fi,
        exists().where(table_of(Question).c.event_id == _EVENTS.id).label("has_questions"),
        has_queue_to_pass().label("has_queue"),
        MARK,
    )
    .outerjoin_from(table_of(Event), table_of(Place), _PLACES.id == _EVENTS.place_id)
    .where(_EVENTS.slug == bindparam("slug"))
)  # fmt: skip
_OF_POOLS = select(_POOLS.id, _POOLS.part_id, _POOLS.ticket_id, _POOLS.capacity, _POOLS.taken).where(
    _POOLS.event_id == bindparam("event_id")
)
_OF_PARTS = (
    select(
        _PARTS.id, _PARTS.title, _PARTS.presence, _PARTS.room, _PARTS.starts_at, _PARTS.ends_at,
        _PARTS.is_chosen, _PARTS.site_id,
    )
    .where(_PARTS.event_id == bindparam("event_id"))
    .order_by(_PARTS.starts_at, _PARTS.position, _PARTS.id)
)  # fmt: skip
_OF_TICKETS = (
    select(
        _TICKETS.id, _TICKETS.name, _TICKETS.presence, _TICKETS.is_partner, _TICKETS.access_code,
        _TICKETS.valid_on,
    )
    .where(_TICKETS.event_id == bindparam("event_id"))
    .order_by(_TICKETS.position, _TICKETS.id)
)  # fmt: skip


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
    site_id: int | None
    """A host's site, with clocks of its own."""
    left: int | None = None


@dataclass(frozen=True)
class TicketChoice:
    """A kind of ticket with the places that are left of it."""

    id: int
    name: Mapping[str, str]
    presence: Presence
    is_partner: bool
    access_code: str
    valid_on: date | None
    left: int | None = None

    @property
    def is_for_everybody(self) -> bool:
        """Neither behind a code nor set aside: without a code only staff give partners' places out."""
        return is_for_everybody(is_partner=self.is_partner, access_code=self.access_code)


@dataclass(frozen=True, kw_only=True)
class FormFacts:
    """An event as its registration form needs it."""

    id: int
    slug: str
    kind: str
    title: Mapping[str, str]
    presence: Presence
    where: EventPlace
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
        lefts = [one.left for one in self.tickets if one.is_for_everybody]
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
    offer = _load_offer(session, row.id, row.version)
    behind = count_left_behind(session, [row.id] if row.has_queue else [])
    seats = _load_seats(session, row.id, behind)
    return FormFacts(
        id=row.id,
        slug=row.slug,
        kind=row.kind,
        title=row.title,
        presence=Presence(row.presence),
        where=_find_where(session, row),
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
        parts=tuple(replace(part, left=seats.of_part.get(part.id)) for part in offer.parts),
        tickets=tuple(_count_left(ticket, row.presence, seats) for ticket in offer.tickets),
        questions=list_questions(session, row.id) if row.has_questions else (),
    )


@dataclass(frozen=True)
class _Offer:
    """What one version of an event offers, without the places that are left."""

    version: int
    parts: Sequence[PartChoice]
    tickets: Sequence[TicketChoice]


def _find_where(session: Session, row: Any) -> EventPlace:
    """Only an event at a host's site is looked up in the directory."""
    if row.presence == Presence.ONLINE:
        return EventPlace()
    if row.site_id is not None:
        return find_event_place(session, row.id)
    town = {"en": row.name_en, "sv": row.name_sv, "fi": row.name_fi} if row.place_id else {}
    return EventPlace(venue=row.venue, address=row.address, town=town)


def _load_offer(session: Session, event_id: int, version: int) -> _Offer:
    """Every change of a part or of a ticket is a new version of the event: the last one read is kept."""
    kept: dict[int, _Offer] = current_app.extensions.setdefault("event_offers", {})
    found = kept.get(event_id)
    if found is None or found.version != version:
        parts, tickets = (session.execute(one, {"event_id": event_id}) for one in (_OF_PARTS, _OF_TICKETS))
        found = _Offer(
            version,
            [PartChoice(row.id, row.title, Presence(row.presence), *row[3:]) for row in parts],
            [TicketChoice(row.id, row.name, Presence(row.presence), *row[3:]) for row in tickets],
        )
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        kept[event_id] = found
    return found


@dataclass(frozen=True)
class _Seats:
    """Places that are left: in all, of parts, of kinds of tickets; None or missing where they have no end."""

    whole: int | None
    of_part: Mapping[int, int | None]
    of_ticket: Mapping[int, int | None]


def _load_seats(session: Session, event_id: int, behind: Left) -> _Seats:
    whole, of_part, of_ticket = None, dict[int, int | None](), dict[int, int | None]()
    for pool_id, part_id, ticket_id, *counts in session.execute(_OF_POOLS, {"event_id": event_id}):
        left = behind[pool_id] if pool_id in behind else count_left(*counts)
        if part_id is not None:
            of_part[part_id] = left
        elif ticket_id is not None:
            of_ticket[ticket_id] = left
        else:
            whole = left
    return _Seats(whole, of_part, of_ticket)


def _count_left(ticket: TicketChoice, presence: str, seats: _Seats) -> TicketChoice:
    """A ticket's own places, and those of the whole event where it takes one."""
    own = seats.of_ticket.get(ticket.id)
    shares = takes_event_seat(
        event_presence=presence, ticket_presence=ticket.presence, is_partner=ticket.is_partner
    )
    return replace(ticket, left=fewest_left([seats.whole if shares else None, own]))
