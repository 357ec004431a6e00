"""A visit's programme as PDF, for those whom it concerns."""

from bookings.web.printed.views import printed

__all__ = ["printed"]
