"""Where visits stand: what their slots say, in a constant number of statements."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from bookings.domain.next_steps import Standing
from bookings.domain.slots import ASKED_STATES, FAILED_STATES, SlotState
from bookings.domain.tasks import TaskKind
from bookings.domain.visits import Actor, VisitAction, VisitState
from bookings.models.audit import AuditEntry
from bookings.models.slots import Slot
from bookings.models.tasks import VisitTask
from bookings.models.visits import Delegation, VisitRequest


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


def load_standings(session: Session, visits: Sequence[VisitFacts]) -> dict[int, Standing]:
    """Where each visit stands, in two statements for any number of them."""
    ids = [visit.id for visit in visits]
    counts: defaultdict[int, dict[SlotState, int]] = defaultdict(dict)
    deadlines: dict[int, datetime] = {}
    failed: Counter[int] = Counter()
    rows = session.execute(
        select(
            Slot.visit_id,
            Slot.state,
            func.count(),
            func.min(Slot.respond_by),
            func.sum(case((and_(*is_failed_slot(Slot)), 1), else_=0)),
        )
        .where(Slot.visit_id.in_(ids))
        .group_by(Slot.visit_id, Slot.state)
    )
    for visit_id, state, number, respond_by, failures in rows:
        counts[visit_id][SlotState(state)] = number
        failed[visit_id] += failures
        if state in ASKED_STATES and respond_by is not None:
            deadlines[visit_id] = min(deadlines.get(visit_id, respond_by), respond_by)
    wishing, lacking = set(), set()
    open_questions = session.execute(
        select(VisitRequest.id, has_open_wish(), lacks_letter()).where(VisitRequest.id.in_(ids))
    )
    for visit_id, has_wish, needs_letter in open_questions:
        wishing |= {visit_id} if has_wish else set()
        lacking |= {visit_id} if needs_letter else set()
    return {
        visit.id: Standing(
            state=visit.state,
            slots=counts[visit.id],
            failed_hosts=failed[visit.id],
            is_held=visit.is_held,
            has_answer=visit.has_answer,
            has_wish=visit.id in wishing,
            lacks_letter=visit.id in lacking,
            answer_by=visit.answer_by,
            respond_by=deadlines.get(visit.id),
        )
        for visit in visits
    }


def is_for_staff() -> ColumnElement[bool]:
    return or_(VisitRequest.state != VisitState.UNVERIFIED, VisitRequest.is_held_for_moderation)


def has_slot(*states: SlotState) -> ColumnElement[bool]:
    return exists().where(Slot.visit_id == VisitRequest.id, Slot.state.in_(states))


def has_open_wish() -> ColumnElement[bool]:
    """The visitor wished a change, and staff have done nothing with the visit since."""
    wish, later = aliased(AuditEntry), aliased(AuditEntry)
    return exists().where(
        wish.visit_id == VisitRequest.id,
        wish.action == VisitAction.WISH,
        ~exists().where(later.visit_id == wish.visit_id, later.actor_kind == Actor.STAFF, later.id > wish.id),
    )


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
    return exists().where(slot.visit_id == VisitRequest.id, *is_failed_slot(slot))


def is_failed_slot(slot: type[Slot]) -> list[ColumnElement[bool]]:
    replacement = aliased(Slot)
    return [
        slot.state.in_(FAILED_STATES),
        slot.is_required.is_(True),
        ~exists().where(replacement.replaces_id == slot.id),
    ]
