"""Staff write to visitors and hosts, and read the mails of a visit."""

from bookings.web.letters.views import staff_letters

__all__ = ["staff_letters"]
