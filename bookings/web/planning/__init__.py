"""The planner for staff: programmes side by side with their reasons, the next best host, the journey."""

from bookings.web.planning import change_views, journey_views, mending_views
from bookings.web.planning.views import staff_planning

__all__ = ["change_views", "journey_views", "mending_views", "staff_planning"]
