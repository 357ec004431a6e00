"""How visits end, and come back."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.slots import (
    HOLDING_STATES,
    SlotAction,
    SlotState,
    count_due_reminders,
)
from bookings.domain.text import clean_text
from bookings.domain.visits import CLOSED_STATES, Actor, VisitAction, VisitState, can_reopen
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.programme import (
    find_visit_id,
    find_visit_id_by_link,
    list_unverified_since,
    list_visitors_in_debt,
    list_visits_to_complete,
)
from bookings.queries.slots import list_slots_of_visit
from bookings.services.audit import add_audit
from bookings.services.holds import keep_holds
from bookings.services.invitations import open_visit, step_slot, take_back
from bookings.services.notices import NoticeKind
from bookings.services.programme import move_visit, tell_visitor
from bookings.services.slots.drafts import discard_draft
from bookings.services.visits.meanwhile import check_nothing_new
from bookings.services.visits.planning import is_overdue, tell_staff_of, visitor
from bookings.settings import current_settings

_LONGEST_REASON = 1000
_OWING_STATES = (VisitState.NEEDS_INFO, VisitState.PROPOSED)


@retry_conflicts
def refuse_visit(reference: str, reason: str, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """Staff cannot receive this visit: hosts are let go and the visitor is told why."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        if visit.state == VisitState.DECLINED:
            return
        check_nothing_new(session, visit.id, seen, now=now)
        _close(session, visit, VisitAction.REFUSE, who=who, now=now, reason=reason)
        tell_visitor(session, visit, "visit_declined", now=now, reason=visit.closed_reason)


@retry_conflicts
def cancel_visit_by_staff(
    reference: str, reason: str, *, seen: int | None = None, who: Who, now: datetime
) -> None:
    """Call the visit off: every host who knows of it and the visitor get one mail each."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        if visit.state != VisitState.CANCELLED:
            check_nothing_new(session, visit.id, seen, now=now)
        _cancel(session, visit, reason=reason, who=who, now=now)


@retry_conflicts
def cancel_visit_by_visitor(token: str, reason: str, *, now: datetime) -> None:
    """The visitor calls the visit off; doing it twice is the same."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id_by_link(session, token, now=now), now=now)
        if visit.state not in (VisitState.CANCELLED, VisitState.UNVERIFIED):
            tell_staff_of(session, visit, NoticeKind.VISITOR_CANCELLED, reason, now=now)
        _cancel(session, visit, reason=reason, who=visitor(visit), now=now)


