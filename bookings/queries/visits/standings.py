"""Where visits stand: what their slots say, in a constant number of statements."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from bookings.domain.next_steps import Standing
from bookings.domain.slots import ASKED_STATES, FAILED_STATES, SlotState
from bookings.domain.tasks import TaskKind
from bookings.domain.visits import Actor, VisitState
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.models.tasks import VisitTask
from bookings.models.visits import Delegation, VisitNote, VisitRequest
from bookings.queries.stacks import Stack


@dataclass(frozen=True)
class VisitFacts:
    id: int
    state: VisitState
    is_held: bool
    has_answer: bool
    answer_by: datetime | None

    @classmethod
    def of(cls, visit: VisitRequest) -> "VisitFacts":
        return cls(
            visit.id,
            VisitState(visit.state),
            visit.is_held_for_moderation,
            bool(visit.answer),
            visit.answer_by,
        )


@cache
def _standings() -> Stack:
    return Stack(**standing_parts())


def standing_parts() -> dict[str, Select[*tuple[Any, ...]]]:
    """What `build_standings` looks at, of the visits `ids`."""
    ids: BindParameter[Any] = bindparam("ids", expanding=True)
    return {
        "tally": select(
            Slot.visit_id,
            Slot.state,
            func.count().label("number"),
            func.min(Slot.respond_by).label("respond_by"),
            func.sum(case((and_(*is_failed_slot(Slot)), 1), else_=0)).label("failures"),
        )
        .where(Slot.visit_id.in_(ids))
        .group_by(Slot.visit_id, Slot.state),
        "questions": select(
            VisitRequest.id,
            type_coerce(has_open_wish(), Boolean).label("has_wish"),
            type_coerce(has_planned_change(), Boolean).label("has_planned"),
            type_coerce(lacks_letter(), Boolean).label("needs_letter"),
        ).where(VisitRequest.id.in_(ids)),
    }


def load_standings(session: Session, visits: Sequence[VisitFacts]) -> dict[int, Standing]:
    """Where each visit stands, in one statement for any number of them."""
    found = _standings().read(session, {"ids": [visit.id for visit in visits]})
    return build_standings(visits, found)


def build_standings(visits: Sequence[VisitFacts], found: Mapping[str, list[Any]]) -> dict[int, Standing]:
    """Where each visit stands by the rows of `standing_parts`."""
    counts: defaultdict[int, dict[SlotState, int]] = defaultdict(dict)
    deadlines: dict[int, datetime] = {}
    failed: Counter[int] = Counter()
    for row in found["tally"]:
        counts[row.visit_id][SlotState(row.state)] = row.number
        failed[row.visit_id] += row.failures
        if row.state in ASKED_STATES and row.respond_by is not None:
            known = deadlines.get(row.visit_id, row.respond_by)
            deadlines[row.visit_id] = min(known, row.respond_by)
    wishing = {row.id for row in found["questions"] if row.has_wish}
    planned = {row.id for row in found["questions"] if row.has_planned}
    lacking = {row.id for row in found["questions"] if row.needs_letter}
    return {
        visit.id: Standing(
            state=visit.state,
            slots=counts[visit.id],
            failed_hosts=failed[visit.id],
            is_held=visit.is_held,
            has_answer=visit.has_answer,
            has_wish=visit.id in wishing,
            has_planned=visit.id in planned,
            lacks_letter=visit.id in lacking,
            answer_by=visit.answer_by,
            respond_by=deadlines.get(visit.id),
        )
        for visit in visits
    }


def is_for_staff() -> ColumnElement[bool]:
    return or_(VisitRequest.state != VisitState.UNVERIFIED, VisitRequest.is_held_for_moderation)


def has_slot(*states: SlotState) -> ColumnElement[bool]:
    """For lists: the stops in these states are looked up once, and not once for each visit."""
    return VisitRequest.id.in_(select(Slot.visit_id).where(Slot.state.in_(states)))


def has_open_wish() -> ColumnElement[bool]:
    """The visitor wished a change, and staff have not said that they dealt with it."""
    return VisitRequest.id.in_(select(VisitNote.visit_id).where(*is_open_wish()))


def is_open_wish() -> tuple[ColumnElement[bool], ...]:
    """A note of the visitor that waits for staff."""
    # Written out: the index of open wishes holds no other notes.
    is_visitors = VisitNote.author_kind == literal(Actor.VISITOR, literal_execute=True)
    return is_visitors, VisitNote.answered_at.is_(None)


def has_planned_change() -> ColumnElement[bool]:
    """Something is planned of a stop that its host knows, and waits for a release."""
    # From the few planned changes to their slots: of a join, SQLite may read all slots first.
    return VisitRequest.id.in_(select(Slot.visit_id).where(Slot.id.in_(select(PlannedChange.slot_id))))


def lacks_letter() -> ColumnElement[bool]:
    """On behalf of somebody whose letter has not come: `find_missing_letter` for many visits."""
    return and_(
        exists().where(Delegation.visit_id == VisitRequest.id, Delegation.on_behalf_of != ""),
        ~exists().where(
            VisitTask.visit_id == VisitRequest.id,
            VisitTask.kind == TaskKind.LETTER,
            VisitTask.done_at.is_not(None),
        ),
    )


def has_failed_slot() -> ColumnElement[bool]:
    slot = aliased(Slot)
    return VisitRequest.id.in_(select(slot.visit_id).where(*is_failed_slot(slot)))


def is_failed_slot(slot: type[Slot]) -> list[ColumnElement[bool]]:
    replacement = aliased(Slot)
    return [
        slot.state.in_(FAILED_STATES),
        slot.is_required.is_(True),
        ~exists().where(replacement.replaces_id == slot.id),
    ]
