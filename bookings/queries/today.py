"""What waits for staff. Each kind is one statement that gives the rows and how many there are in all, so that
a count and the list behind it never disagree."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from bookings.domain.inbox import InboxState
from bookings.domain.next_steps import Step
from bookings.domain.outbox import OutboxState
from bookings.domain.slots import ASKED_STATES, HOLDING_STATES, LIVE_STATES, SlotState
from bookings.domain.time import Interval, home_day
from bookings.domain.today import (
    TASK_DAYS_AHEAD,
    UNSETTLED_DAYS,
    Scope,
    ScopeName,
    WaitKind,
    week_around,
)
from bookings.domain.visits import OPEN_STATES, UNCONFIRMED_STATES, VisitState
from bookings.models.calendar import Attendee
from bookings.models.directory import Organisation
from bookings.models.inbox import InboxMessage
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import ProposedTime, Slot
from bookings.models.staff import StaffUser
from bookings.models.tasks import VisitTask
from bookings.models.visits import DateWindow, Delegation, VisitPlace, VisitRequest
from bookings.queries.outbox import has_lost_host
from bookings.queries.slots import is_one_of, touches
from bookings.queries.visits.standings import (
    has_failed_slot,
    has_open_wish,
    has_planned_change,
    has_slot,
    is_failed_slot,
)

_PLANNED = (VisitState.PLANNING, VisitState.AWAITING_HOSTS, VisitState.PROPOSED, VisitState.CONFIRMED)
_SILENT = (SlotState.PENDING, SlotState.TENTATIVE)
_WORKED_ON = [Step.READ_WISH.value, Step.RELEASE.value, Step.PROPOSE.value, Step.CHOOSE_HOSTS.value]
_MOST, _START = bindparam("most", type_=Integer), bindparam("start", type_=Integer)
_TOTAL: ColumnElement[int] = func.count().over()
Statement = Select[Any]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One thing that waits. `id` is that of the slot, the mail or the task; `at` and `on` say since or until
    when; a mail may belong to no visit."""

    reference: str | None
    organisation: str | None
    owner_name: str
    id: int
    what: str = ""
    about: str = ""
    code: str = ""
    at: datetime | None = None
    on: date | None = None
    time_zone: str = ""
    time_id: int | None = None
    number: int = 0


Row = TypeVar("Row")


@dataclass(frozen=True)
class WaitingList(Generic[Row]):
    """A page of things of one kind, with how many there are in all."""

    kind: WaitKind
    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True)
class Moment:
    """What the statements count from: this instant, and the clocks of the reader."""

    now: datetime
    zone: str


def list_waiting(
    session: Session, kind: WaitKind, scope: Scope, at: Moment, *, limit: int, offset: int = 0
) -> WaitingList[Waiting]:
    """Things of one kind that comes of visits, the most urgent first, and the number of all of them."""
    statement = _STATEMENTS[kind](scope, at)
    rows = session.execute(statement, {"most": limit, "start": offset}).mappings().all()
    total = rows[0]["total"] if rows else 0
    found = tuple(Waiting(**{key: value for key, value in row.items() if key != "total"}) for row in rows)
    return WaitingList(kind, found, total)


def _cut(ordered: Any) -> Statement:
    """The rows of one page."""
    page: Statement = ordered.limit(_MOST).offset(_START)
    return page


def _select(row_id: Any, *columns: Any, total: ColumnElement[int] = _TOTAL) -> Statement:
    """Every statement has these columns."""
    return select(
        VisitRequest.reference,
        Delegation.organisation_name.label("organisation"),
        func.coalesce(StaffUser.name, "").label("owner_name"),
        row_id.label("id"),
        *columns,
        total.label("total"),
    )


def _of_visits(*columns: Any, total: ColumnElement[int] = _TOTAL) -> Statement:
    """Visits with who looks after them."""
    return (
        _select(VisitRequest.id, *columns, total=total)
        .select_from(VisitRequest)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .outerjoin(StaffUser, StaffUser.id == VisitRequest.owner_id)
    )


