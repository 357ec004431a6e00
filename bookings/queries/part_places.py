"""Where a part of an event is: at the event's own place, or at a host's site with clocks of its own."""

from sqlalchemy.orm import joinedload

from bookings.domain.text import site_of_host
from bookings.models.directory import Site
from bookings.models.events import EventPart

WITH_SITE = joinedload(EventPart.site).joinedload(Site.organisation)
"""For whoever reads parts and then tells where they are."""


def place_of_part(part: EventPart, *, event_zone: str) -> tuple[str, str]:
    """The IANA zone of the place, and room and site in words, of a part that was read `WITH_SITE`."""
    if part.site is None:
        return event_zone, part.room
    host = site_of_host(part.site.name, part.site.organisation.name)
    return part.site.time_zone, ", ".join(name for name in (part.room, host) if name)
