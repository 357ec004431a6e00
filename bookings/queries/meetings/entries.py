"""Calendar entries of one person's meetings."""

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bookings.models.calendar import CalendarEntry
from bookings.models.meetings import MeetingPerson


def list_own_entries(session: Session, registration_id: int) -> list[CalendarEntry]:
    """Entries that calendars were told of and that stand, in order."""
    query = (
        select(CalendarEntry)
        .join(MeetingPerson, MeetingPerson.calendar_entry_id == CalendarEntry.id)
        .where(MeetingPerson.registration_id == registration_id, CalendarEntry.status != "CANCELLED")
        .order_by(CalendarEntry.starts_at)
        .options(selectinload(CalendarEntry.attendees))
    )
    return list(session.scalars(query))
