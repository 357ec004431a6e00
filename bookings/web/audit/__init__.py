"""The trail: who read, took out and changed what."""

from bookings.web.audit.views import staff_audit

__all__ = ["staff_audit"]
