"""Visits: the visitor's page, staff's queue and visit page."""

from bookings.web.visits.request_views import staff_visits
from bookings.web.visits.views import visits

__all__ = ["staff_visits", "visits"]
