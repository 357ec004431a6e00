"""The page of one person: how the registration stands, the parts, the place in the queue, who comes along."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from bookings.db import table_of
from bookings.domain.errors import LinkNotFoundError
from bookings.domain.event_places import EventPlace
from bookings.domain.events import Presence
from bookings.domain.links import MAILED, LinkPurpose
from bookings.domain.questions import QuestionPlan
from bookings.domain.registrations import LIVE_STATES, OfferState, RegistrationState
from bookings.models.events import Event, EventPart
from bookings.models.registrations import (
    Offer,
    Registration,
    RegistrationPart,
    WaitingListEntry,
)
from bookings.queries.event_places import WITH_PLACE, place_of_event
from bookings.queries.links import find_any_link, find_link
from bookings.queries.questions import list_questions

_PEOPLE, _EVENTS = table_of(Registration).c, table_of(Event).c
_MEMBER, _CHOICE = table_of(Registration).alias().c, table_of(RegistrationPart).c
_PERSON = (
    select(
        Registration,
        exists().where(_MEMBER.leader_id == Registration.id).label("has_members"),
        exists().where(_CHOICE.registration_id == Registration.id).label("has_parts"),
    )
    .where(Registration.id == bindparam("registration_id"))
    .options(joinedload(Registration.ticket), joinedload(Registration.event).options(WITH_PLACE))
    .execution_options(populate_existing=True)
)
_PARTS = (
    select(EventPart)
    .join(RegistrationPart, RegistrationPart.part_id == EventPart.id)
    .where(RegistrationPart.registration_id == bindparam("registration_id"))
    .order_by(EventPart.starts_at, EventPart.id)
)
_GROUP = (
    select(_PEOPLE.id, _PEOPLE.reference, _PEOPLE.name, _PEOPLE.email, _PEOPLE.state, _PEOPLE.verified_at)
    .where(or_(_PEOPLE.id == bindparam("head"), _PEOPLE.leader_id == bindparam("head")))
    .order_by(_PEOPLE.id)
)
_HOW_TO_PROVE = (
    select(
        _PEOPLE.reference, _PEOPLE.state, _EVENTS.title, _EVENTS.slug, _EVENTS.starts_at, _EVENTS.time_zone
    )
    .join_from(table_of(Registration), table_of(Event), _EVENTS.id == _PEOPLE.event_id)
    .where(_PEOPLE.id == bindparam("registration_id"))
)  # fmt: skip


@dataclass(frozen=True)
class Queued:
    """A place in the queue from the front; `passed_over`: how often somebody smaller was offered first."""

    place: int
    passed_over: int
    people: int
    joined_at: datetime
    offer_expires_at: datetime | None


@dataclass(frozen=True)
class Companion:
    """Somebody of the same group."""

    id: int
    reference: str
    name: str
    state: RegistrationState
    email: str
    is_proved: bool


@dataclass(frozen=True, kw_only=True)
class PersonPage:
    """A registration with everything that its page says; `questions` where it holds answers."""

    registration: Registration
    event: Event
    parts: tuple[EventPart, ...]
    queued: Queued | None
    leader: Companion | None
    members: tuple[Companion, ...]
    questions: tuple[QuestionPlan, ...]
    place: EventPlace
    is_mailed: bool = True
    """The link came by mail to the person, so it proves the address."""

    @property
    def state(self) -> RegistrationState:
        return RegistrationState(self.registration.state)

    @property
    def companions(self) -> tuple[Companion, ...]:
        """The members who still want to come."""
        return tuple(one for one in self.members if one.state in LIVE_STATES)

    @property
    def part_ids(self) -> tuple[int, ...]:
        return tuple(part.id for part in self.parts)

    @property
    def is_complete(self) -> bool:
        """Name and address are there, and proved by whom they belong to."""
        person = self.registration
        return bool(person.name and person.email) and person.verified_at is not None

    @property
    def awaits_proof(self) -> bool:
        """A mail is on its way to an address that only its link can prove."""
        return bool(self.registration.email) and not (self.is_complete or self.is_mailed)


def find_person_page(session: Session, token: str, *, now: datetime) -> PersonPage:
    """The page behind a personal link. Raises LinkNotFoundError or LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
    return replace(open_person_page(session, link.subject_id), is_mailed=link.sequence == MAILED)


def open_person_page(session: Session, registration_id: int) -> PersonPage:
    """The page of somebody whose link was looked at. Raises LinkNotFoundError when the person is gone."""
    found = load_person_page(session, registration_id)
    if found is None:
        raise LinkNotFoundError
    return found


@dataclass(frozen=True)
class ToProve:
    """What the link of the first mail is about."""

    reference: str
    state: RegistrationState
    event_title: Mapping[str, str]
    event_slug: str
    starts_at: datetime
    time_zone: str
    is_past: bool


def find_to_prove(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> ToProve:
    """The registration whose address the link proves, or denies. Raises LinkNotFoundError."""
    link = find_any_link(session, token, purpose)
    row = session.execute(_HOW_TO_PROVE, {"registration_id": link.subject_id}).one_or_none()
    if row is None:
        raise LinkNotFoundError
    is_past = link.expires_at is not None and now >= link.expires_at
    return ToProve(
        row.reference,
        RegistrationState(row.state),
        row.title,
        row.slug,
        row.starts_at,
        row.time_zone,
        is_past,
    )


def load_person_page(session: Session, registration_id: int) -> PersonPage | None:
    """A registration with its event, in five statements at most: nobody looks for what is not there."""
    values = {"registration_id": registration_id}
    row = session.execute(_PERSON, values).one_or_none()
    if row is None:
        return None
    person, has_members, has_parts = row
    group = _list_group(session, person) if has_members or person.leader_id else []
    leader = next((one for one in group if one.id == person.leader_id), None)
    return PersonPage(
        registration=person,
        event=person.event,
        parts=tuple(session.scalars(_PARTS, values)) if has_parts else (),
        queued=_find_queued(session, person),
        leader=leader,
        members=tuple(one for one in group if person.leader_id is None and one.id != person.id),
        questions=list_questions(session, person.event_id) if person.answers else (),
        place=EventPlace() if person.event.presence == Presence.ONLINE else place_of_event(person.event),
    )


def _list_group(session: Session, person: Registration) -> list[Companion]:
    head = person.leader_id or person.id
    rows = session.execute(_GROUP, {"head": head})
    return [
        Companion(
            row.id,
            row.reference,
            row.name,
            RegistrationState(row.state),
            row.email,
            row.verified_at is not None,
        )
        for row in rows
    ]


def _find_queued(session: Session, person: Registration) -> Queued | None:
    """Members stand where their leader stands."""
    if person.state not in (RegistrationState.WAITING, RegistrationState.OFFERED):
        return None
    before = aliased(WaitingListEntry)
    entry: Any = WaitingListEntry
    place = (
        select(func.count())
        .where(before.event_id == entry.event_id, before.left_at.is_(None), before.id <= entry.id)
        .scalar_subquery()
    )
    row = session.execute(
        select(place.label("place"), entry.passed_over, entry.people, entry.joined_at, Offer.expires_at)
        .outerjoin(Offer, (Offer.waiting_list_entry_id == entry.id) & (Offer.state == OfferState.OPEN))
        .where(
            entry.registration_id == (person.leader_id or person.id),
            entry.left_at.is_(None) | Offer.id.is_not(None),
        )
        .order_by(entry.id.desc())
        .limit(1)
    ).one_or_none()
    return Queued(*row) if row else None
