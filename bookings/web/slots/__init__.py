"""Slots: the host's answer page and staff's planning."""

from bookings.web.slots.calendar_views import slots
from bookings.web.slots.staff_views import staff_slots

__all__ = ["slots", "staff_slots"]
