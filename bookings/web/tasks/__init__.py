"""Tasks about visits: staff add, tick, reopen and change them."""

from bookings.web.tasks.views import staff_tasks

__all__ = ["staff_tasks"]
