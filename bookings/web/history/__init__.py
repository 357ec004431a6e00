"""History: who did what, when and why, and the way back."""

from bookings.web.history.views import staff_history

__all__ = ["staff_history"]
