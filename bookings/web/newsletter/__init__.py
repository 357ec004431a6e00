"""The newsletter: confirm and unsubscribe."""

from bookings.web.newsletter.views import newsletter

__all__ = ["newsletter"]
