"""Liveness and readiness for machines."""

from bookings.web.health.views import health

__all__ = ["health"]
