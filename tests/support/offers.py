"""Visit offers with obvious defaults, and what stands in their way."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from bookings.db import database
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.holds import Hold, Resource
from bookings.models.offers import OfferHours, VisitOffer
from bookings.models.slots import Slot
from tests.support.builders import save

_numbers = count(1)


def main_site(organisation: Organisation) -> Site:
    """Its one site."""
    return database.session.scalars(select(Site).where(Site.organisation_id == organisation.id)).one()


def first_contact(organisation: Organisation) -> HostContact:
    """Its first contact."""
    query = select(HostContact).where(HostContact.organisation_id == organisation.id)
    return database.session.scalars(query.order_by(HostContact.id)).all()[0]


def an_offer(organisation: Organisation, *hours: OfferHours, **columns: Any) -> VisitOffer:
    """A tour of an hour in English; without hours it is open when its site is."""
    values: dict[str, Any] = {
        "slug": f"tour-{next(_numbers)}",
        "title_en": "Tour of the plant",
        "minutes": 60,
        "languages": ["en"],
    }
    offer = VisitOffer(site_id=main_site(organisation).id, **{**values, **columns})
    offer.hours = list(hours)
    save(offer)
    return offer


def hours(weekdays: str = "12345", opens: str = "09:00", closes: str = "15:00") -> OfferHours:
    """A window of the whole year."""
    return OfferHours(from_day="01-01", to_day="12-31", weekdays=weekdays, opens_at=opens, closes_at=closes)


def a_hard_hold(slot: Slot) -> None:
    """The host's time of this slot is taken."""
    resource = database.session.scalar(
        select(Resource).where(Resource.kind == "host", Resource.subject_id == slot.organisation_id)
    )
    if resource is None:
        resource = Resource(kind="host", subject_id=slot.organisation_id)
        save(resource)
    save(
        Hold(
            resource_id=resource.id, slot_id=slot.id, strength="hard",
            starts_at=slot.starts_at, ends_at=slot.ends_at, expires_at=None,
        )
    )  # fmt: skip


def days_from(first: datetime, number: int = 3) -> list[Any]:
    """Days in a row."""
    return [first.date() + timedelta(days=more) for more in range(number)]
