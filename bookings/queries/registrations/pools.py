"""Seats that are left, and who stands in the queue for them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.events import EventState, takes_event_seat
from bookings.domain.registrations import OfferState, RegistrationState
from bookings.domain.waiting import Needs, Wait
from bookings.models.events import Event, SeatPool, TicketKind
from bookings.models.registrations import Offer, Registration, RegistrationPart, WaitingListEntry

_POOLS, _ENTRIES, _OFFERS = table_of(SeatPool).c, table_of(WaitingListEntry).c, table_of(Offer).c
_PEOPLE, _PARTS = table_of(Registration).c, table_of(RegistrationPart).c
_LOCK = (
    select(_POOLS.id, _POOLS.part_id, _POOLS.ticket_id, _POOLS.capacity, _POOLS.taken)
    .order_by(_POOLS.id)
    .with_for_update()
)
_LOCK_OF_EVENT = _LOCK.where(_POOLS.event_id == bindparam("event_id"))
_LOCK_OF_PERSON = _LOCK.where(
    _POOLS.event_id
    == select(_PEOPLE.event_id).where(_PEOPLE.id == bindparam("registration_id")).scalar_subquery()
)
HAS_OFFER = exists().where(_OFFERS.waiting_list_entry_id == _ENTRIES.id, _OFFERS.state == OfferState.OPEN)
_STRETCH = (
    select(_ENTRIES.id, _ENTRIES.registration_id)
    .where(
        _ENTRIES.event_id == bindparam("event_id"), _ENTRIES.left_at.is_(None), ~HAS_OFFER,
        _ENTRIES.id > bindparam("after"),
    )
    .order_by(_ENTRIES.id)
    .limit(bindparam("most"))
)  # fmt: skip
_LEADERS: BindParameter[int] = bindparam("leaders", expanding=True)
_THEIR_PEOPLE = (
    select(func.coalesce(_PEOPLE.leader_id, _PEOPLE.id), _PEOPLE.id, _PEOPLE.ticket_id, _PARTS.part_id)
    .outerjoin_from(table_of(Registration), table_of(RegistrationPart), _PARTS.registration_id == _PEOPLE.id)
    .where(
        or_(_PEOPLE.id.in_(_LEADERS), _PEOPLE.leader_id.in_(_LEADERS)),
        _PEOPLE.state == RegistrationState.WAITING,
    )
)
_FIRST_STRETCH, _STRETCHES = 10, 400
"""Who only asks whether somebody stands in front reads few; all are read in few statements."""
_HAS_QUEUE = (
    select(_ENTRIES.id).where(_ENTRIES.event_id == bindparam("event_id"), _ENTRIES.left_at.is_(None)).limit(1)
)
_TICKETS = select(TicketKind.id, TicketKind.is_partner, TicketKind.presence).where(
    TicketKind.event_id == bindparam("event_id")
)


@dataclass(frozen=True)
class Pool:
    """Seats of the whole event, of a part, or of a ticket kind."""

    id: int
    part_id: int | None
    ticket_id: int | None
    capacity: int | None
    taken: int

    @property
    def free(self) -> int | None:
        """Seats that are left; None where there is no end of them."""
        return None if self.capacity is None else self.capacity - self.taken


@dataclass(frozen=True)
class TicketFacts:
    """What of a ticket decides where its seats come from."""

    is_partner: bool
    presence: str


class Seating:
    """The pools of an event as they stand under the lock, and who needs which."""

    def __init__(self, pools: Sequence[Pool], *, presence: str, tickets: Mapping[int, TicketFacts]) -> None:
        self.pools = {pool.id: pool for pool in pools}
        self._presence, self._tickets = presence, tickets
        self._whole = next((one.id for one in pools if one.part_id is None and one.ticket_id is None), None)
        self._of_part = {pool.part_id: pool.id for pool in pools if pool.part_id is not None}
        self._of_ticket = {pool.ticket_id: pool.id for pool in pools if pool.ticket_id is not None}

    @property
    def free(self) -> dict[int, int | None]:
        """Seats left in each pool."""
        return {pool.id: pool.free for pool in self.pools.values()}

    def list_pools(self, ticket_id: int, part_ids: Iterable[int]) -> list[int]:
        """The pools in which one person with this ticket and these parts takes a seat."""
        found = [self._of_part[part] for part in sorted(set(part_ids)) if part in self._of_part]
        if ticket_id in self._of_ticket:
            found.append(self._of_ticket[ticket_id])
        if self._whole is not None and self._fills_room(self._tickets[ticket_id]):
            found.append(self._whole)
        return sorted(found)

    def count_needs(self, people: Iterable[tuple[int, Iterable[int]]]) -> Needs:
        """Seats by pool for people of (ticket, parts)."""
        return Counter(pool for ticket, parts in people for pool in self.list_pools(ticket, parts))

    def _fills_room(self, ticket: TicketFacts) -> bool:
        return takes_event_seat(
            event_presence=self._presence, ticket_presence=ticket.presence, is_partner=ticket.is_partner
        )


def lock_pools(session: Session, event_id: int) -> list[Pool]:
    """The pools of an event, locked in the order of their ids until the transaction ends."""
    return [Pool(*row) for row in session.execute(_LOCK_OF_EVENT, {"event_id": event_id})]


def lock_pools_of(session: Session, registration_id: int) -> list[Pool]:
    """The pools of the event that somebody registered for, locked in the same order."""
    return [Pool(*row) for row in session.execute(_LOCK_OF_PERSON, {"registration_id": registration_id})]


def list_tickets(session: Session, event_id: int) -> dict[int, TicketFacts]:
    """What of the tickets of an event decides about seats, by their ids."""
    return {row[0]: TicketFacts(*row[1:]) for row in session.execute(_TICKETS, {"event_id": event_id})}


def has_queue(session: Session, event_id: int) -> bool:
    """Does anybody wait, or think about an offer?"""
    return session.scalar(_HAS_QUEUE, {"event_id": event_id}) is not None


def walk_queue(session: Session, event_id: int, seating: Seating) -> Iterator[Wait]:
    """Who waits, without those who have an offer, in the order of joining; read as far as somebody asks."""
    after, most = 0, _FIRST_STRETCH
    while True:
        values = {"event_id": event_id, "after": after, "most": most}
        entries = session.execute(_STRETCH, values).all()
        people = list_wishes(session, [row.registration_id for row in entries]) if entries else {}
        for entry_id, leader_id in entries:
            if leader_id in people:
                yield Wait(entry_id, seating.count_needs(people[leader_id].values()))
        if len(entries) < most:
            return
        after, most = entries[-1].id, _STRETCHES


def list_wishes(session: Session, leaders: Sequence[int]) -> dict[int, dict[int, tuple[int, list[int]]]]:
    """Leader → person who waits → ticket and chosen parts."""
    found: dict[int, dict[int, tuple[int, list[int]]]] = {}
    for leader_id, person_id, ticket_id, part_id in session.execute(_THEIR_PEOPLE, {"leaders": leaders}):
        _ticket, parts = found.setdefault(leader_id, {}).setdefault(person_id, (ticket_id, []))
        parts.extend([part_id] if part_id is not None else [])
    return found


def list_events_to_promote(session: Session, *, now: datetime) -> list[int]:
    """Events to come at which somebody waits without an offer."""
    waits = exists().where(
        WaitingListEntry.event_id == Event.id,
        WaitingListEntry.left_at.is_(None),
        ~exists().where(Offer.waiting_list_entry_id == WaitingListEntry.id, Offer.state == OfferState.OPEN),
    )
    found = select(Event.id).where(Event.state == EventState.PUBLISHED, Event.starts_at > now, waits)
    return list(session.scalars(found.order_by(Event.id)))