def _in_scope(scope: Scope, owner: Any = VisitRequest.owner_id) -> ColumnElement[bool]:
    if scope.name is ScopeName.ALL:
        return true()
    here = _is_in_towns(scope.towns)
    if scope.name is ScopeName.MINE:
        # Not the plain column: SQLite would begin with all that nobody ever looked after.
        whose = func.coalesce(owner, 0)
        return or_(whose == scope.staff_user_id, and_(whose == 0, here))
    colleague = aliased(StaffUser)
    theirs = exists().where(colleague.id == owner, colleague.town.in_(scope.towns))
    return or_(here, theirs)


def _is_in_towns(towns: tuple[str, ...]) -> ColumnElement[bool]:
    """The visitor named one of these towns, or left it to us."""
    if not towns:
        return true()
    of_visit = VisitPlace.visit_id == VisitRequest.id
    return or_(exists().where(of_visit, VisitPlace.place_slug.in_(towns)), ~exists().where(of_visit))


def _requests(scope: Scope, _at: Moment) -> Statement:
    visit = VisitRequest
    since = case((visit.is_held_for_moderation, visit.created_at), else_=visit.state_changed_at)
    code = case(
        (visit.is_held_for_moderation, Step.MODERATE.value),
        (visit.answer != "", Step.READ_ANSWER.value),
        else_=Step.TRIAGE.value,
    )
    return _cut(
        _of_visits(since.label("at"), code.label("code"))
        .where(
            visit.closed_at.is_(None),
            or_(visit.state == VisitState.SUBMITTED, visit.is_held_for_moderation),
            _in_scope(scope),
        )
        .order_by(since, visit.id)
    )


def _unsettled(scope: Scope, at: Moment) -> Statement:
    """Visits that nobody has confirmed though their first stop is near or past; of those without a stop, the
    ones whose last wished day has come."""
    of_visit = Slot.visit_id == VisitRequest.id
    first = select(func.min(Slot.starts_at)).where(of_visit, Slot.state.in_(LIVE_STATES)).scalar_subquery()
    accepted = (
        select(func.count()).where(of_visit, Slot.state == SlotState.ACCEPTED).correlate(VisitRequest)
    ).scalar_subquery()
    last_day = (
        select(func.max(DateWindow.latest_on)).where(DateWindow.visit_id == VisitRequest.id).scalar_subquery()
    )
    visits = (
        select(VisitRequest.id, first.label("at"), last_day.label("on"))
        .where(VisitRequest.closed_at.is_(None), VisitRequest.state.in_(UNCONFIRMED_STATES), _in_scope(scope))
        .subquery()
    )
    is_near = visits.c.at < at.now + timedelta(days=UNSETTLED_DAYS[0])
    is_over = and_(visits.c.at.is_(None), visits.c.on <= home_day(at.now))
    return _cut(
        _of_visits(visits.c.at, visits.c.on, VisitRequest.state.label("code"), accepted.label("number"))
        .join(visits, visits.c.id == VisitRequest.id)
        .where(or_(is_near, is_over))
        .order_by(visits.c.at.is_(None), visits.c.at, visits.c.on, VisitRequest.id)
    )


