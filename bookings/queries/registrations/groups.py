"""What use cases read of registrations: an event's door, a person, a group."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from bookings.db import table_of
from bookings.domain.errors import NotFoundError
from bookings.domain.events import EventState
from bookings.domain.registrations import LIVE_STATES, RegistrationState
from bookings.models.calendar import CalendarEntry
from bookings.models.events import Event, EventPart, TicketKind
from bookings.models.registrations import (
    Registration,
    RegistrationAgreement,
    RegistrationEntry,
    RegistrationPart,
    Seat,
)
from bookings.queries.event_places import WITH_PLACE, WITH_SITE

_DOOR = (
    select(Event, TicketKind)
    .join(TicketKind, TicketKind.event_id == Event.id)
    .where(
        Event.slug == bindparam("slug"), TicketKind.id == bindparam("ticket_id"),
        Event.state != EventState.DRAFT,
    )
    .options(WITH_PLACE)
)  # fmt: skip
_PEOPLE = table_of(Registration).c
_EARLIER = select(_PEOPLE.id, _PEOPLE.reference, _PEOPLE.state, _PEOPLE.form_key, _PEOPLE.event_id).where(
    or_(
        _PEOPLE.form_key == bindparam("form_key"),
        (_PEOPLE.email == bindparam("email"))
        & (_PEOPLE.event_id == bindparam("event_id"))
        & _PEOPLE.state.in_(LIVE_STATES),
    )
)
_OF_ORGANISATION = select(func.count()).where(
    _PEOPLE.event_id == bindparam("event_id"),
    _PEOPLE.organisation_key == bindparam("organisation_key"),
    _PEOPLE.state.in_(LIVE_STATES),
)
_HAS_SEAT = exists().where(Seat.registration_id == Registration.id)
_IS_MEANT = Registration.id == bindparam("registration_id")
_LOCKED = (
    select(Registration, _HAS_SEAT)
    .order_by(Registration.id)
    .options(joinedload(Registration.ticket), joinedload(Registration.event).options(WITH_PLACE))
    .with_for_update(of=Registration)
    .execution_options(populate_existing=True)
)
_ALONE = _LOCKED.where(_IS_MEANT)
_WITH_MEMBERS = _LOCKED.where(or_(_IS_MEANT, Registration.leader_id == bindparam("registration_id")))
_CHOSEN = (
    select(RegistrationPart.registration_id, EventPart)
    .join(EventPart, EventPart.id == RegistrationPart.part_id)
    .order_by(EventPart.starts_at, EventPart.id)
    .options(WITH_SITE)
)


@dataclass
class Group:
    """One who registered with those who come along; each with the chosen parts."""

    event: Event
    people: list[Registration]
    parts: dict[int, list[EventPart]] = field(default_factory=dict)
    seated: frozenset[int] = frozenset()
    """Ids of those who have seats."""
    is_alone: bool = False
    """Only the one who was meant was read, whoever may come along."""

    @property
    def leader(self) -> Registration:
        return self.people[0]

    def part_ids(self, person: Registration) -> list[int]:
        """The parts that a person chose."""
        return [part.id for part in self.parts.get(person.id, ())]


def find_door(session: Session, slug: str, ticket_id: int) -> tuple[Event, TicketKind]:
    """An event that was published, with one of its tickets. Raises NotFoundError."""
    row = session.execute(_DOOR, {"slug": slug, "ticket_id": ticket_id}).one_or_none()
    if row is None:
        raise NotFoundError("event", slug)
    return row[0], row[1]


def list_earlier(session: Session, event_id: int, *, form_key: str, email: str) -> list[Any]:
    """Registrations of this form, or of this address at the event: id, reference, state, form_key, event."""
    # An address that is not known yet is nobody's.
    values = {"form_key": form_key, "email": email or "-", "event_id": event_id}
    return list(session.execute(_EARLIER, values))


def count_of_organisation(session: Session, event_id: int, key: str) -> int:
    """How many come, or want to, from an organisation."""
    return session.scalar(_OF_ORGANISATION, {"event_id": event_id, "organisation_key": key}) or 0


def list_chosen_parts(session: Session, event_id: int, part_ids: Collection[int]) -> list[EventPart]:
    """Those of the parts that are this event's, in the order of time."""
    if not part_ids:
        return []
    found = select(EventPart).where(EventPart.event_id == event_id, EventPart.id.in_(sorted(part_ids)))
    return list(session.scalars(found.order_by(EventPart.starts_at, EventPart.id).options(WITH_SITE)))


