"""Today: what waits for staff, each line one click from done."""

from bookings.web.today.views import staff_today

__all__ = ["staff_today"]