def _go_on(scope: Scope, _at: Moment) -> Statement:
    """Visits that wait for staff and not for one stop: the order is that of `find_next_step`."""
    state = VisitRequest.state
    code = case(
        (has_open_wish(), Step.READ_WISH.value),
        (has_slot(SlotState.COUNTERED), Step.JUDGE_PROPOSAL.value),
        (has_slot(SlotState.DRAFT) | has_planned_change(), Step.RELEASE.value),
        (has_failed_slot(), Step.REPLACE_HOST.value),
        (state.in_((VisitState.PROPOSED, VisitState.CONFIRMED)), Step.NONE.value),
        (has_slot(*ASKED_STATES), Step.AWAIT_HOSTS.value),
        (has_slot(*HOLDING_STATES), Step.PROPOSE.value),
        else_=Step.CHOOSE_HOSTS.value,
    )
    since = VisitRequest.state_changed_at
    page = _cut(
        select(VisitRequest.id, code.label("code"), _TOTAL.label("total"))
        .where(VisitRequest.closed_at.is_(None), state.in_(_PLANNED), code.in_(_WORKED_ON), _in_scope(scope))
        .order_by(since, VisitRequest.id)
    ).subquery()
    return (
        _of_visits(page.c.code, since.label("at"), total=page.c.total)
        .join(page, page.c.id == VisitRequest.id)
        .order_by(since, VisitRequest.id)
    )


def _of_slots(scope: Scope, when: Any, *conditions: ColumnElement[bool], columns: Any = ()) -> Statement:
    """Stops in the order of `when`. Which ones, and how many, an index tells; only those of the page are
    joined with what is said of them."""
    # Not a join: SQLite would begin with the visits and look at all of their stops.
    is_planned = exists().where(
        VisitRequest.id == Slot.visit_id, VisitRequest.state.in_(_PLANNED), _in_scope(scope)
    )
    # Kept once it is found: the window of `_TOTAL` would carry each row along.
    found = select(Slot.id, when.label("at")).where(is_planned, *conditions).cte("found")
    found = found.prefix_with("MATERIALIZED")
    total = select(func.count()).select_from(found).scalar_subquery()
    page = _cut(select(found.c.id, total.label("total")).order_by(found.c.at, found.c.id)).subquery()
    return (
        _select(
            Slot.id,
            Organisation.name.label("about"),
            Slot.title.label("what"),
            Slot.state.label("code"),
            Slot.time_zone,
            when.label("at"),
            *columns,
            total=page.c.total,
        )
        .select_from(page)
        .join(Slot, Slot.id == page.c.id)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .outerjoin(StaffUser, StaffUser.id == VisitRequest.owner_id)
        .order_by(when, Slot.id)
    )


def _hosts(scope: Scope, _at: Moment) -> Statement:
    return _of_slots(scope, Slot.respond_by, Slot.state.in_(_SILENT))


def _lost(scope: Scope, at: Moment) -> Statement:
    """A stop of the past needs no other host."""
    return _of_slots(scope, Slot.starts_at, Slot.starts_at > at.now, *is_failed_slot(Slot))


def _proposals(scope: Scope, _at: Moment) -> Statement:
    of_slot = ProposedTime.slot_id == Slot.id
    times = select(func.count()).where(of_slot).scalar_subquery()
    first = select(func.min(ProposedTime.id)).where(of_slot).scalar_subquery()
    columns = (times.label("number"), first.label("time_id"))
    return _of_slots(scope, Slot.respond_by, Slot.state == SlotState.COUNTERED, columns=columns)


def _bounces(scope: Scope, _at: Moment) -> Statement:
    """Mails that a server refused, and hosts of live stops whose mails came back later."""
    mail = OutboxMessage
    refused = (
        select(
            VisitRequest.reference, Delegation.organisation_name.label("organisation"),
            func.coalesce(StaffUser.name, "").label("owner_name"), mail.id.label("id"),
            mail.subject.label("what"), mail.recipient.label("about"), literal("mail").label("code"),
            mail.queued_at.label("at"),
        )
        .select_from(mail)
        .outerjoin(VisitRequest, VisitRequest.id == mail.visit_id)
        .outerjoin(Delegation, Delegation.visit_id == VisitRequest.id)
        .outerjoin(StaffUser, StaffUser.id == VisitRequest.owner_id)
        .where(mail.state == OutboxState.FAILED, _in_scope(scope))
    )  # fmt: skip
    came_back = (
        select(
            VisitRequest.reference, Delegation.organisation_name, func.coalesce(StaffUser.name, ""), Slot.id,
            Organisation.name, Attendee.email, literal("host"), Attendee.undeliverable_at,
        )
        .select_from(Slot)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .join(Attendee, Attendee.entry_id == Slot.calendar_entry_id)
        .outerjoin(StaffUser, StaffUser.id == VisitRequest.owner_id)
        .where(has_lost_host(), Attendee.undeliverable_at.is_not(None), _in_scope(scope))
    )  # fmt: skip
    both = union_all(refused, came_back).subquery()
    return _cut(select(*both.c, _TOTAL.label("total")).order_by(both.c.at.desc(), both.c.id))


