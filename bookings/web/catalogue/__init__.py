"""The printable catalogue of the directory."""

from bookings.web.catalogue.views import catalogue

__all__ = ["catalogue"]
