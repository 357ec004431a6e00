"""Find a page, a visit or an organisation: a page of its own, and what the palette asks."""

from bookings.web.find.views import staff_find

__all__ = ["staff_find"]
