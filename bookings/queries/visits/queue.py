"""The queue of requests, what needs staff first on top."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from bookings.domain.next_steps import NextStep, find_next_step
from bookings.domain.slots import ASKED_STATES, SlotState
from bookings.domain.visits import CLOSED_STATES, OPEN_STATES, VisitState
from bookings.models.labels import LabelledVisit
from bookings.models.staff import StaffUser
from bookings.models.visits import DateWindow, Delegation, VisitPlace, VisitRequest
from bookings.queries.labels import Label, list_labels_of
from bookings.queries.visits.standings import (
    VisitFacts,
    has_failed_slot,
    has_open_wish,
    has_planned_change,
    has_slot,
    is_for_staff,
    load_standings,
)

PER_PAGE = 12


@dataclass(frozen=True)
class QueueFilter:
    """What of the queue is shown. `state`: open, held, closed, all or one state; `owner`: an id or `none`."""

    state: str = "open"
    town: str = ""
    owner: str = ""
    text: str = ""
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class QueueRow:
    """One request in the queue; `places` are slugs of towns."""

    reference: str
    organisation: str
    country: str
    group_size: int
    state: VisitState
    submitted_at: datetime | None
    created_at: datetime
    owner_name: str
    is_held: bool
    places: tuple[str, ...]
    first_day: date | None
    last_day: date | None
    next_step: NextStep
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue."""

    rows: tuple[QueueRow, ...]
    page: int
    pages: int
    total: int


