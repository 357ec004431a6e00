"""Staff plan a visit once more on other days."""

from bookings.web.copying.views import staff_copying

__all__ = ["staff_copying"]
