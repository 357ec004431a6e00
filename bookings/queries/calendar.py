"""What happens when: the stops of all visits in a stretch of time, for staff's calendar page.

First the marks: when and whose, of any number of stops. Then the stops themselves, only those that are shown.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, exists, false, null, or_, select, type_coerce
from sqlalchemy.orm import Session, joinedload

from bookings.db import table_of
from bookings.domain.errors import NotFoundError
from bookings.domain.slots import ASKED_STATES, LIVE_STATES, SlotState
from bookings.domain.time import Interval
from bookings.domain.visits import PLANNABLE_STATES
from bookings.models.directory import Interest, Organisation, Place, Site
from bookings.models.slots import Slot
from bookings.models.visits import Delegation, VisitInterest, VisitRequest
from bookings.queries.slots import is_one_of, touches
from bookings.queries.visits import is_for_staff

STATES: dict[str, tuple[SlotState, ...]] = {
    "draft": (SlotState.DRAFT,),
    "asked": ASKED_STATES,
    "accepted": (SlotState.ACCEPTED,),
    "done": (SlotState.COMPLETED, SlotState.NO_SHOW),
}
"""What one can choose to see; everything together is what a calendar shows at all."""

NO_OWNER = "none"
_SHOWN = (*LIVE_STATES, SlotState.COMPLETED, SlotState.NO_SHOW)


KINDS = VISITS, EVENTS = "visits", "events"
"""What happens: the stops of visits, and events, advisory and matchmaking days among them."""


@dataclass(frozen=True, kw_only=True)
class CalendarFilter:
    """What is shown: `visits` or `events` only; of a town, a coordinator (an id or `none`), a state, an
    interest, one visit."""

    kind: str = ""
    town: str = ""
    owner: str = ""
    state: str = ""
    interest: str = ""
    visit: str = ""

    @property
    def is_of_visits(self) -> bool:
        """Does it ask for what stands with the visit?"""
        return bool(self.owner or self.interest or self.visit)

    @property
    def is_empty(self) -> bool:
        """Is everything shown?"""
        return self == CalendarFilter()


class Mark(NamedTuple):
    """When a stop or an event is, and in which rows it stands; `time_zone` is that of the place."""

    id: int
    """Of the slot, or of the event."""
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    organisation_id: int | None = None
    site_id: int | None = None
    owner_id: int | None = None
    is_event: bool = False


class Stop(NamedTuple):
    """One stop of one visit; `time_zone` is that of the place."""

    slot_id: int
    reference: str
    visit_state: str
    organisation: str
    group_size: int
    host_name: str
    site_name: str
    place: str
    state: SlotState
    starts_at: datetime
    ends_at: datetime
    time_zone: str

    @property
    def can_move(self) -> bool:
        """Can staff give it another time?"""
        return self.state in LIVE_STATES and self.visit_state in PLANNABLE_STATES


def list_marks(session: Session, span: Interval, wanted: CalendarFilter, *, whose: bool) -> list[Mark]:
    """All stops that touch the span, in order; of one visit also those at other times.

    With `whose` also in which rows they stand: of thousands of stops it would cost too much for nothing.
    """
    if wanted.kind == EVENTS:
        return []
    in_span = () if wanted.visit else touches(span)
    # Columns of the tables cost half of what attributes of the classes do.
    slot, visit = table_of(Slot).c, table_of(VisitRequest).c
    rows_of_mark = (slot.organisation_id, slot.site_id, visit.owner_id) if whose else (null(),) * 3
    marks = (
        select(
            slot.id, type_coerce(slot.starts_at, String), type_coerce(slot.ends_at, String),
            slot.time_zone, *rows_of_mark,
        )
        .where(*in_span, *_conditions(wanted))
        .order_by(slot.starts_at, slot.id)
    )  # fmt: skip
    if whose or wanted.is_of_visits:
        marks = marks.join_from(table_of(Slot), table_of(VisitRequest), visit.id == slot.visit_id)
    rows = session.connection().execute(marks).all()
    known = _Instants()
    return [
        Mark(id_, known[starts], known[ends], zone, host_id, site_id, owner_id)
        for id_, starts, ends, zone, host_id, site_id, owner_id in rows
    ]


def stop_times(wanted: CalendarFilter) -> Select[datetime, str]:
    """Start and zone of every stop that the calendar would show, at whatever time."""
    return (
        select(Slot.starts_at, Slot.time_zone)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .where(*([false()] if wanted.kind == EVENTS else _conditions(wanted)))
    )


class _Instants(dict[str | datetime, datetime]):
    """Instants as the database keeps them, SQLite as text in UTC. Many stops share one: each is read once."""

    def __missing__(self, stored: str | datetime) -> datetime:
        if isinstance(stored, str):
            instant = datetime.fromisoformat(stored).replace(tzinfo=UTC)
        else:
            instant = stored.astimezone(UTC)
        self[stored] = instant
        return instant


def load_stops(session: Session, slot_ids: Collection[int]) -> dict[int, Stop]:
    """These stops by their ids."""
    if not slot_ids:
        return {}
    rows = session.execute(
        select(
            Slot.id, VisitRequest.reference, VisitRequest.state, Delegation.organisation_name,
            Delegation.group_size, Organisation.name, Site.name, Place.slug, Slot.state,
            Slot.starts_at, Slot.ends_at, Slot.time_zone,
        )
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .join(Site, Site.id == Slot.site_id)
        .outerjoin(Place, Place.id == Slot.place_id)
        .where(Slot.id.in_(slot_ids))
    )  # fmt: skip
    return {row[0]: _build_stop(row) for row in rows}


def load_visit_to_suggest(session: Session, reference: str) -> VisitRequest:
    """A visit with what suggestions look at, in one statement: its lists are short. Raises NotFoundError."""
    lists = (VisitRequest.interests, VisitRequest.places, VisitRequest.wanted_hosts)
    visit = (
        session.scalars(
            select(VisitRequest)
            .where(VisitRequest.reference == reference, is_for_staff())
            .options(joinedload(VisitRequest.delegation), *(joinedload(one) for one in lists))
        )
        .unique()
        .one_or_none()
    )
    if visit is None:
        raise NotFoundError("visit_request", reference)
    return visit


def _build_stop(row: Any) -> Stop:
    values = list(row)
    values[7], values[8] = values[7] or "", SlotState(values[8])
    return Stop(*values)


def _conditions(wanted: CalendarFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [is_one_of(STATES.get(wanted.state, _SHOWN))]
    if wanted.town:
        of_town = select(Place.id).where(Place.slug == wanted.town).scalar_subquery()
        found.append(Slot.place_id == of_town)
    if wanted.owner == NO_OWNER:
        found.append(VisitRequest.owner_id.is_(None))
    elif wanted.owner:
        found.append(VisitRequest.owner_id == int(wanted.owner))
    if wanted.visit:
        found.append(VisitRequest.reference == wanted.visit)
    if wanted.interest:
        found.append(_asks_for(wanted.interest))
    return found


def _asks_for(interest: str) -> ColumnElement[bool]:
    """An area stands for all of its topics."""
    is_meant = or_(Interest.slug == interest, Interest.slug.startswith(f"{interest}/", autoescape=True))
    return (
        exists()
        .where(VisitInterest.visit_id == VisitRequest.id, VisitInterest.interest_id == Interest.id)
        .where(is_meant)
    )
