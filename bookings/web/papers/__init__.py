"""Papers of an event: badges, attendance lists, certificates."""

from bookings.web.papers.views import certificates, staff_papers

__all__ = ["certificates", "staff_papers"]
