"""Staff close a site or a host, decide on every stop that it touches, and tell everybody in one go."""

from bookings.web.closures.views import staff_closures

__all__ = ["staff_closures"]
