"""Events as pages read them: one with everything, lists with filters, and how many places are left."""

from bookings.queries.events.lists import EventFilter, EventRow, list_events, list_public_events
from bookings.queries.events.one import EventView, PartView, Seats, TicketView, find_event, load_event
from bookings.queries.events.usage import count_by_state, count_registrations, count_waiting, list_event_news

__all__ = [
    "EventFilter",
    "EventRow",
    "EventView",
    "PartView",
    "Seats",
    "TicketView",
    "count_by_state",
    "count_registrations",
    "count_waiting",
    "find_event",
    "list_event_news",
    "list_events",
    "list_public_events",
    "load_event",
]
