"""Events: the list and the pages for everybody, and where staff make and change them."""

from bookings.web.events.staff_parts import staff_event_parts
from bookings.web.events.staff_views import staff_events
from bookings.web.events.views import events

__all__ = ["events", "staff_event_parts", "staff_events"]