def list_queue(session: Session, wanted: QueueFilter, *, page: int = 1) -> QueuePage:
    """The queue, what needs staff first on top; the same number of statements for any number of rows."""
    every = _joined(_conditions(wanted)).order_by(_rank(), VisitRequest.submitted_at, VisitRequest.id)
    page = max(page, 1)
    rows = session.execute(every.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    if not rows and page > 1:
        # An old address: the list has grown shorter than this page meanwhile.
        return list_queue(session, wanted, page=_count_pages(session, wanted))
    total = rows[0].total if rows else 0
    return QueuePage(_build_rows(session, rows), page, max(1, -(-total // PER_PAGE)), total)


def _count_pages(session: Session, wanted: QueueFilter) -> int:
    total = session.scalar(select(func.count()).select_from(_joined(_conditions(wanted)).subquery())) or 0
    return max(1, -(-total // PER_PAGE))


def count_held_back(session: Session) -> tuple[int, int]:
    """(held, unverified): how many requests wait for staff to let them pass, and how many for their visitors
    to prove the address; of those staff see no more than the number."""
    visit = VisitRequest
    unverified = (visit.state == VisitState.UNVERIFIED) & ~visit.is_held_for_moderation
    held = func.count().filter(visit.is_held_for_moderation)
    counts = select(held, func.count().filter(unverified)).where(
        visit.closed_at.is_(None), visit.is_held_for_moderation | unverified
    )
    row = session.execute(counts).one()
    return row[0], row[1]


def _joined(conditions: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    visit, delegation = VisitRequest, Delegation
    return (
        select(
            visit.id,
            visit.reference,
            delegation.organisation_name.label("organisation"),
            delegation.organisation_country.label("country"),
            delegation.group_size,
            visit.state,
            visit.submitted_at,
            visit.created_at,
            func.coalesce(StaffUser.name, "").label("owner_name"),
            visit.is_held_for_moderation.label("is_held"),
            (visit.answer != "").label("has_answer"),
            visit.answer_by,
            func.count().over().label("total"),
        )
        .join(delegation, delegation.visit_id == visit.id)
        .outerjoin(StaffUser, StaffUser.id == visit.owner_id)
        .where(*conditions)
    )


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    found = [is_for_staff(), _state_condition(wanted.state)]
    if wanted.town:
        found.append(
            exists().where(VisitPlace.visit_id == VisitRequest.id, VisitPlace.place_slug == wanted.town)
        )
    if wanted.owner:
        owner = VisitRequest.owner_id
        found.append(
            owner == int(wanted.owner)
            if wanted.owner.isascii() and wanted.owner.isdigit()
            else owner.is_(None)
        )
    if wanted.label:
        of_visit = LabelledVisit.visit_id == VisitRequest.id
        found.append(exists().where(of_visit, LabelledVisit.label_id == int(wanted.label)))
    if wanted.text:
        columns = (
            VisitRequest.reference,
            Delegation.organisation_name,
            VisitRequest.contact_name,
            VisitRequest.contact_email,
        )
        found.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in columns)))
    return found


def _state_condition(state: str) -> ColumnElement[bool]:
    if state == "held":
        return VisitRequest.closed_at.is_(None) & VisitRequest.is_held_for_moderation.is_(True)
    if state == "all":
        return VisitRequest.id > 0
    if state == "closed":
        return VisitRequest.state.in_(CLOSED_STATES)
    if state in set(VisitState):
        return VisitRequest.state == state
    is_open = or_(VisitRequest.state.in_(OPEN_STATES), VisitRequest.is_held_for_moderation)
    return VisitRequest.closed_at.is_(None) & is_open


def _rank() -> ColumnElement[int]:
    """What needs staff first: the order of `find_next_step`, as the database can tell it."""
    state = VisitRequest.state
    planned = state.in_((VisitState.AWAITING_HOSTS, VisitState.PROPOSED, VisitState.CONFIRMED))
    has_plans = has_slot(SlotState.COUNTERED, SlotState.DRAFT) | has_planned_change()
    has_work = has_plans | has_failed_slot() | has_open_wish()
    return case(
        (VisitRequest.is_held_for_moderation, 0),
        (and_(planned, has_work), 1),
        (state == VisitState.SUBMITTED, 2),
        (state == VisitState.PLANNING, 3),
        (and_(state == VisitState.AWAITING_HOSTS, ~has_slot(*ASKED_STATES)), 3),
        (state == VisitState.AWAITING_HOSTS, 4),
        (state.in_((VisitState.NEEDS_INFO, VisitState.PROPOSED)), 5),
        (state == VisitState.CONFIRMED, 6),
        else_=7,
    )


def _build_rows(session: Session, rows: Sequence[Row[Any]]) -> tuple[QueueRow, ...]:
    ids = [row.id for row in rows]
    places, days = _list_places(session, ids), _list_days(session, ids)
    labels = list_labels_of(session, ids)
    standings = load_standings(
        session,
        [
            VisitFacts(row.id, VisitState(row.state), row.is_held, row.has_answer, row.answer_by)
            for row in rows
        ],
    )
    return tuple(
        QueueRow(
            reference=row.reference,
            organisation=row.organisation,
            country=row.country,
            group_size=row.group_size,
            state=VisitState(row.state),
            submitted_at=row.submitted_at,
            created_at=row.created_at,
            owner_name=row.owner_name,
            is_held=row.is_held,
            places=tuple(places[row.id]),
            first_day=days.get(row.id, (None, None))[0],
            last_day=days.get(row.id, (None, None))[1],
            next_step=find_next_step(standings[row.id]),
            labels=tuple(labels[row.id]),
        )
        for row in rows
    )


def _list_places(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    statement = select(VisitPlace.visit_id, VisitPlace.place_slug).where(VisitPlace.visit_id.in_(ids))
    for visit_id, slug in session.execute(statement.order_by(VisitPlace.place_slug)):
        found[visit_id].append(slug)
    return found


def _list_days(session: Session, ids: Sequence[int]) -> dict[int, tuple[date | None, date | None]]:
    rows = session.execute(
        select(DateWindow.visit_id, func.min(DateWindow.earliest_on), func.max(DateWindow.latest_on))
        .where(DateWindow.visit_id.in_(ids))
        .group_by(DateWindow.visit_id)
    )
    return {visit_id: (first, last) for visit_id, first, last in rows}
