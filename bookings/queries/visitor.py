"""The visitor's own page: one visit with what its visitor may see of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload, selectinload

from bookings.domain.errors import LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.programme import PlannedStop, ProgrammeLeg, build_legs
from bookings.domain.requests import WishedDays
from bookings.domain.slots import ASKED_STATES, HOLDING_STATES, SlotState, has_expired
from bookings.domain.time import Interval
from bookings.domain.told import find_root
from bookings.domain.visits import Actor, VisitState
from bookings.models.slots import Slot
from bookings.models.visits import VisitNote, VisitRequest
from bookings.queries.directory import Directory, load_directory, load_travel_table
from bookings.queries.links import find_link
from bookings.queries.slots import list_slots_of_visit

_IN_PROGRAMME = (*HOLDING_STATES, SlotState.COMPLETED, SlotState.NO_SHOW)

_OWING_STATES = (VisitState.NEEDS_INFO, VisitState.PROPOSED)


@dataclass(frozen=True, kw_only=True)
class OwnStop:
    """One stop of the programme as the visitor sees it."""

    id: int
    root: int
    """The slot that this one stands in for, through all replacements; its own id when for none."""
    state: SlotState
    title: str
    organisation: str
    site: str
    address: str
    place_slug: str
    country: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    respond_by: datetime | None


@dataclass(frozen=True, kw_only=True)
class OwnVisit:
    """A visit as its visitor sees it: drafts and lost hosts stay with staff."""

    visit: VisitRequest
    stops: tuple[OwnStop, ...]
    """The programme in the order of its times."""
    legs: tuple[ProgrammeLeg, ...]
    wishes: tuple[VisitNote, ...]
    """What the visitor wished to have changed, newest first."""
    directory: Directory
    is_overdue: bool
    """The visitor's time to act has passed, whether the nightly job has been there or not."""

    @property
    def state(self) -> VisitState:
        return VisitState.EXPIRED if self.is_overdue else VisitState(self.visit.state)

    @property
    def windows(self) -> tuple[WishedDays, ...]:
        """The days that were wished for."""
        return tuple(
            WishedDays(row.earliest_on, row.latest_on, row.half_days, row.is_flexible)
            for row in self.visit.date_windows
        )

    @property
    def open_stops(self) -> tuple[OwnStop, ...]:
        """Stops whose hosts owe an answer."""
        return tuple(stop for stop in self.stops if stop.state in ASKED_STATES)

    @property
    def agreed_stops(self) -> tuple[OwnStop, ...]:
        """Stops whose hosts said yes."""
        return tuple(stop for stop in self.stops if stop.state not in ASKED_STATES)


def find_own_visit(session: Session, token: str, *, now: datetime) -> OwnVisit:
    """What a visitor's link opens. Raises LinkNotFoundError or LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.MANAGE_VISIT, now=now)
    # The slots first: reading them refreshes their visit without its lists.
    slots = list_slots_of_visit(session, link.subject_id)
    visit = session.scalar(_own_visits().where(VisitRequest.id == link.subject_id))
    if visit is None:
        raise LinkNotFoundError
    replaces = {slot.id: slot.replaces_id for slot in slots}
    stops = tuple(
        _build_stop(slot, root=find_root(slot.id, replaces)) for slot in slots if slot.state in _IN_PROGRAMME
    )
    return OwnVisit(
        visit=visit,
        stops=stops,
        legs=_list_legs(session, stops),
        wishes=_list_wishes(session, visit.id),
        directory=load_directory(session),
        is_overdue=visit.state in _OWING_STATES and has_expired(visit.answer_by, now=now),
    )


@cache
def _own_visits() -> Select[VisitRequest]:
    return select(VisitRequest).options(
        joinedload(VisitRequest.delegation),
        joinedload(VisitRequest.agreement),
        selectinload(VisitRequest.interests),
        selectinload(VisitRequest.date_windows),
        selectinload(VisitRequest.places),
        selectinload(VisitRequest.wanted_hosts),
    )


def _build_stop(slot: Slot, *, root: int) -> OwnStop:
    return OwnStop(
        id=slot.id,
        root=root,
        state=SlotState(slot.state),
        title=slot.title,
        organisation=slot.organisation.name,
        site=slot.site.name,
        address=slot.site.address,
        place_slug=slot.place.slug if slot.place else "",
        country=slot.place.country if slot.place else slot.organisation.country,
        time_zone=slot.time_zone,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        respond_by=slot.respond_by,
    )


def _list_legs(session: Session, stops: Sequence[OwnStop]) -> tuple[ProgrammeLeg, ...]:
    if len(stops) < 2:
        return ()
    planned = [
        PlannedStop(
            key=str(stop.id),
            place=stop.place_slug,
            country=stop.country,
            time_zone=stop.time_zone,
            interval=Interval(stop.starts_at, stop.ends_at),
        )
        for stop in stops
    ]
    return build_legs(planned, load_travel_table(session))


def _list_wishes(session: Session, visit_id: int) -> tuple[VisitNote, ...]:
    statement = select(VisitNote).where(
        VisitNote.visit_id == visit_id, VisitNote.author_kind == Actor.VISITOR
    )
    return tuple(session.scalars(statement.order_by(VisitNote.id.desc())))
