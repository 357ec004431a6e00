"""Tasks of visits, and what their rules look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.tasks import TaskFacts, TaskKind, TaskStop
from bookings.domain.time import home_day, local_day
from bookings.domain.visits import VisitKind, VisitState
from bookings.models.directory import Organisation
from bookings.models.offers import SlotOffer, VisitOffer
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.models.tasks import VisitTask
from bookings.models.visits import Delegation, VisitRequest
from bookings.settings import current_settings

_STOPS = (*HOLDING_STATES, SlotState.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class TaskRow:
    """A task as staff see it; `owner_id` is empty where it belongs to whoever looks after the visit."""

    id: int
    kind: TaskKind
    text: str
    about: str
    slot_id: int | None
    due_on: date | None
    owner_id: int | None
    owner_name: str
    version: int
    created_by: str
    done_at: datetime | None
    done_by: str

    @property
    def is_own(self) -> bool:
        """Did staff add it themselves?"""
        return self.kind in (TaskKind.OWN, TaskKind.FOLLOW_UP)


def list_tasks(session: Session, visit_id: int) -> list[TaskRow]:
    """The tasks of a visit: the open ones by their days, then the done ones, the last one first."""
    task = VisitTask
    rows = session.execute(
        select(
            task.id, task.kind, task.text, task.about, task.slot_id, task.due_on, task.owner_id,
            func.coalesce(StaffUser.name, "").label("owner_name"), task.version, task.created_by,
            task.done_at, task.done_by,
        )
        .outerjoin(StaffUser, StaffUser.id == task.owner_id)
        .where(task.visit_id == visit_id)
        .order_by(task.id)
    ).mappings()  # fmt: skip
    found = [TaskRow(**{**row, "kind": TaskKind(row["kind"])}) for row in rows]
    still_open = [one for one in found if one.done_at is None]
    done = [one for one in found if one.done_at is not None]
    return [
        *sorted(still_open, key=lambda one: (one.due_on or date.max, one.id)),
        *sorted(done, key=lambda one: (one.done_at, one.id), reverse=True),
    ]


def find_missing_letter(session: Session, visit: VisitRequest) -> str:
    """From whom a letter has to come before the visit can be confirmed (rule 6); "" when none is missing."""
    client = visit.delegation.on_behalf_of
    if not client:
        return ""
    is_there = select(VisitTask.id).where(
        VisitTask.visit_id == visit.id, VisitTask.kind == TaskKind.LETTER, VisitTask.done_at.is_not(None)
    )
    return "" if session.scalar(is_there.limit(1)) is not None else client


def find_task_keys(session: Session, task_id: int) -> tuple[int, TaskKind]:
    """The visit and the kind of a task. Raises NotFoundError."""
    row = session.execute(
        select(VisitTask.visit_id, VisitTask.kind).where(VisitTask.id == task_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("visit_task", str(task_id))
    return row.visit_id, TaskKind(row.kind)


def load_task(session: Session, task_id: int) -> VisitTask:
    """One task, locked. Raises NotFoundError."""
    task = session.scalars(select(VisitTask).where(VisitTask.id == task_id).with_for_update()).one_or_none()
    if task is None:
        raise NotFoundError("visit_task", str(task_id))
    return task


def load_task_facts(session: Session, visit_id: int, *, now: datetime) -> TaskFacts:
    """What the rules of tasks look at, in two statements."""
    row = session.execute(
        select(
            VisitRequest.state,
            VisitRequest.visit_kind,
            Delegation.organisation_country,
            Delegation.on_behalf_of,
        )
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .where(VisitRequest.id == visit_id)
    ).one()
    return TaskFacts(
        state=VisitState(row.state),
        kind=VisitKind(row.visit_kind),
        country=row.organisation_country,
        country_is_screened=row.organisation_country in current_settings().visits.screening_countries,
        on_behalf_of=row.on_behalf_of,
        today=home_day(now),
        stops=_list_stops(session, visit_id),
    )


def _list_stops(session: Session, visit_id: int) -> Sequence[TaskStop]:
    rows = session.execute(
        select(
            Slot.id,
            Organisation.name,
            Slot.starts_at,
            Slot.time_zone,
            VisitOffer.minimum_age,
            VisitOffer.needs_identity_list,
        )
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .outerjoin(SlotOffer, SlotOffer.slot_id == Slot.id)
        .outerjoin(VisitOffer, VisitOffer.id == SlotOffer.visit_offer_id)
        .where(Slot.visit_id == visit_id, Slot.state.in_(_STOPS))
        .order_by(Slot.starts_at, Slot.id)
    )
    return [
        TaskStop(
            slot_id=row.id,
            host=row.name,
            day=local_day(row.starts_at, row.time_zone),
            minimum_age=row.minimum_age,
            needs_names=bool(row.needs_identity_list),
        )
        for row in rows
    ]
