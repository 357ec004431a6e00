"""What a calendar feed shows: stops with the versions that calendars compare."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import LinkNotFoundError, NotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.models.calendar import CalendarEntry
from bookings.models.directory import HostContact, Organisation, Place, Site
from bookings.models.links import ActionLink
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.models.visits import Delegation, VisitRequest
from bookings.queries.links import find_link

_SHOWN = (*HOLDING_STATES, SlotState.COMPLETED)
_DAYS_BACK = 90


@dataclass(frozen=True, kw_only=True)
class FeedStop:
    """One stop as calendars need it; `place` is the town's slug."""

    uid: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    title: str
    state: str
    visit_state: str
    reference: str
    delegation: str
    group_size: int
    organisation: str
    site: str
    address: str
    place_en: str
    place_sv: str
    place_fi: str
    host_name: str

    def place(self, language: str) -> str:
        """The town in that language."""
        return {"sv": self.place_sv, "fi": self.place_fi}.get(language) or self.place_en


@dataclass(frozen=True)
class StaffFeed:
    """The feed of one member of staff."""

    language: str
    stops: tuple[FeedStop, ...]


@dataclass(frozen=True)
class VisitFeed:
    """The feed of one visit, for its visitors."""

    language: str
    reference: str
    stops: tuple[FeedStop, ...]


def load_feed(session: Session, token: str, *, now: datetime) -> StaffFeed | VisitFeed:
    """What this secret address shows. Raises LinkNotFoundError or LinkExpiredError."""
    try:
        return load_staff_feed(session, token, now=now)
    except LinkNotFoundError:
        return _load_visit_feed(session, token, now=now)


def _load_visit_feed(session: Session, token: str, *, now: datetime) -> VisitFeed:
    link = find_link(session, token, LinkPurpose.VISIT_FEED, now=now)
    visit = session.execute(
        select(VisitRequest.language, VisitRequest.reference).where(VisitRequest.id == link.subject_id)
    ).one_or_none()
    if visit is None:
        raise LinkNotFoundError
    return VisitFeed(visit.language, visit.reference, list_visit_stops(session, link.subject_id))


def list_visit_stops(session: Session, visit_id: int) -> tuple[FeedStop, ...]:
    """The stops of one visit that hold time, in order."""
    return tuple(
        FeedStop(**row) for row in session.execute(_stops().where(Slot.visit_id == visit_id)).mappings()
    )


def find_slot_stop(session: Session, slot_id: int) -> FeedStop:
    """One stop by its slot. Raises NotFoundError when it holds no time any more."""
    row = session.execute(_stops().where(Slot.id == slot_id)).mappings().one_or_none()
    if row is None:
        raise NotFoundError("slot", str(slot_id))
    return FeedStop(**row)


def load_staff_feed(session: Session, token: str, *, now: datetime) -> StaffFeed:
    """All stops from some weeks back on. Raises LinkNotFoundError (unknown, revoked, account off)."""
    link = find_link(session, token, LinkPurpose.CALENDAR_FEED, now=now)
    reader = session.scalar(
        select(StaffUser.language).where(StaffUser.id == link.subject_id, StaffUser.active)
    )
    if reader is None:
        raise LinkNotFoundError
    since = now - timedelta(days=_DAYS_BACK)
    rows = session.execute(_stops().where(Slot.ends_at >= since)).mappings()
    return StaffFeed(reader, tuple(FeedStop(**row) for row in rows))


def find_feed_since(session: Session, staff_id: int) -> datetime | None:
    """When this person's feed address was made, if there is one; the address itself is nowhere kept."""
    return session.scalar(
        select(ActionLink.created_at)
        .where(
            ActionLink.purpose == LinkPurpose.CALENDAR_FEED,
            ActionLink.subject_id == staff_id,
            ActionLink.revoked_at.is_(None),
        )
        .order_by(ActionLink.id.desc())
        .limit(1)
    )


def _stops() -> Select[*tuple[Any, ...]]:
    entry = CalendarEntry
    return (
        select(
            entry.uid,
            entry.sequence,
            entry.created_at,
            entry.changed_at,
            Slot.starts_at,
            Slot.ends_at,
            Slot.time_zone,
            Slot.title,
            Slot.state,
            VisitRequest.state.label("visit_state"),
            VisitRequest.reference,
            Delegation.organisation_name.label("delegation"),
            Delegation.group_size,
            Organisation.name.label("organisation"),
            Site.name.label("site"),
            Site.address,
            *(
                func.coalesce(column, "").label(label)
                for column, label in (
                    (Place.name_en, "place_en"),
                    (Place.name_sv, "place_sv"),
                    (Place.name_fi, "place_fi"),
                )
            ),
            HostContact.name.label("host_name"),
        )
        .join(entry, entry.id == Slot.calendar_entry_id)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .join(Site, Site.id == Slot.site_id)
        .join(HostContact, HostContact.id == Slot.host_contact_id)
        .outerjoin(Place, Place.id == Slot.place_id)
        .where(Slot.state.in_(_SHOWN))
        .order_by(Slot.starts_at, Slot.id)
    )
