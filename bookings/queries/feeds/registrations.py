"""The feed of somebody at an event: the days, and the meetings, that mails have told of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.errors import LinkNotFoundError
from bookings.domain.events import Texts
from bookings.domain.links import LinkPurpose
from bookings.models.calendar import CalendarEntry
from bookings.models.events import Event
from bookings.models.links import ActionLink
from bookings.models.meetings import MeetingPerson
from bookings.models.registrations import Registration, RegistrationEntry
from bookings.queries.links import find_link

_CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class RegistrationFeed:
    """What one person's calendar holds of one event."""

    language: str
    reference: str
    title: Texts
    entries: tuple[CalendarEntry, ...]


def find_registration_feed(session: Session, token: str, *, now: datetime) -> RegistrationFeed | None:
    """What this secret address shows; None when it is no such address. Raises LinkExpiredError."""
    try:
        link = find_link(session, token, LinkPurpose.REGISTRATION_FEED, now=now)
    except LinkNotFoundError:
        return None
    row = session.execute(
        select(Registration.language, Registration.reference, Event.title)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.id == link.subject_id)
    ).one_or_none()
    if row is None:
        return None
    return RegistrationFeed(row.language, row.reference, row.title, _list_entries(session, link.subject_id))


def find_feed_since(session: Session, registration_id: int, *, now: datetime) -> datetime | None:
    """Since when this person has an address that works."""
    found = select(ActionLink.created_at).where(
        ActionLink.purpose == LinkPurpose.REGISTRATION_FEED,
        ActionLink.subject_id == registration_id,
        ActionLink.revoked_at.is_(None),
        ActionLink.expires_at > now,
    )
    return session.scalar(found.order_by(ActionLink.id.desc()).limit(1))


def _list_entries(session: Session, registration_id: int) -> tuple[CalendarEntry, ...]:
    days = select(RegistrationEntry.calendar_entry_id).where(
        RegistrationEntry.registration_id == registration_id
    )
    meetings = select(MeetingPerson.calendar_entry_id).where(MeetingPerson.registration_id == registration_id)
    found = select(CalendarEntry).where(
        CalendarEntry.id.in_(days) | CalendarEntry.id.in_(meetings),
        CalendarEntry.announced_at.is_not(None),
        CalendarEntry.status != _CANCELLED,
    )
    return tuple(session.scalars(found.order_by(CalendarEntry.starts_at, CalendarEntry.id)))
