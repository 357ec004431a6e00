"""Hosts: what is known of them, for staff and for the hosts themselves behind a link."""

from bookings.web.hosts.staff_views import staff_hosts
from bookings.web.hosts.views import host_page

__all__ = ["host_page", "staff_hosts"]
