"""Mails about a meeting that need nothing but its calendar entry. Parts of use cases."""

from datetime import datetime

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus
from bookings.i18n import in_language
from bookings.models.calendar import CalendarEntry
from bookings.services.calendar import describe_time
from bookings.services.entries import Method, organizer_address, tell_calendar
from bookings.services.outbox import Mail, queue_mail
from bookings.settings import current_settings


def refuse_counter(session: Session, entry: CalendarEntry, *, occasion: str, now: datetime) -> None:
    """Another time that a calendar proposed: the meeting stays (DECLINECOUNTER). Two people and a table move
    on a page, where the free times stand."""
    if entry.announced_at is None or entry.status == EntryStatus.CANCELLED.value:
        return
    session.refresh(entry, ["attendees"])
    _send(session, entry, "meeting_counter", "DECLINECOUNTER", occasion=occasion, now=now)


def tell_gone(session: Session, entry: CalendarEntry, *, now: datetime) -> None:
    """Whoever is not at the event any more has no page: the calendar still has to forget the meeting."""
    _send(session, entry, "meeting_gone", "CANCEL", occasion=str(entry.sequence), now=now)


def tell_left(session: Session, entry: CalendarEntry, *, now: datetime) -> None:
    """The mailbox was written down wrongly: its calendar forgets the meeting, which stays."""
    _send(session, entry, "meeting_left", "CANCEL", occasion=str(entry.sequence), now=now)


def _send(
    session: Session, entry: CalendarEntry, template: str, method: Method, *, occasion: str, now: datetime
) -> None:
    attendee = entry.attendees[0]
    with in_language(attendee.language):
        words = {
            "title": entry.summary,
            "when": describe_time(entry.starts_at, entry.ends_at, entry.time_zone),
            "where": entry.location,
            "contact_address": current_settings().mail.contact_address,
        }
    mail = Mail(
        kind=template,
        cause=f"entry:{entry.id}:{template}:{occasion}",
        recipient=attendee.email,
        recipient_name=attendee.name,
        language=attendee.language,
        template=template,
        context=words,
        calendar=tell_calendar(entry, method, now=now),
        reply_to=organizer_address(entry),
        expires_at=entry.ends_at,
    )
    queue_mail(session, mail, now=now)
