"""Advisory days: visitors book an adviser's time, advisers see their day, staff keep both."""

from bookings.web.advisers.booking_views import advisers
from bookings.web.advisers.staff_views import staff_advisers

__all__ = ["advisers", "staff_advisers"]
