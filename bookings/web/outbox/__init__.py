"""The outbox page of staff."""

from bookings.web.outbox.views import outbox

__all__ = ["outbox"]
