"""Hosts: what is known of them, for staff and for the hosts themselves behind a link."""

from bookings.web.hosts.calendar_views import host_page
from bookings.web.hosts.staff_views import staff_hosts

__all__ = ["host_page", "staff_hosts"]
