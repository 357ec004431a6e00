"""The visitor's own page: one visit with what its visitor may see of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Date,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import Session, joinedload

from bookings.domain.errors import LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.programme import PlannedStop, ProgrammeLeg, build_legs
from bookings.domain.requests import WishedDays
from bookings.domain.slots import ASKED_STATES, HOLDING_STATES, SlotState, has_expired
from bookings.domain.time import Interval
from bookings.domain.told import find_root
from bookings.domain.visits import OPEN_STATES, Actor, VisitState
from bookings.models.slots import Slot
from bookings.models.visits import (
    DateWindow,
    VisitInterest,
    VisitNote,
    VisitPlace,
    VisitRequest,
    WantedHost,
)
from bookings.queries.directory import Directory, load_directory, load_travel_table
from bookings.queries.links import find_link
from bookings.queries.slots import list_slots_of_visit
from bookings.queries.tasks import find_missing_letter

_IN_PROGRAMME = (*HOLDING_STATES, SlotState.COMPLETED, SlotState.NO_SHOW)

_BEFORE_PLANNING = (VisitState.UNVERIFIED, VisitState.SUBMITTED)

_OWING_STATES = (VisitState.NEEDS_INFO, VisitState.PROPOSED)


@dataclass(frozen=True, kw_only=True)
class OwnStop:
    """One stop of the programme as the visitor sees it."""

    id: int
    root: int
    """The slot that this one stands in for, through all replacements; its own id when for none."""
    state: SlotState
    title: str
    """As it was written; `directory.translate_title` tells it in the reader's language."""
    organisation: str
    organisation_slug: str
    site: str
    address: str
    place_slug: str
    country: str
    time_zone: str
    starts_at: datetime
    ends_at: datetime
    respond_by: datetime | None
    group: int | None = None


