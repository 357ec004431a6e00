"""Staff take two requests of the same visitors together."""

from bookings.web.merging.views import staff_merging

__all__ = ["staff_merging"]
