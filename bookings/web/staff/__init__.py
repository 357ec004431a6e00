"""Staff: sign-in, account and sessions."""

from bookings.web.staff.passkey_views import staff_passkeys
from bookings.web.staff.views import staff

__all__ = ["staff", "staff_passkeys"]
