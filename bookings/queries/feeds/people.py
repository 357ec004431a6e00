"""The feed of a person: all that mails have told one mailbox of, whatever it is registered for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, CompoundSelect, bindparam, func, or_, select, union_all
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.feeds import CalendarFeed
from bookings.models.meetings import Adviser, MeetingPerson
from bookings.models.registrations import Registration, RegistrationEntry
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.feeds.stops import FeedStop, select_stops
from bookings.queries.links import hash_token

_CANCELLED = "CANCELLED"
_FEEDS, _PEOPLE = table_of(CalendarFeed).c, table_of(Registration).c
_READER = (
    select(_FEEDS.mailbox, _PEOPLE.language)
    .join_from(table_of(CalendarFeed), table_of(Registration), _PEOPLE.email == _FEEDS.mailbox)
    .where(_FEEDS.token_hash == bindparam("token_hash"), _PEOPLE.verified_at.is_not(None))
    .order_by(_PEOPLE.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class PersonFeed:
    """What the calendar behind one mailbox holds; `stops` are those of visits of which it is the contact."""

    language: str
    entries: tuple[CalendarEntry, ...]
    stops: tuple[FeedStop, ...]


def find_person_feed(
    session: Session, token: str, *, since: datetime, cancelled_since: datetime
) -> PersonFeed | None:
    """What this secret address shows, in the language of the newest registration.

    None when it is no such address, or nobody is registered by its mailbox any more.
    """
    reader = session.execute(_READER, {"token_hash": hash_token(token)}).one_or_none()
    if reader is None:
        return None
    is_told = or_(CalendarEntry.status != _CANCELLED, CalendarEntry.changed_at >= cancelled_since)
    entries = session.scalars(
        select(CalendarEntry)
        .where(*_is_of(reader.mailbox), CalendarEntry.ends_at >= since, is_told)
        .order_by(CalendarEntry.starts_at, CalendarEntry.id)
    )
    stops = _list_stops(session, reader.mailbox, since=since)
    return PersonFeed(reader.language, tuple(entries), stops)


def find_person_feed_since(session: Session, mailbox: str) -> datetime | None:
    """Since when this mailbox has an address that works."""
    return session.scalar(select(CalendarFeed.created_at).where(CalendarFeed.mailbox == mailbox))


def _is_of(mailbox: str) -> tuple[ColumnElement[bool], ...]:
    """By the person and by the invitation: what was told to who handed a place over is not the next one's."""
    return (
        CalendarEntry.id.in_(_select_own(mailbox)),
        CalendarEntry.attendees.any(func.lower(Attendee.email) == mailbox),
        CalendarEntry.announced_at.is_not(None),
    )


def _select_own(mailbox: str) -> CompoundSelect[int]:
    is_proved = (Registration.email == mailbox, Registration.verified_at.is_not(None))
    advisers = select(Adviser.id).where(func.lower(Adviser.email) == mailbox)
    days, meetings = select(RegistrationEntry.calendar_entry_id), select(MeetingPerson.calendar_entry_id)
    return union_all(
        days.join(Registration, Registration.id == RegistrationEntry.registration_id).where(*is_proved),
        meetings.join(Registration, Registration.id == MeetingPerson.registration_id).where(*is_proved),
        meetings.where(MeetingPerson.adviser_id.in_(advisers)),
    )


def _list_stops(session: Session, mailbox: str, *, since: datetime) -> tuple[FeedStop, ...]:
    """Addresses of visitors, as those of advisers, are kept as they were written. Few people have visits."""
    visits = session.scalars(
        select(VisitRequest.id).where(
            func.lower(VisitRequest.contact_email) == mailbox, VisitRequest.verified_at.is_not(None)
        )
    ).all()
    if not visits:
        return ()
    rows = session.execute(select_stops().where(Slot.visit_id.in_(visits), Slot.ends_at >= since))
    return tuple(FeedStop(**row) for row in rows.mappings())
