"""The planner for staff: programmes side by side with their reasons, the next best host, the journey."""

from bookings.web.planning import journey_views, mending_views
from bookings.web.planning.views import staff_planning

__all__ = ["journey_views", "mending_views", "staff_planning"]
