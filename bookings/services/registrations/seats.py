"""Taking seats and giving them back. Parts of use cases.

Whoever changes seats, or decides who gets one, locks the event's pools first and reads people afterwards:
one order for all. A trigger counts the seats, and a rule of the database refuses the one too many.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.event_errors import EventFullError
from bookings.domain.waiting import Needs, Wait, find_short_behind, find_short_pool
from bookings.models.events import Event, EventPart, TicketKind
from bookings.models.registrations import Registration, RegistrationPart, Seat
from bookings.queries.registrations.groups import Group, load_group
from bookings.queries.registrations.pools import (
    Pool,
    Seating,
    TicketFacts,
    has_queue,
    list_tickets,
    lock_pools,
    lock_pools_of,
    walk_queue,
)

_ADD_SEATS, _ADD_PARTS = insert(table_of(Seat)), insert(table_of(RegistrationPart))
_GUARD = "ck_seat_pool_capacity"


@dataclass
class Room:
    """An event's seats under the lock. The queue is read when somebody asks."""

    session: Session
    event: Event
    pools: Sequence[Pool]
    ticket: TicketKind | None = None
    """The one kind of ticket that matters while nobody waits."""
    _seating: Seating | None = None
    _queue: list[Wait] | None = field(default=None)

    @property
    def seating(self) -> Seating:
        """Who needs which pool."""
        if self._seating is None:
            tickets = self._list_tickets()
            self._seating = Seating(self.pools, presence=self.event.presence, tickets=tickets)
        return self._seating

    def _list_tickets(self) -> dict[int, TicketFacts]:
        if self.ticket is None or has_queue(self.session, self.event.id):
            return list_tickets(self.session, self.event.id)
        self._queue = []
        return {self.ticket.id: TicketFacts(self.ticket.is_partner, self.ticket.presence)}

    @property
    def queue(self) -> list[Wait]:
        """Who waits without an offer."""
        if self._queue is None:
            self._queue = list(self._walk_queue())
        return self._queue

    def _walk_queue(self) -> Iterable[Wait]:
        if self._queue is not None:
            return self._queue
        return walk_queue(self.session, self.event.id, self.seating)

    def find_short(self, needs: Needs) -> int | None:
        """The pool that lets nobody new in: it is too full, or others wait for its seats."""
        free = self.seating.free
        short = find_short_pool(needs, free)
        if short is not None:
            return short
        return find_short_behind(
            self._walk_queue(), needs, free, lets_smaller_pass=self.event.lets_smaller_pass
        )

    def give_back_parts(self, person: Registration, part_ids: Sequence[int]) -> None:
        """The seats of these parts only."""
        pools = [pool.id for pool in self.pools if pool.part_id in part_ids]
        statement = delete(Seat).where(Seat.registration_id == person.id, Seat.pool_id.in_(pools))
        self.session.execute(statement, execution_options=_UNSEEN)

    def list_passed(self, needs: Needs) -> list[int]:
        """Those in the queue who wait for the same seats."""
        return [wait.id for wait in self.queue if wait.needs.keys() & needs.keys()]


def open_room(session: Session, event: Event, *, ticket: TicketKind | None = None) -> Room:
    """Lock the seats of an event; `ticket` where everybody has the same."""
    return Room(session, event, lock_pools(session, event.id), ticket)


def open_group(session: Session, registration_id: int, *, alone: bool = False) -> tuple[Room, Group]:
    """Lock the seats of an event, then a person with those who come along. Raises NotFoundError."""
    pools = lock_pools_of(session, registration_id)
    # Each part that can be chosen has a pool.
    has_parts = not pools or any(pool.part_id is not None for pool in pools)
    group = load_group(session, registration_id, alone=alone, has_parts=has_parts)
    return Room(session, group.event, pools), group


def needs_of(room: Room, group: Group, people: Sequence[Registration] | None = None) -> Needs:
    """Seats that people of a group need, by pool."""
    chosen = group.people if people is None else people
    return room.seating.count_needs((one.ticket_id, group.part_ids(one)) for one in chosen)


def take_seats(room: Room, group: Group, people: Sequence[Registration] | None = None) -> None:
    """A seat for each in each pool, or none for anybody. Raises EventFullError."""
    chosen = group.people if people is None else people
    rows = [
        {"pool_id": pool, "registration_id": one.id}
        for one in chosen
        for pool in room.seating.list_pools(one.ticket_id, group.part_ids(one))
    ]
    if rows:
        with refusing_when_full():
            room.session.execute(_ADD_SEATS, rows)
    group.seated |= frozenset(one.id for one in chosen)


def free_seats(session: Session, people: Sequence[Registration]) -> None:
    """Give back what these people have."""
    ids = [one.id for one in people]
    session.execute(delete(Seat).where(Seat.registration_id.in_(ids)), execution_options=_UNSEEN)


def add_parts(session: Session, chosen: Sequence[tuple[int, Sequence[EventPart]]]) -> None:
    """Note which parts people chose."""
    rows = [
        {"registration_id": registration_id, "part_id": part.id}
        for registration_id, parts in chosen
        for part in parts
    ]
    if rows:
        session.execute(_ADD_PARTS, rows)


@contextmanager
def refusing_when_full() -> Iterator[None]:
    """What the database refuses because of a pool's capacity is said in our words. Raises EventFullError."""
    try:
        yield
    except IntegrityError as error:
        if _GUARD in str(error.orig):
            raise EventFullError from error
        raise


_UNSEEN = {"synchronize_session": False}
