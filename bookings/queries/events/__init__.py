"""Events as pages read them: one with everything, lists with filters, and how many places are left."""

from bookings.queries.events.lists import EventFilter, EventRow, list_events, list_public_events
from bookings.queries.events.one import EventView, PartView, Seats, TicketView, find_event, load_event
from bookings.queries.events.usage import count_registrations

__all__ = [
    "EventFilter",
    "EventRow",
    "EventView",
    "PartView",
    "Seats",
    "TicketView",
    "count_registrations",
    "find_event",
    "list_events",
    "list_public_events",
    "load_event",
]
