"""Staff: sign-in, account and sessions."""

from bookings.web.staff.link_views import staff_links
from bookings.web.staff.oidc_views import staff_oidc
from bookings.web.staff.passkey_views import staff_passkeys
from bookings.web.staff.views import staff

__all__ = ["staff", "staff_links", "staff_oidc", "staff_passkeys"]
