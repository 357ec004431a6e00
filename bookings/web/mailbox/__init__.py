"""The demo's local mailbox."""

from bookings.web.mailbox.views import mailbox

__all__ = ["mailbox"]
