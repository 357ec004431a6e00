"""The host's calendars behind the link to one visit."""

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.queries.feeds import HostOfLink, find_host_of_link
from bookings.web.clock import utc_now
from bookings.web.own_calendars import OwnPages, add_own_calendars
from bookings.web.slots.views import slots

__all__ = ["slots"]


def _find(token: str) -> HostOfLink:
    return find_host_of_link(read_session(), token, now=utc_now())


add_own_calendars(
    OwnPages(slots, "/slots/<token>/calendar", LinkPurpose.ANSWER_SLOT, home="slots.show", find=_find)
)
