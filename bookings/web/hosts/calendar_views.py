"""The host's calendars behind the link to its own page."""

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.queries.feeds import HostOfLink
from bookings.queries.host_files import load_own_file
from bookings.web.clock import utc_now
from bookings.web.hosts.views import host_page
from bookings.web.own_calendars import OwnPages, add_own_calendars

__all__ = ["host_page"]


def _find(token: str) -> HostOfLink:
    file = load_own_file(read_session(), token, now=utc_now())
    return HostOfLink(file.contact_id, file.find_contact(file.contact_id).name, file.company.name)


add_own_calendars(OwnPages(host_page, "/calendar", LinkPurpose.HOST_PAGE, home="host_page.show", find=_find))
