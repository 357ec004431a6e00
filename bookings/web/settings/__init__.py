"""Settings that staff own, page by page; logos for everybody."""

from bookings.web.settings.logo_views import logos
from bookings.web.settings.text_views import staff_settings

__all__ = ["logos", "staff_settings"]
