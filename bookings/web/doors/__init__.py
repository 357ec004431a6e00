"""Doors: staff's page of an event's day, and the page that a volunteer's telephone keeps."""

from bookings.web.doors.staff_views import staff_doors
from bookings.web.doors.views import doors

__all__ = ["doors", "staff_doors"]
