"""The ferry's timetable for staff."""

from bookings.web.sailings.views import staff_sailings

__all__ = ["staff_sailings"]
