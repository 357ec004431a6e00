"""Calendars: feeds, files to download and staff's calendar page."""

from bookings.web.calendar import adding, move_views
from bookings.web.calendar.staff_views import staff_calendar
from bookings.web.calendar.views import calendar

__all__ = ["adding", "calendar", "move_views", "staff_calendar"]
