"""Where an event and its parts are: at a venue, or at a host's site, which may have clocks of its own."""

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, object_session

from bookings.domain.event_places import EventPlace
from bookings.domain.text import site_of_host
from bookings.models.directory import Place, Site
from bookings.models.events import Event, EventPart

WITH_PLACE = joinedload(Event.place)
"""For whoever reads events and then tells where they are."""
WITH_SITE = joinedload(EventPart.site).joinedload(Site.organisation)
"""The same for parts."""
_OF_SITE = (joinedload(Site.organisation), joinedload(Site.place))


def place_of_event(event: Event) -> EventPlace:
    """Where an event is that was read `WITH_PLACE`. What staff wrote goes before what the directory says."""
    if event.site_id is None:  # nearly all: they cost no look at the directory
        return EventPlace(venue=event.venue, address=event.address, town=names_of(event.place))
    session = object_session(event)
    assert session is not None  # read a moment ago
    # Not `get`: what the session has already may have been read without its host.
    site = session.scalars(select(Site).where(Site.id == event.site_id).options(*_OF_SITE)).one()
    return EventPlace(
        venue=event.venue,
        host=site_of_host(site.name, site.organisation.name),
        address=event.address or site.address,
        town=names_of(event.place or site.place),
    )


def find_event_place(session: Session, event_id: int) -> EventPlace:
    """Where the event of this number is."""
    return place_of_event(
        session.scalars(select(Event).where(Event.id == event_id).options(WITH_PLACE)).one()
    )


def names_of(place: Place | None) -> dict[str, str]:
    """The name of a town by language."""
    return {"en": place.name_en, "sv": place.name_sv, "fi": place.name_fi} if place else {}


def place_of_part(part: EventPart, *, event_zone: str) -> tuple[str, str]:
    """The IANA zone of the place, and room and site in words, of a part that was read `WITH_SITE`."""
    if part.site is None:
        return event_zone, part.room
    host = site_of_host(part.site.name, part.site.organisation.name)
    return part.site.time_zone, ", ".join(name for name in (part.room, host) if name)
