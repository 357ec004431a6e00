"""Files into and out of the directory, for staff."""

from bookings.web.imports.export_views import staff_exports
from bookings.web.imports.views import staff_imports

__all__ = ["staff_exports", "staff_imports"]
