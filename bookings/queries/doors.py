"""What a door needs to know: the event, the people who may come in, who is there, and the counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from bookings.domain.doors import ScanCode, judge_state
from bookings.domain.errors import LinkExpiredError, NotFoundError
from bookings.domain.events import EventState, Texts
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import RegistrationState
from bookings.domain.text import fold
from bookings.models.events import Event
from bookings.models.links import ActionLink
from bookings.models.registrations import Attendance, CheckIn, Registration, RegistrationPart
from bookings.queries.links import find_link

MOST_FOUND = 30
_AT_EVENT = and_(Attendance.registration_id == Registration.id, Attendance.part_id.is_(None))


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part or a ticket kind with its counts: how many are expected, how many are there."""

    id: int
    title: Texts
    expected: int = 0
    inside: int = 0
    is_chosen: bool = True
    starts_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class DoorEvent:
    """The event behind a door."""

    id: int
    slug: str
    title: Texts
    kind: str
    state: str
    venue: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    parts: tuple[Section, ...]
    tickets: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many are expected and there: in all, by part, by ticket kind."""

    expected: int
    inside: int
    parts: tuple[Section, ...]
    tickets: tuple[Section, ...]


@dataclass(frozen=True, kw_only=True)
class DoorPerson:
    """As much of a person as the door needs. Of those who cannot come in nothing but their badge and why."""

    id: int
    badge_code: str
    name: str
    organisation: str
    ticket_id: int
    refused: ScanCode | None
    part_ids: tuple[int, ...]
    inside: tuple[int, ...]
    """Parts that the person is in; 0 is the event."""


@dataclass(frozen=True)
class DoorLink:
    """A link that was given to a volunteer."""

    id: int
    number: int
    made_at: datetime
    expires_at: datetime | None


def find_door_event(session: Session, *, slug: str = "", event_id: int = 0) -> DoorEvent:
    """The event by its name in addresses or its id. Raises NotFoundError."""
    which: ColumnElement[bool] = Event.slug == slug if slug else Event.id == event_id
    event = session.scalars(
        select(Event).where(which).options(selectinload(Event.parts), selectinload(Event.tickets))
    ).one_or_none()
    if event is None:
        raise NotFoundError("event", slug or str(event_id))
    return DoorEvent(
        id=event.id,
        slug=event.slug,
        title=event.title,
        kind=event.kind,
        state=event.state,
        venue=event.venue,
        time_zone=event.time_zone,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        parts=tuple(
            Section(id=part.id, title=part.title, is_chosen=part.is_chosen, starts_at=part.starts_at)
            for part in event.parts
        ),
        tickets=tuple(Section(id=ticket.id, title=ticket.name) for ticket in event.tickets),
    )


def find_event_of_door(session: Session, token: str, *, now: datetime) -> DoorEvent:
    """What a door's link opens. Raises LinkNotFoundError or LinkExpiredError, also for a cancelled event."""
    link = find_link(session, token, LinkPurpose.EVENT_DOOR, now=now)
    event = find_door_event(session, event_id=link.subject_id)
    if event.state != EventState.PUBLISHED:
        raise LinkExpiredError(LinkPurpose.EVENT_DOOR, now)
    return event


def count_doors(session: Session, event: DoorEvent) -> Counts:
    """Live counts, in three statements."""
    registered = (Registration.event_id == event.id, Registration.state == RegistrationState.REGISTERED)
    by_ticket = _counts(
        session,
        select(Registration.ticket_id, func.count(Registration.id), func.count(Attendance.id))
        .outerjoin(Attendance, _AT_EVENT)
        .where(*registered)
        .group_by(Registration.ticket_id),
    )
    expected = _figures(
        session,
        select(RegistrationPart.part_id, func.count())
        .join(Registration, Registration.id == RegistrationPart.registration_id)
        .where(*registered)
        .group_by(RegistrationPart.part_id),
    )
    inside = _figures(
        session,
        select(Attendance.part_id, func.count())
        .join(Registration, Registration.id == Attendance.registration_id)
        .where(*registered, Attendance.part_id.is_not(None))
        .group_by(Attendance.part_id),
    )
    everybody = sum(figures[0] for figures in by_ticket.values())
    parts = {
        part.id: (expected.get(part.id, 0) if part.is_chosen else everybody, inside.get(part.id, 0))
        for part in event.parts
    }
    return Counts(
        expected=everybody,
        inside=sum(figures[1] for figures in by_ticket.values()),
        parts=_counted(event.parts, parts),
        tickets=_counted(event.tickets, by_ticket),
    )


