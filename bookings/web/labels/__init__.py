"""Labels that staff put on visits."""

from bookings.web.labels.views import staff_labels

__all__ = ["staff_labels"]
