"""The directory for visitors: companies and the visit plan."""

from bookings.web.directory.plan_views import plan
from bookings.web.directory.views import companies

__all__ = ["companies", "plan"]
