"""The directory: companies and the visit plan for visitors, search and import for staff."""

from bookings.web.directory.calendar_views import staff_directory
from bookings.web.directory.plan_views import plan
from bookings.web.directory.views import companies

__all__ = ["companies", "plan", "staff_directory"]
