"""Figures for staff."""

from bookings.web.reports.views import staff_reports

__all__ = ["staff_reports"]