@retry_conflicts
def reopen_visit(reference: str, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """Bring a closed visit back to planning. Its slots stay ended until staff reopen them one by one."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        check_nothing_new(session, visit.id, seen, now=now)
        _check_reopenable(visit, now=now)
        move_visit(session, visit, VisitAction.REOPEN, who=who, now=now)
        visit.closed_at, visit.closed_by, visit.closed_reason = None, None, ""


def complete_visits(*, now: datetime) -> int:
    """Close confirmed visits whose last stop has ended; returns how many."""
    ended = list_visits_to_complete(read_session(), now=now)
    for visit_id in ended:
        _complete(visit_id, now=now)
    return len(ended)


def expire_visits(*, now: datetime) -> int:
    """Remind visitors who owe an answer and close what never got one; returns how many were closed."""
    visits = current_settings().visits
    session = read_session()
    unproved = list_unverified_since(session, before=now - timedelta(hours=visits.unverified_hours))
    owing = list_visitors_in_debt(session, states=_OWING_STATES)
    return sum(_expire(visit_id, now=now) for visit_id in unproved) + sum(
        _remind_or_expire(visit_id, now=now) for visit_id in owing
    )


def _cancel(session: Session, visit: VisitRequest, *, reason: str, who: Who, now: datetime) -> None:
    if visit.state == VisitState.CANCELLED:
        return
    was_proved = visit.state != VisitState.UNVERIFIED
    let_go = _close(session, visit, VisitAction.CANCEL, who=who, now=now, reason=reason)
    if was_proved:
        by, reason = str(who.kind), visit.closed_reason
        tell_visitor(session, visit, "visit_cancelled", now=now, by=by, reason=reason, has_let_go=let_go > 0)


def _close(
    session: Session, visit: VisitRequest, action: VisitAction, *, who: Who, now: datetime, reason: str = ""
) -> int:
    """Close and let every host go; returns how many. Drafts vanish: nobody was told of them."""
    let_go = 0
    why, words = _tell_hosts(action, who, clean_text(reason, max_length=_LONGEST_REASON))
    visit.closed_at, visit.closed_by = now, who.kind
    visit.closed_reason = clean_text(reason, max_length=_LONGEST_REASON)
    move_visit(session, visit, action, who=who, now=now, reason=visit.closed_reason)
    for slot in list_slots_of_visit(session, visit.id):
        if slot.state == SlotState.DRAFT:
            discard_draft(session, slot, who=who, now=now)
        elif slot.state in HOLDING_STATES:
            take_back(session, slot, SlotAction.WITHDRAW, who=who, now=now, why=why, reason=words)
            let_go += 1
    return let_go


def _tell_hosts(action: VisitAction, who: Who, reason: str) -> tuple[str, str]:
    """Why hosts are let go, and the words for them: those of a refusal are for the visitor alone."""
    if action is not VisitAction.CANCEL:
        return "visit_cancelled", ""
    return ("visit_cancelled" if who.kind == Actor.VISITOR else "called_off"), reason


def _check_reopenable(visit: VisitRequest, *, now: datetime) -> None:
    days = current_settings().visits.reopen_days
    is_closed = visit.state in CLOSED_STATES and visit.closed_at is not None and visit.anonymised_at is None
    if not is_closed or not can_reopen(
        state=VisitState(visit.state), closed_at=visit.closed_at or now, now=now, reopen_days=days
    ):
        raise TransitionNotAllowedError("visit_request", str(visit.state), VisitAction.REOPEN)


@retry_conflicts
def _complete(visit_id: int, *, now: datetime) -> None:
    with transaction() as session:
        visit = open_visit(session, visit_id, now=now)
        if visit.state != VisitState.CONFIRMED:
            return
        move_visit(session, visit, VisitAction.COMPLETE, who=SYSTEM, now=now)
        visit.closed_at, visit.closed_by = now, SYSTEM.kind
        for slot in list_slots_of_visit(session, visit_id):
            _complete_slot(session, slot, now=now)


def _complete_slot(session: Session, slot: Slot, *, now: datetime) -> None:
    if slot.state == SlotState.ACCEPTED:
        step_slot(session, slot, SlotAction.COMPLETE, who=SYSTEM, now=now)
        keep_holds(session, slot)
    elif slot.state in HOLDING_STATES:
        take_back(session, slot, SlotAction.WITHDRAW, who=SYSTEM, now=now)
    elif slot.state == SlotState.DRAFT:
        discard_draft(session, slot, who=SYSTEM, now=now)


@retry_conflicts
def _expire(visit_id: int, *, now: datetime) -> bool:
    """An address that was never proved gets no mail."""
    with transaction() as session:
        visit = open_visit(session, visit_id, now=now)
        if visit.state != VisitState.UNVERIFIED:
            return False
        _close(session, visit, VisitAction.EXPIRE, who=SYSTEM, now=now)
        return True


@retry_conflicts
def _remind_or_expire(visit_id: int, *, now: datetime) -> bool:
    with transaction() as session:
        visit = open_visit(session, visit_id, now=now)
        if visit.state not in _OWING_STATES:
            return False
        if is_overdue(visit, now=now):
            let_go = _close(session, visit, VisitAction.EXPIRE, who=SYSTEM, now=now)
            tell_visitor(session, visit, "visit_expired", now=now, has_let_go=let_go > 0)
            return True
        _remind(session, visit, now=now)
        return False


def _remind(session: Session, visit: VisitRequest, *, now: datetime) -> None:
    """At the same parts of the time as hosts; a worker that slept sends one reminder, not all."""
    if visit.answer_by is None:
        return
    parts = current_settings().visits.reminder_parts
    due = count_due_reminders(visit.state_changed_at, visit.answer_by, parts, now=now)
    if due <= visit.reminders_sent:
        return
    visit.reminders_sent = due
    template = "reminder_question" if visit.state == VisitState.NEEDS_INFO else "reminder_programme"
    tell_visitor(session, visit, template, now=now, question=visit.question)
    add_audit(
        session, SYSTEM, "remind", noun="visit_request", subject_id=visit.id, visit_id=visit.id, now=now,
        reminder=due,
    )  # fmt: skip
