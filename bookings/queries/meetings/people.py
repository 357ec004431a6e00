"""The event behind staff's pages of meetings, before and after they were set up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.registrations import RegistrationState
from bookings.models.events import Event
from bookings.models.meetings import Matchmaking
from bookings.models.registrations import Registration


@dataclass(frozen=True, kw_only=True)
class MatchEvent:
    """What the setting up of meetings needs to know of an event."""

    id: int
    kind: str
    title: Mapping[str, str]
    presence: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    is_set_up: bool


def find_match_event(session: Session, slug: str) -> MatchEvent:
    """The event of this address. Raises NotFoundError."""
    columns = (
        Event.id, Event.kind, Event.title, Event.presence, Event.time_zone, Event.starts_at, Event.ends_at,
        Matchmaking.event_id.is_not(None).label("is_set_up"),
    )  # fmt: skip
    query = select(*columns).outerjoin(Matchmaking, Matchmaking.event_id == Event.id)
    row = session.execute(query.where(Event.slug == slug)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("event", slug)
    return MatchEvent(**row)


def count_registered(session: Session, event_id: int) -> int:
    """How many people are registered, with a profile or without."""
    query = select(func.count()).where(
        Registration.event_id == event_id, Registration.state == RegistrationState.REGISTERED
    )
    return session.scalars(query).one()
