"""Staff's lists of an event: who registered, and who stands in the queue and why there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.errors import NotFoundError
from bookings.domain.events import EventState, Texts
from bookings.domain.registrations import LIVE_STATES, OfferState, RegistrationState
from bookings.domain.text import fold
from bookings.domain.time import home_day
from bookings.models.events import Event, EventPart, SeatPool, TicketKind
from bookings.models.registrations import Offer, Registration, RegistrationPart, WaitingListEntry

PER_PAGE = 25
_MOST_LOST = 50
LONGEST_SEARCH = 100
_PEOPLE = table_of(Registration).c
_PARTS = table_of(RegistrationPart).c
# Each state for itself: SQLite then only counts in the index; to group, it also compares each state found.
_COUNTS = select(
    *(
        select(func.count())
        .where(_PEOPLE.event_id == bindparam("event_id"), _PEOPLE.state == state.value)
        .scalar_subquery()
        .label(state.value)
        for state in RegistrationState
    )
)


@dataclass(frozen=True)
class ListFilter:
    """What of the list is shown. `state`: live, all or one state; `ticket` and `part`: an id."""

    state: str = "live"
    ticket: int | None = None
    part: int | None = None
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class ListEvent:
    """The event above a list, with what its list can be narrowed by."""

    id: int
    slug: str
    title: Texts
    state: EventState
    time_zone: str
    needs_approval: bool
    has_waiting_list: bool
    lets_smaller_pass: bool
    capacity: int | None
    taken: int
    tickets: Mapping[int, Texts]
    parts: Mapping[int, Texts]


@dataclass(frozen=True)
class ListRow:
    """A registration in the list."""

    id: int
    reference: str
    name: str
    email: str
    organisation: str
    state: RegistrationState
    ticket_id: int
    leader_id: int | None
    created_on: date
    is_lost: bool
    """Mails to the address come back."""
    part_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class ListPage:
    """One page of the list, and how many registrations there are in each state."""

    rows: tuple[ListRow, ...]
    page: int
    pages: int
    total: int
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LostGuest:
    """Somebody who registered, and whom mails don't reach."""

    slug: str
    title: Texts
    reference: str
    name: str
    email: str
    since: datetime


@dataclass(frozen=True)
class QueueEntry:
    """A place in the queue, and why it is still there."""

    place: int
    registration_id: int
    reference: str
    name: str
    people: int
    joined_at: datetime
    passed_over: int
    blocked_by: Texts | None
    """The part or ticket that is full; empty for the event as a whole."""
    seats_left: int | None
    is_blocked: bool
    offer_expires_at: datetime | None


