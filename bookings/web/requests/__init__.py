"""Visit requests: the form "Book a visit" and the proof of the address."""

from bookings.web.requests import proof_views
from bookings.web.requests.staff_views import staff_drafts
from bookings.web.requests.views import book

__all__ = ["book", "proof_views", "staff_drafts"]
