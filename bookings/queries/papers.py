"""What papers of an event tell of people: read in full columns, without the rest of their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from bookings.domain.events import Texts
from bookings.domain.registrations import RegistrationState
from bookings.models.events import EventPart
from bookings.models.registrations import Attendance, Registration
from bookings.queries.doors import DoorEvent
from bookings.queries.event_places import WITH_SITE, place_of_part

_AT_EVENT = and_(Attendance.registration_id == Registration.id, Attendance.part_id.is_(None))


@dataclass(frozen=True, kw_only=True)
class PaperPerson:
    """Somebody as papers name them; `arrived_at` is nothing for who did not come."""

    id: int
    reference: str
    name: str
    organisation: str
    organisation_number: str
    country: str
    language: str
    badge_code: str
    arrived_at: datetime | None
    signature: str


@dataclass(frozen=True, kw_only=True)
class ProgrammePart:
    """A line of the programme."""

    id: int
    title: Texts
    where: str
    """The room, and the host's site where it is at one."""
    time_zone: str
    """Of its place."""
    starts_at: datetime
    ends_at: datetime


def list_paper_people(session: Session, event: DoorEvent, *, only: Sequence[int] = ()) -> list[PaperPerson]:
    """Everybody who is registered, by name; `only` some of them where ids are given."""
    wanted = (Registration.id.in_(only),) if only else ()
    rows = session.execute(
        _people()
        .where(Registration.event_id == event.id, Registration.state == RegistrationState.REGISTERED, *wanted)
        .order_by(func.lower(Registration.name), Registration.id)
    )
    return [_person(row) for row in rows]


def find_paper_person(session: Session, registration_id: int) -> tuple[int, PaperPerson] | None:
    """The event and the person; nothing where they are not registered."""
    row = session.execute(
        _people().where(
            Registration.id == registration_id, Registration.state == RegistrationState.REGISTERED
        )
    ).one_or_none()
    return (row.event_id, _person(row)) if row is not None else None


def list_programme(session: Session, event: DoorEvent) -> list[ProgrammePart]:
    """The parts in their order."""
    rows = session.scalars(
        select(EventPart)
        .where(EventPart.event_id == event.id)
        .options(WITH_SITE)
        .order_by(EventPart.starts_at, EventPart.id)
    )
    return [_describe(row, *place_of_part(row, event_zone=event.time_zone)) for row in rows]


def _describe(row: EventPart, time_zone: str, where: str) -> ProgrammePart:
    return ProgrammePart(
        id=row.id,
        title=row.title,
        where=where,
        time_zone=time_zone,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )


def list_attended_parts(session: Session, registration_id: int) -> set[int]:
    """Parts at whose own door the person was seen."""
    found = session.scalars(
        select(Attendance.part_id).where(
            Attendance.registration_id == registration_id, Attendance.part_id.is_not(None)
        )
    )
    return {part_id for part_id in found if part_id is not None}


def _people() -> Select[*tuple[Any, ...]]:
    return select(
        Registration.id,
        Registration.event_id,
        Registration.reference,
        Registration.name,
        Registration.organisation_name,
        Registration.organisation_number,
        Registration.country,
        Registration.language,
        Registration.badge_code,
        Attendance.arrived_at,
        Attendance.signature,
    ).outerjoin(Attendance, _AT_EVENT)


def _person(row: Any) -> PaperPerson:
    return PaperPerson(
        id=row.id,
        reference=row.reference,
        name=row.name,
        organisation=row.organisation_name,
        organisation_number=row.organisation_number,
        country=row.country,
        language=row.language,
        badge_code=row.badge_code,
        arrived_at=row.arrived_at,
        signature=row.signature or "",
    )
