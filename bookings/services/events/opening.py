"""Who writes an event has its row first, and had read it as it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, selectinload

from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError, TransitionNotAllowedError
from bookings.domain.events import EventState
from bookings.models.events import Event
from bookings.services.audit import add_audit

NOUN = "event"


def open_event(session: Session, slug: str, version: int | None) -> Event:
    """The event with parts, ticket kinds and speakers, locked and one version further.

    Without a version nothing is compared. Raises NotFoundError, RecordChangedError.
    """
    statement = update(Event).where(Event.slug == slug).values(version=Event.version + 1)
    if version is not None:
        statement = statement.where(Event.version == version)
    found = session.execute(statement.returning(Event.id)).scalar_one_or_none()
    if found is None:
        known = session.scalar(select(Event.id).where(Event.slug == slug))
        raise NotFoundError(NOUN, slug) if known is None else RecordChangedError(NOUN)
    return session.scalars(_whole().where(Event.id == found)).one()


def read_event(session: Session, slug: str) -> Event:
    """The event with parts, ticket kinds and speakers, to be read only. Raises NotFoundError."""
    event = session.scalars(_whole().where(Event.slug == slug)).one_or_none()
    if event is None:
        raise NotFoundError(NOUN, slug)
    return event


def _whole() -> Select[Event]:
    return (
        select(Event)
        .options(selectinload(Event.parts), selectinload(Event.tickets), selectinload(Event.speakers))
        .execution_options(populate_existing=True)
    )


def check_is_changeable(event: Event, action: str) -> None:
    """A cancelled event stays as it was. Raises TransitionNotAllowedError."""
    if event.state == EventState.CANCELLED:
        raise TransitionNotAllowedError(NOUN, event.state, action)


def note_event(
    session: Session, event: Event, action: str, *, who: Who, now: datetime, **detail: Any
) -> None:
    """One line of the trail about this event."""
    add_audit(session, who, action, noun=NOUN, subject_id=event.id, now=now, **detail)
