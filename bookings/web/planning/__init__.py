"""The planner for staff: programmes side by side with their reasons, the next best host, weights."""

from bookings.web.planning.mending_views import staff_planning

__all__ = ["staff_planning"]
