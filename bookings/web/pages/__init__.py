"""Front page, privacy, accessibility."""

from bookings.web.pages.views import pages

__all__ = ["pages"]
