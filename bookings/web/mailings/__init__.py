"""Staff write to the people of an event, and to the readers of the newsletter."""

from bookings.web.mailings.views import staff_mailings

__all__ = ["staff_mailings"]
