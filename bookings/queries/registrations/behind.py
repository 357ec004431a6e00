"""Places behind the queue: what the next one who registers can have, not what is merely free."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.waiting import Wait, left_behind
from bookings.models.events import Event, SeatPool, TicketKind
from bookings.models.registrations import WaitingListEntry
from bookings.queries.registrations.pools import HAS_OFFER, Pool, Seating, TicketFacts, list_wishes

Left = Mapping[int, int | None]
"""Seat pool → places, None where there is no end of them; only pools of events at which somebody waits."""
_EVENTS, _ENTRIES = table_of(Event).c, table_of(WaitingListEntry).c
_POOLS, _TICKETS = table_of(SeatPool).c, table_of(TicketKind).c
_IDS: Any = bindparam("event_ids", expanding=True)
_OF_EVENTS = select(_EVENTS.id, _EVENTS.presence, _EVENTS.lets_smaller_pass).where(_EVENTS.id.in_(_IDS))
_OF_ENTRIES = (
    select(_ENTRIES.event_id, _ENTRIES.id, _ENTRIES.registration_id)
    .where(_ENTRIES.event_id.in_(_IDS), _ENTRIES.left_at.is_(None), ~HAS_OFFER)
    .order_by(_ENTRIES.id)
)
_OF_POOLS = select(
    _POOLS.event_id, _POOLS.id, _POOLS.part_id, _POOLS.ticket_id, _POOLS.capacity, _POOLS.taken
).where(_POOLS.event_id.in_(_IDS))
_OF_TICKETS = select(_TICKETS.event_id, _TICKETS.id, _TICKETS.is_partner, _TICKETS.presence).where(
    _TICKETS.event_id.in_(_IDS)
)


def has_queue_to_pass() -> ColumnElement[bool]:
    """Of the event in the row: are places free, and does somebody wait in front of whoever registers now?

    Where staff say yes first nobody stands in front: that one joins no queue yet.
    """
    event = table_of(Event)
    waits = select(_ENTRIES.id).where(_ENTRIES.event_id == _EVENTS.id, _ENTRIES.left_at.is_(None))
    is_free = _POOLS.capacity.is_(None) | (_POOLS.taken < _POOLS.capacity)
    frees = select(_POOLS.id).where(_POOLS.event_id == _EVENTS.id, is_free)
    return waits.correlate(event).exists() & frees.correlate(event).exists() & ~_EVENTS.needs_approval


def count_left_behind(session: Session, event_ids: Iterable[int]) -> dict[int, int | None]:
    """For events at which somebody waits: in five statements, whatever their number; none for no event."""
    values = {"event_ids": list(event_ids)}
    if not values["event_ids"]:
        return {}
    entries = _group(session.execute(_OF_ENTRIES, values))
    wishes = list_wishes(session, [leader for rows in entries.values() for _entry, leader in rows])
    pools, tickets = (_group(session.execute(query, values)) for query in (_OF_POOLS, _OF_TICKETS))
    left: dict[int, int | None] = {}
    for event_id, presence, lets_smaller_pass in session.execute(_OF_EVENTS, values):
        seating = Seating(
            [Pool(*row) for row in pools.get(event_id, ())],
            presence=presence,
            tickets={row[0]: TicketFacts(*row[1:]) for row in tickets.get(event_id, ())},
        )
        queue = [
            Wait(entry_id, seating.count_needs(wishes[leader].values()))
            for entry_id, leader in entries.get(event_id, ())
            if leader in wishes
        ]
        left |= left_behind(queue, seating.free, lets_smaller_pass=lets_smaller_pass)
    return left


def _group(rows: Iterable[Any]) -> dict[int, list[Sequence[Any]]]:
    """The rows of each event, by their first column."""
    found: dict[int, list[Sequence[Any]]] = {}
    for event_id, *more in rows:
        found.setdefault(event_id, []).append(more)
    return found
