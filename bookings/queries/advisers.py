"""Advisers of an event with their days, and what of these is booked."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from bookings.domain.advisers import AdviserDay, list_free_times, list_times
from bookings.domain.errors import NotFoundError
from bookings.domain.event_places import EventPlace
from bookings.domain.meetings import STANDING_MEETINGS
from bookings.domain.time import Interval
from bookings.models.events import Event
from bookings.models.meetings import Adviser, Meeting
from bookings.models.registrations import Registration
from bookings.queries.event_places import WITH_PLACE, place_of_event


@dataclass(frozen=True, kw_only=True)
class BookedTime:
    """A booked meeting with an adviser."""

    meeting_id: int
    version: int
    interval: Interval
    state: str
    registration_id: int
    name: str
    organisation_name: str
    country: str
    subject: str
    is_proved: bool
    """The address is; until then the time is kept for a while only."""


@dataclass(frozen=True, kw_only=True)
class AdviserCard:
    """An adviser as pages show them; the clocks are those of the event's place."""

    id: int
    name: str
    email: str
    language: str
    time_zone: str
    organisation_name: str
    topics: Mapping[str, Any]
    place_time_zone: str
    day: AdviserDay
    booked: tuple[BookedTime, ...] = ()

    @property
    def times(self) -> tuple[Interval, ...]:
        """Every time of the day, booked or not."""
        return list_times(self.day)

    def list_free(self, *, now: datetime) -> tuple[Interval, ...]:
        """The times that can still be booked."""
        return list_free_times(self.day, [one.interval for one in self.booked], now=now)

    def find_booked(self, time: Interval) -> BookedTime | None:
        """Who has this time."""
        return next((one for one in self.booked if one.interval.overlaps(time)), None)


@dataclass(frozen=True, kw_only=True)
class Advice:
    """One booked meeting as its visitor sees it; the clocks are those of the event's place."""

    adviser: AdviserCard
    booked: BookedTime
    time_zone: str
    event_slug: str
    event_title: Mapping[str, Any]
    where: EventPlace
    own_time_zone: str


def list_advisers(session: Session, event_id: int) -> list[AdviserCard]:
    """All advisers of an event with what is booked of their days, by name: two statements."""
    rows = session.execute(_with_zone().where(Adviser.event_id == event_id).order_by(Adviser.name)).all()
    booked = _list_booked(session, [row.id for row, _zone in rows])
    return [build_card(row, zone, booked.get(row.id, ())) for row, zone in rows]


def load_adviser(session: Session, adviser_id: int, *, event_id: int | None = None) -> AdviserCard:
    """One adviser. Raises NotFoundError, also for one of another event than `event_id`."""
    found = session.execute(_with_zone().where(Adviser.id == adviser_id)).one_or_none()
    if found is None or event_id not in (None, found[0].event_id):
        raise NotFoundError("adviser", str(adviser_id))
    adviser, zone = found
    return build_card(adviser, zone, _list_booked(session, [adviser_id]).get(adviser_id, ()))


def find_event_of_adviser(session: Session, adviser_id: int) -> int:
    """The event that an adviser sits at. Raises NotFoundError."""
    event_id = session.scalar(select(Adviser.event_id).where(Adviser.id == adviser_id))
    if event_id is None:
        raise NotFoundError("adviser", str(adviser_id))
    return event_id


def find_advice(session: Session, registration_id: int) -> Advice | None:
    """The standing meeting of this visitor with an adviser, whose other times are known, too."""
    row = session.execute(_booked().where(Registration.id == registration_id)).first()
    if row is None:
        return None
    meeting, person = row
    event = session.scalars(select(Event).where(Event.id == meeting.event_id).options(WITH_PLACE)).one()
    return Advice(
        adviser=load_adviser(session, meeting.adviser_id or 0),
        booked=_build_booked(meeting, person),
        time_zone=event.time_zone,
        event_slug=event.slug,
        event_title=event.title,
        where=place_of_event(event),
        own_time_zone=person.time_zone,
    )


def build_card(row: Adviser, zone: str, booked: Iterable[BookedTime] = ()) -> AdviserCard:
    """The row as a value; `zone` is that of the event's place."""
    pause = (
        Interval(row.pause_starts_at, row.pause_ends_at)
        if row.pause_starts_at and row.pause_ends_at
        else None
    )
    day = AdviserDay(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        pause=pause,
        slot_minutes=row.slot_minutes,
        buffer_minutes=row.buffer_minutes,
    )
    return AdviserCard(
        id=row.id,
        name=row.name,
        email=row.email,
        language=row.language,
        time_zone=row.time_zone,
        organisation_name=row.organisation_name,
        topics=row.topics,
        place_time_zone=zone,
        day=day,
        booked=tuple(booked),
    )


def _with_zone() -> Select[Adviser, str]:
    return (
        select(Adviser, Event.time_zone)
        .join(Event, Event.id == Adviser.event_id)
        .execution_options(populate_existing=True)
    )


def _list_booked(session: Session, adviser_ids: Sequence[int]) -> dict[int, list[BookedTime]]:
    found: defaultdict[int, list[BookedTime]] = defaultdict(list)
    query = _booked().where(Meeting.adviser_id.in_(adviser_ids)).order_by(Meeting.starts_at)
    for meeting, person in session.execute(query):
        found[meeting.adviser_id or 0].append(_build_booked(meeting, person))
    return found


def _booked() -> Select[Meeting, Registration]:
    return (
        select(Meeting, Registration)
        .join(Registration, Registration.id == Meeting.first_id)
        .where(Meeting.adviser_id.is_not(None), Meeting.state.in_(STANDING_MEETINGS))
        .execution_options(populate_existing=True)
    )


def _build_booked(meeting: Meeting, person: Registration) -> BookedTime:
    return BookedTime(
        meeting_id=meeting.id,
        version=meeting.version,
        interval=Interval(meeting.starts_at, meeting.ends_at),
        state=meeting.state,
        registration_id=person.id,
        name=person.name,
        organisation_name=person.organisation_name,
        country=person.country,
        subject=meeting.subject,
        is_proved=person.verified_at is not None,
    )
