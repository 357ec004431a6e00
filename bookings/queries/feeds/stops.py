"""What a calendar feed shows: stops with the versions that calendars compare."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.offers import translate_title
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.models.calendar import CalendarEntry
from bookings.models.directory import HostContact, Organisation, Place, Site
from bookings.models.offers import SlotOffer, VisitOffer
from bookings.models.slots import Slot
from bookings.models.visits import Delegation, VisitRequest

SHOWN_STATES = (*HOLDING_STATES, SlotState.COMPLETED)
"""What is called off vanishes: a subscribed calendar is replaced whole each time that it is fetched."""


_TRANSLATED = {
    "place_en": Place.name_en,
    "place_sv": Place.name_sv,
    "place_fi": Place.name_fi,
    "title_en": VisitOffer.title_en,
    "title_sv": VisitOffer.title_sv,
    "title_fi": VisitOffer.title_fi,
}
"""Of stops outside the towns, and of those that show no offer, there are none."""


@dataclass(frozen=True, kw_only=True)
class FeedStop:
    """One stop as calendars need it; `place` is the town's slug."""

    slot_id: int
    stamp: int
    uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    title: str
    """As it was written; `title_in` tells it in a language."""
    title_en: str
    title_sv: str
    title_fi: str
    state: str
    status: str
    """What the host's own calendar was told (RFC 5545 STATUS)."""
    reference: str
    delegation: str
    group_size: int
    groups: int
    group: int | None
    organisation: str
    site: str
    address: str
    place_en: str
    place_sv: str
    place_fi: str
    host_contact_id: int
    host_name: str

    def title_in(self, language: str) -> str:
        """What is seen there: as the offer is called in that language, or staff's own words."""
        titles = {"en": self.title_en, "sv": self.title_sv, "fi": self.title_fi}
        return translate_title(self.title, titles, language)

    def place(self, language: str) -> str:
        """The town in that language."""
        return {"sv": self.place_sv, "fi": self.place_fi}.get(language) or self.place_en


def list_visit_stops(session: Session, visit_id: int) -> tuple[FeedStop, ...]:
    """The stops of one visit that hold time, in order."""
    return tuple(
        FeedStop(**row) for row in session.execute(select_stops().where(Slot.visit_id == visit_id)).mappings()
    )


def find_slot_stop(session: Session, slot_id: int) -> FeedStop:
    """One stop by its slot. Raises NotFoundError when it holds no time any more."""
    row = session.execute(select_stops().where(Slot.id == slot_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("slot", str(slot_id))
    return FeedStop(**row)


def select_stops() -> Select[*tuple[Any, ...]]:
    """All stops that hold time, with the columns of `FeedStop`, in order."""
    entry = CalendarEntry
    return (
        select(
            Slot.id.label("slot_id"),
            Slot.feed_stamp.label("stamp"),
            entry.uid,
            entry.sequence,
            entry.created_at,
            entry.changed_at,
            Slot.starts_at,
            Slot.ends_at,
            Slot.time_zone,
            Slot.title,
            Slot.state,
            entry.status,
            VisitRequest.reference,
            Delegation.organisation_name.label("delegation"),
            Delegation.group_size,
            VisitRequest.parallel_groups.label("groups"),
            Slot.group_number.label("group"),
            Organisation.name.label("organisation"),
            Site.name.label("site"),
            Site.address,
            *(func.coalesce(column, "").label(label) for label, column in _TRANSLATED.items()),
            Slot.host_contact_id,
            HostContact.name.label("host_name"),
        )
        .join(entry, entry.id == Slot.calendar_entry_id)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .join(Site, Site.id == Slot.site_id)
        .join(HostContact, HostContact.id == Slot.host_contact_id)
        .outerjoin(Place, Place.id == Slot.place_id)
        .outerjoin(SlotOffer, SlotOffer.slot_id == Slot.id)
        .outerjoin(VisitOffer, VisitOffer.id == SlotOffer.visit_offer_id)
        .where(Slot.state.in_(SHOWN_STATES))
        .order_by(Slot.starts_at, Slot.id)
    )