def load_list_event(session: Session, slug: str) -> ListEvent:
    """The event of a list. Raises NotFoundError."""
    is_whole = SeatPool.part_id.is_(None) & SeatPool.ticket_id.is_(None)
    row = session.execute(
        select(
            Event.id, Event.slug, Event.title, Event.state, Event.time_zone, Event.needs_approval,
            Event.has_waiting_list, Event.lets_smaller_pass, Event.capacity, SeatPool.taken,
        )
        .outerjoin(SeatPool, (SeatPool.event_id == Event.id) & is_whole)
        .where(Event.slug == slug)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise NotFoundError("event", slug)
    tickets = select(TicketKind.id, TicketKind.name).where(TicketKind.event_id == row.id)
    parts = select(EventPart.id, EventPart.title).where(EventPart.event_id == row.id)
    return ListEvent(
        id=row.id,
        slug=row.slug,
        title=row.title,
        state=EventState(row.state),
        time_zone=row.time_zone,
        needs_approval=row.needs_approval,
        has_waiting_list=row.has_waiting_list,
        lets_smaller_pass=row.lets_smaller_pass,
        capacity=row.capacity,
        taken=row.taken or 0,
        tickets=_pairs(session.execute(tickets.order_by(TicketKind.position))),
        parts=_pairs(session.execute(parts.order_by(EventPart.starts_at, EventPart.id))),
    )


def list_registrations(session: Session, event_id: int, wanted: ListFilter, *, page: int = 1) -> ListPage:
    """The newest first; the same few statements for any number of rows."""
    counts = _count_states(session, event_id)
    is_plain = not (wanted.ticket or wanted.part or wanted.text)
    total = _sum(counts, wanted.state) if is_plain else _count(session, _conditions(event_id, wanted))
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    ids = list_ids(event_id, wanted).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    found = session.execute(_rows(ids)).all()
    chosen = _list_parts(session, [row.id for row in found])
    rows = tuple(_build_row(row, chosen.get(row.id, ())) for row in found)
    return ListPage(rows, page, pages, total, counts)


def list_ids(event_id: int, wanted: ListFilter) -> Select[int]:
    """Who is in the list, the newest first: an index alone answers, so that one page of people is read."""
    return select(_PEOPLE.id).where(*_conditions(event_id, wanted)).order_by(_PEOPLE.id.desc())


def list_lost_guests(session: Session, *, now: datetime) -> list[LostGuest]:
    """Whose mails came back, of events that are not over: the nearest event first."""
    rows = session.execute(
        select(
            Event.slug, Event.title, _PEOPLE.reference, _PEOPLE.name, _PEOPLE.email, _PEOPLE.undeliverable_at,
        )
        .select_from(table_of(Registration))
        .join(Event, Event.id == _PEOPLE.event_id)
        .where(
            _PEOPLE.undeliverable_at.is_not(None), _PEOPLE.state.in_(LIVE_STATES), Event.ends_at > now
        )
        .order_by(Event.starts_at, _PEOPLE.id)
        .limit(_MOST_LOST)
    )  # fmt: skip
    return [LostGuest(*row) for row in rows]


def list_queue_entries(session: Session, event_id: int) -> list[QueueEntry]:
    """Who stands in the queue, in the order in which places are offered."""
    entry, pool = WaitingListEntry, SeatPool
    is_open = (Offer.waiting_list_entry_id == entry.id) & (Offer.state == OfferState.OPEN)
    rows = session.execute(
        select(
            entry.registration_id, Registration.reference, Registration.name, entry.people, entry.joined_at,
            entry.passed_over, pool.id.label("pool_id"), pool.capacity, pool.taken,
            EventPart.title, TicketKind.name.label("ticket"), Offer.expires_at,
        )
        .join(Registration, Registration.id == entry.registration_id)
        .outerjoin(pool, pool.id == entry.blocked_pool_id)
        .outerjoin(EventPart, EventPart.id == pool.part_id)
        .outerjoin(TicketKind, TicketKind.id == pool.ticket_id)
        .outerjoin(Offer, is_open)
        .where(entry.event_id == event_id, entry.left_at.is_(None))
        .order_by(entry.id)
    )  # fmt: skip
    return [
        QueueEntry(
            place, row.registration_id, row.reference, row.name, row.people, row.joined_at, row.passed_over,
            row.title or row.ticket, None if row.capacity is None else max(0, row.capacity - row.taken),
            row.pool_id is not None, row.expires_at,
        )
        for place, row in enumerate(rows, 1)
    ]  # fmt: skip


def _pairs(rows: Any) -> dict[int, Texts]:
    return {row[0]: row[1] for row in rows}


def _count_states(session: Session, event_id: int) -> dict[str, int]:
    found = session.execute(_COUNTS, {"event_id": event_id}).mappings().one()
    return {state: number for state, number in found.items() if number}


def _sum(counts: Mapping[str, int], state: str) -> int:
    if state == "all":
        return sum(counts.values())
    states = LIVE_STATES if state == "live" else (state,)
    return sum(counts.get(one, 0) for one in states)


def _conditions(event_id: int, wanted: ListFilter) -> list[ColumnElement[bool]]:
    found = [_PEOPLE.event_id == event_id]
    if wanted.state != "all":
        states = LIVE_STATES if wanted.state == "live" else (wanted.state,)
        found.append(_PEOPLE.state.in_(states))
    if wanted.ticket:
        found.append(_PEOPLE.ticket_id == wanted.ticket)
    if wanted.part:
        found.append(exists().where(_PARTS.registration_id == _PEOPLE.id, _PARTS.part_id == wanted.part))
    # Every word has to be there: "anna vaasa" finds Anna of the city of Vaasa.
    found += [_PEOPLE.search_key.contains(word, autoescape=True) for word in fold(wanted.text).split()]
    return found


def _count(session: Session, conditions: Sequence[ColumnElement[bool]]) -> int:
    found = select(func.count()).select_from(table_of(Registration)).where(*conditions)
    return session.scalar(found) or 0


def _rows(ids: Select[Any]) -> Select[Any]:
    return (
        select(
            _PEOPLE.id, _PEOPLE.reference, _PEOPLE.name, _PEOPLE.email, _PEOPLE.organisation_name,
            _PEOPLE.state, _PEOPLE.ticket_id, _PEOPLE.leader_id, _PEOPLE.created_at,
            _PEOPLE.undeliverable_at,
        )
        .where(_PEOPLE.id.in_(ids.subquery().select()))
        .order_by(_PEOPLE.id.desc())
    )  # fmt: skip


def _build_row(row: Any, part_ids: Sequence[int]) -> ListRow:
    return ListRow(
        row.id, row.reference, row.name, row.email, row.organisation_name, RegistrationState(row.state),
        row.ticket_id, row.leader_id, home_day(row.created_at), row.undeliverable_at is not None,
        tuple(part_ids),
    )  # fmt: skip


def _list_parts(session: Session, ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = session.execute(
        select(_PARTS.registration_id, _PARTS.part_id)
        .where(_PARTS.registration_id.in_(ids))
        .order_by(_PARTS.part_id)
    )
    for registration_id, part_id in rows:
        found.setdefault(registration_id, []).append(part_id)
    return found
