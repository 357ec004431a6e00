"""Staff read every mail of a release, change its words, hold it back, and release."""

from bookings.web.releases.views import staff_releases

__all__ = ["staff_releases"]