def list_parts_to_choose(session: Session, event_id: int) -> list[EventPart]:
    """All those that people of an event choose from, in the order of time."""
    found = select(EventPart).where(EventPart.event_id == event_id, EventPart.is_chosen)
    return list(session.scalars(found.order_by(EventPart.starts_at, EventPart.id).options(WITH_SITE)))


def load_event(session: Session, event_id: int) -> Event:
    """The event with its place."""
    return session.scalars(select(Event).where(Event.id == event_id).options(WITH_PLACE)).one()


def load_group(
    session: Session, registration_id: int, *, alone: bool = False, has_parts: bool = True
) -> Group:
    """A registration, first, with those whom it leads; all locked. Raises NotFoundError.

    Without `has_parts` nobody looks for what was chosen: the event has nothing to choose from.
    """
    found = session.execute(_ALONE if alone else _WITH_MEMBERS, {"registration_id": registration_id})
    rows = sorted(found, key=lambda row: (row[0].id != registration_id, row[0].id))
    if not rows or rows[0][0].id != registration_id:
        raise NotFoundError("registration", str(registration_id))
    people = [row[0] for row in rows]
    seated = frozenset(person.id for person, has_seat in rows if has_seat)
    parts = _load_parts(session, [one.id for one in people]) if has_parts else {}
    return Group(people[0].event, people, parts, seated, alone)


def _load_parts(session: Session, ids: Collection[int]) -> dict[int, list[EventPart]]:
    parts: dict[int, list[EventPart]] = {}
    for registration_id, part in session.execute(_CHOSEN.where(RegistrationPart.registration_id.in_(ids))):
        parts.setdefault(registration_id, []).append(part)
    return parts


def load_entries(session: Session, registration_ids: Collection[int]) -> dict[int, list[RegistrationEntry]]:
    """The calendar entries of people, with their attendees, in the order of days."""
    found = (
        select(RegistrationEntry)
        .where(RegistrationEntry.registration_id.in_(registration_ids))
        .options(joinedload(RegistrationEntry.calendar_entry).joinedload(CalendarEntry.attendees))
        .order_by(RegistrationEntry.day)
    )
    entries: dict[int, list[RegistrationEntry]] = {}
    for entry in session.scalars(found).unique():
        entries.setdefault(entry.registration_id, []).append(entry)
    return entries


def find_clause(session: Session, registration_id: int) -> str:
    """The cost clause as this person agreed to it, or nothing."""
    found = select(RegistrationAgreement.text).where(RegistrationAgreement.registration_id == registration_id)
    return session.scalar(found) or ""


def is_address_live(session: Session, event_id: int, email: str, *, but: int) -> bool:
    """Has somebody else at this event the address?"""
    found = select(Registration.id).where(
        Registration.event_id == event_id, Registration.email == email, Registration.id != but,
        Registration.state.in_(LIVE_STATES),
    )  # fmt: skip
    return session.scalar(found.limit(1)) is not None


def list_overdue(session: Session, state: RegistrationState, *, now: datetime, most: int) -> list[int]:
    """Leaders whose time to answer is over."""
    found = select(Registration.id).where(
        Registration.state == state, Registration.respond_by <= now, Registration.leader_id.is_(None),
        # Those wait for staff, who have been asked to look at them.
        Registration.is_held_for_moderation.is_(False),
    )  # fmt: skip
    return list(session.scalars(found.order_by(Registration.respond_by, Registration.id).limit(most)))


def find_registration_of_entry(session: Session, entry_id: int) -> int | None:
    """Whose day at an event a calendar entry is."""
    found = select(RegistrationEntry.registration_id).where(RegistrationEntry.calendar_entry_id == entry_id)
    return session.scalar(found)
