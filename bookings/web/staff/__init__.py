"""Staff: sign-in, account and sessions."""

from bookings.web.staff.views import staff

__all__ = ["staff"]
