"""The one-minute survey after an event, and what staff read of it."""

from bookings.web.surveys.staff_views import staff_surveys
from bookings.web.surveys.views import surveys

__all__ = ["staff_surveys", "surveys"]
