"""Staff's inbox: mails from hosts and visitors that need somebody's eye."""

from bookings.web.inbox.views import inbox

__all__ = ["inbox"]
