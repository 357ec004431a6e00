"""Another time that somebody's calendar proposed for a meeting. Part of the inbox's use case."""

from datetime import datetime

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus
from bookings.i18n import in_language
from bookings.models.calendar import CalendarEntry
from bookings.services.calendar import describe_time
from bookings.services.entries import organizer_address, tell_calendar
from bookings.services.outbox import Mail, queue_mail
from bookings.settings import current_settings


def refuse_counter(session: Session, entry: CalendarEntry, *, occasion: str, now: datetime) -> None:
    """The meeting stays (DECLINECOUNTER): two people and a table move on a page, where free times stand."""
    if entry.announced_at is None or entry.status == EntryStatus.CANCELLED.value:
        return
    session.refresh(entry, ["attendees"])
    attendee = entry.attendees[0]
    with in_language(attendee.language):
        words = {
            "title": entry.summary,
            "when": describe_time(entry.starts_at, entry.ends_at, entry.time_zone),
            "where": entry.location,
            "contact_address": current_settings().mail.contact_address,
        }
    mail = Mail(
        kind="meeting_counter",
        cause=f"entry:{entry.id}:counter:{occasion}",
        recipient=attendee.email,
        recipient_name=attendee.name,
        language=attendee.language,
        template="meeting_counter",
        context=words,
        calendar=tell_calendar(entry, "DECLINECOUNTER", now=now),
        reply_to=organizer_address(entry),
        expires_at=entry.ends_at,
    )
    queue_mail(session, mail, now=now)
