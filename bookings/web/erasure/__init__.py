"""Erasing a person on request, and keeping evidence from it."""

from bookings.web.erasure.views import staff_erasure

__all__ = ["staff_erasure"]
