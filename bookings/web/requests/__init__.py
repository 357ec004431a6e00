"""Visit requests: the form "Book visits and meetings" and the proof of the address."""

from bookings.web.requests.views import book

__all__ = ["book"]
