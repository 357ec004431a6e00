"""A person's days at an event as a calendar file, for those whose mail program took no notice of them."""

from sqlalchemy.orm import Session

from bookings.adapters.ical.build import build_publish
from bookings.adapters.ical.values import EntryStatus
from bookings.domain.errors import NotFoundError
from bookings.queries.registrations.groups import load_entries
from bookings.services.entries import build_invitation


def build_own_days(session: Session, registration_id: int, *, name: str) -> bytes:
    """The entries that hold, as a file. Raises NotFoundError when there are none."""
    entries = [
        one.calendar_entry
        for one in load_entries(session, [registration_id]).get(registration_id, ())
        if one.calendar_entry.status != EntryStatus.CANCELLED
    ]
    if not entries:
        raise NotFoundError("registration_entry", str(registration_id))
    return build_publish(map(build_invitation, entries), name=name)