@dataclass(frozen=True, kw_only=True)
class Wished:
    """The lists of a request: terms of interest and towns by slug, wanted hosts by name, and the days."""

    interests: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    windows: tuple[WishedDays, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OwnVisit:
    """A visit as its visitor sees it: drafts and lost hosts stay with staff."""

    visit: VisitRequest
    wished: Wished
    stops: tuple[OwnStop, ...]
    """The programme in the order of its times."""
    legs: tuple[ProgrammeLeg, ...]
    wishes: tuple[VisitNote, ...]
    """What the visitor wished to have changed, newest first."""
    directory: Directory
    is_overdue: bool
    """The visitor's time to act has passed, whether the nightly job has been there or not."""
    has_let_go: bool
    """Hosts that had been asked got their time back, and were told."""
    letter_from: str = ""
    """Whose letter has to come before the offered programme can be accepted."""

    @property
    def state(self) -> VisitState:
        return VisitState.EXPIRED if self.is_overdue else VisitState(self.visit.state)

    @property
    def open_wishes(self) -> tuple[VisitNote, ...]:
        """Wishes that staff have not dealt with; of a visit that is over nothing is waited for."""
        return tuple(wish for wish in self.wishes if wish.answered_at is None and self.state in OPEN_STATES)

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
    visit = session.scalar(_own_visit(), {"visit_id": link.subject_id})
    if visit is None:
        raise LinkNotFoundError
    directory = load_directory(session)
    slots = _list_slots(session, visit)
    stops = _list_stops(slots)
    return OwnVisit(
        visit=visit,
        wished=_list_wished(session, visit.id, directory),
        stops=stops,
        legs=_list_legs(session, stops),
        wishes=_list_wishes(session, visit.id),
        directory=directory,
        letter_from=find_missing_letter(session, visit) if visit.state == VisitState.PROPOSED else "",
        has_let_go=any(slot.state == SlotState.WITHDRAWN for slot in slots),
        is_overdue=visit.state in _OWING_STATES and has_expired(visit.answer_by, now=now),
    )


@cache
def _own_visit() -> Select[VisitRequest]:
    whole = select(VisitRequest).where(VisitRequest.id == bindparam("visit_id"))
    return whole.options(joinedload(VisitRequest.delegation), joinedload(VisitRequest.agreement))


def _list_wished(session: Session, visit_id: int, directory: Directory) -> Wished:
    """The lists of a request in one statement: four of them would cost half the page."""
    rows = session.connection().execute(_wished_rows(), {"visit_id": visit_id}).all()
    by_id = directory.interests.by_id
    order = {slug: number for number, slug in enumerate(directory.interests.by_slug)}
    names = {company.id: company.name for company in directory.companies.values()}
    interests = [by_id[row.number].slug for row in rows if row.list == "interest" and row.number in by_id]
    return Wished(
        interests=tuple(sorted(interests, key=order.__getitem__)),
        places=tuple(sorted(row.slug for row in rows if row.list == "place")),
        hosts=tuple(sorted(names[row.number] for row in rows if row.list == "host" and row.number in names)),
        windows=tuple(
            WishedDays(row.earliest, row.latest, row.half_days, bool(row.flexible))
            for row in sorted((row for row in rows if row.list == "window"), key=lambda row: row.number)
        ),
    )


@cache
def _wished_rows() -> CompoundSelect[Any]:
    visit: BindParameter[int] = bindparam("visit_id")
    days = (
        DateWindow.earliest_on.label("earliest"),
        DateWindow.latest_on.label("latest"),
        DateWindow.half_days.label("half_days"),
        cast(DateWindow.is_flexible, Integer).label("flexible"),
    )
    no_days = [
        cast(null(), kind).label(name)
        for name, kind in (
            ("earliest", Date),
            ("latest", Date),
            ("half_days", Integer),
            ("flexible", Integer),
        )
    ]
    no_slug = cast(null(), Text).label("slug")
    no_number = cast(null(), Integer).label("number")
    return union_all(
        select(literal("window").label("list"), DateWindow.position.label("number"), no_slug, *days).where(
            DateWindow.visit_id == visit
        ),
        select(literal("interest"), VisitInterest.interest_id, no_slug, *no_days).where(
            VisitInterest.visit_id == visit
        ),
        select(literal("host"), WantedHost.organisation_id, no_slug, *no_days).where(
            WantedHost.visit_id == visit
        ),
        select(literal("place"), no_number, VisitPlace.place_slug, *no_days).where(
            VisitPlace.visit_id == visit
        ),
    )


def _list_slots(session: Session, visit: VisitRequest) -> Sequence[Slot]:
    """Before staff have seen the request there is nothing."""
    return () if visit.state in _BEFORE_PLANNING else list_slots_of_visit(session, visit.id)


def _list_stops(slots: Sequence[Slot]) -> tuple[OwnStop, ...]:
    """What the visitor may see of the programme."""
    replaces = {slot.id: slot.replaces_id for slot in slots}
    return tuple(
        _build_stop(slot, root=find_root(slot.id, replaces)) for slot in slots if slot.state in _IN_PROGRAMME
    )


def _build_stop(slot: Slot, *, root: int) -> OwnStop:
    return OwnStop(
        id=slot.id,
        root=root,
        state=SlotState(slot.state),
        title=slot.title,
        organisation=slot.organisation.name,
        organisation_slug=slot.organisation.slug,
        site=slot.site.name,
        address=slot.site.address,
        place_slug=slot.place.slug if slot.place else "",
        country=slot.place.country if slot.place else slot.organisation.country,
        time_zone=slot.time_zone,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        respond_by=slot.respond_by,
        group=slot.group_number,
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
            group=stop.group,
        )
        for stop in stops
    ]
    return build_legs(planned, load_travel_table(session))


def _list_wishes(session: Session, visit_id: int) -> tuple[VisitNote, ...]:
    statement = select(VisitNote).where(
        VisitNote.visit_id == visit_id, VisitNote.author_kind == Actor.VISITOR
    )
    return tuple(session.scalars(statement.order_by(VisitNote.id.desc())))
