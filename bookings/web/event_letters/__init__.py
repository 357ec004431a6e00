"""Staff write to the people of an event."""

from bookings.web.event_letters.views import staff_event_letters

__all__ = ["staff_event_letters"]