def _inbox(scope: Scope, _at: Moment) -> Statement:
    message = InboxMessage
    sender = case((message.sender_name != "", message.sender_name), else_=message.sender)
    return _cut(
        select(
            VisitRequest.reference, Delegation.organisation_name.label("organisation"),
            func.coalesce(StaffUser.name, "").label("owner_name"), message.id.label("id"),
            message.subject.label("what"), sender.label("about"), message.reason.label("code"),
            message.received_at.label("at"), _TOTAL.label("total"),
        )
        .select_from(message)
        .outerjoin(VisitRequest, VisitRequest.id == message.visit_id)
        .outerjoin(Delegation, Delegation.visit_id == VisitRequest.id)
        .outerjoin(StaffUser, StaffUser.id == VisitRequest.owner_id)
        .where(message.state == InboxState.OPEN, _in_scope(scope))
        .order_by(message.received_at, message.id)
    )  # fmt: skip


def _tasks(scope: Scope, at: Moment) -> Any:
    task, doer = VisitTask, aliased(StaffUser)
    owner = func.coalesce(task.owner_id, VisitRequest.owner_id)
    until = home_day(at.now) + timedelta(days=TASK_DAYS_AHEAD)
    return _cut(
        select(
            VisitRequest.reference, Delegation.organisation_name.label("organisation"),
            func.coalesce(doer.name, "").label("owner_name"), task.id.label("id"), task.text.label("what"),
            task.about, task.kind.label("code"), task.due_on.label("on"),
            _TOTAL.label("total"),
        )
        .select_from(task)
        .join(VisitRequest, VisitRequest.id == task.visit_id)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .outerjoin(doer, doer.id == owner)
        .where(
            task.done_at.is_(None),
            task.due_on <= until,
            VisitRequest.state.in_((*OPEN_STATES, VisitState.COMPLETED)),
            _in_scope(scope, owner),
        )
        .order_by(task.due_on, task.id)
    )  # fmt: skip


def _week(scope: Scope, at: Moment) -> Statement:
    monday, next_monday = week_around(at.now, at.zone)
    first = func.min(Slot.starts_at)
    visits = (
        select(Slot.visit_id, first.label("at"), func.count().label("number"))
        .where(
            Slot.starts_at >= monday,
            *touches(Interval(monday, next_monday)),
            is_one_of((*HOLDING_STATES, SlotState.COMPLETED)),
        )
        .group_by(Slot.visit_id)
        .subquery()
    )
    return _cut(
        _of_visits(visits.c.at, visits.c.number, VisitRequest.state.label("code"))
        .join(visits, visits.c.visit_id == VisitRequest.id)
        .where(_in_scope(scope))
        .order_by(visits.c.at, VisitRequest.id)
    )


_STATEMENTS: dict[WaitKind, Callable[[Scope, Moment], Statement]] = {
    WaitKind.UNSETTLED: _unsettled,
    WaitKind.REQUESTS: _requests,
    WaitKind.PROPOSALS: _proposals,
    WaitKind.BOUNCES: _bounces,
    WaitKind.LOST: _lost,
    WaitKind.GO_ON: _go_on,
    WaitKind.INBOX: _inbox,
    WaitKind.TASKS: _tasks,
    WaitKind.HOSTS: _hosts,
    WaitKind.WEEK: _week,
}