def list_door_people(session: Session, event: DoorEvent, *, found: Sequence[int] = ()) -> list[DoorPerson]:
    """Everybody whom a badge of this event was given to, in three statements; or only those `found`."""
    wanted = (Registration.id.in_(found),) if found else ()
    rows = session.execute(
        select(
            Registration.id,
            Registration.badge_code,
            Registration.name,
            Registration.organisation_name,
            Registration.ticket_id,
            Registration.state,
        )
        .where(Registration.event_id == event.id, *wanted)
        .order_by(Registration.id)
    ).all()
    parts = _lists(session, RegistrationPart.registration_id, RegistrationPart.part_id, event, wanted)
    inside = _lists(session, Attendance.registration_id, func.coalesce(Attendance.part_id, 0), event, wanted)
    return [
        DoorPerson(
            id=row.id,
            badge_code=row.badge_code,
            name="" if refused else row.name,
            organisation="" if refused else row.organisation_name,
            ticket_id=row.ticket_id,
            refused=refused,
            part_ids=parts.get(row.id, ()),
            inside=inside.get(row.id, ()),
        )
        for row in rows
        if not (refused := judge_state(row.state)) or row.badge_code
    ]


def find_door_people(session: Session, event: DoorEvent, text: str) -> list[DoorPerson]:
    """Those whose name or organisation holds all these words, for doors without JavaScript."""
    words = fold(text).split()
    if not words:
        return []
    rows = session.execute(
        select(Registration.id, Registration.name, Registration.organisation_name).where(
            Registration.event_id == event.id, Registration.state == RegistrationState.REGISTERED
        )
    ).all()
    found = [(fold(row.name), row.id) for row in rows if _holds(words, row.name, row.organisation_name)]
    ids = [id_ for _name, id_ in sorted(found)[:MOST_FOUND]]
    people = {person.id: person for person in list_door_people(session, event, found=ids)} if ids else {}
    return [people[id_] for id_ in ids]


def list_doors(session: Session, event_id: int, *, now: datetime) -> list[DoorLink]:
    """The links that open this event's door now."""
    rows = session.scalars(
        select(ActionLink)
        .where(
            ActionLink.purpose == LinkPurpose.EVENT_DOOR,
            ActionLink.subject_id == event_id,
            ActionLink.revoked_at.is_(None),
            ActionLink.expires_at > now,
        )
        .order_by(ActionLink.id)
    )
    return [DoorLink(row.id, row.sequence or 0, row.created_at, row.expires_at) for row in rows]


def list_spoken(session: Session, registration_ids: Sequence[int]) -> list[CheckIn]:
    """All that doors ever said of these people, as it came in."""
    return list(
        session.scalars(
            select(CheckIn).where(CheckIn.registration_id.in_(registration_ids)).order_by(CheckIn.id)
        )
    )


def _holds(words: Sequence[str], *texts: str) -> bool:
    folded = fold(" ".join(texts))
    return all(word in folded for word in words)


def _lists(
    session: Session,
    person: InstrumentedAttribute[int],
    part: Any,
    event: DoorEvent,
    wanted: tuple[ColumnElement[bool], ...],
) -> dict[int, tuple[int, ...]]:
    rows = session.execute(
        select(person, part)
        .join(Registration, Registration.id == person)
        .where(Registration.event_id == event.id, *wanted)
        .order_by(part)
    )
    found: dict[int, tuple[int, ...]] = {}
    for person_id, part_id in rows:
        found[person_id] = (*found.get(person_id, ()), part_id)
    return found


def _figures(session: Session, statement: Executable) -> dict[int, int]:
    return {row[0]: row[1] for row in session.execute(statement).all()}


def _counts(session: Session, statement: Executable) -> dict[int, tuple[int, int]]:
    return {row[0]: (row[1], row[2]) for row in session.execute(statement).all()}


def _counted(sections: Sequence[Section], figures: Mapping[int, tuple[int, int]]) -> tuple[Section, ...]:
    return tuple(
        Section(
            id=one.id,
            title=one.title,
            is_chosen=one.is_chosen,
            starts_at=one.starts_at,
            expected=figures.get(one.id, (0, 0))[0],
            inside=figures.get(one.id, (0, 0))[1],
        )
        for one in sections
    )
