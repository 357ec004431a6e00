"""How far a visit has come. What follows from its slots is worked out here, after each change of one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import AddressNotProvedError, AgreementMissingError, LetterMissingError
from bookings.domain.holds import find_any_conflict
from bookings.domain.slots import SlotState
from bookings.domain.visits import (
    VISIT_MACHINE,
    VisitAction,
    VisitState,
    check_can_be_confirmed,
    choose_progress,
)
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.directory import load_travel_table
from bookings.queries.holds import list_held_stops
from bookings.queries.programme import count_slots, load_visit
from bookings.queries.slots import list_slots_of_visit
from bookings.queries.tasks import find_missing_letter
from bookings.services.audit import add_audit
from bookings.services.calendar import HostLetter, send_to_host, update_entry
from bookings.services.holds import overlap_error
from bookings.services.programme.mails import tell_of_reopening, tell_visitor
from bookings.services.tasks import keep_rule_tasks
from bookings.settings import current_settings


def move_visit(
    session: Session, visit: VisitRequest, action: VisitAction, *, who: Who, now: datetime, **detail: Any
) -> None:
    """One step of the visit, with its trail. Raises TransitionNotAllowedError."""
    before = visit.state
    visit.state = VISIT_MACHINE.next_state(VisitState(before), action)
    visit.version += 1
    visit.reminders_sent = 0
    visit.answer_by = None
    if visit.state != before:
        visit.state_changed_at = now
    add_audit(
        session, who, action, noun="visit_request", subject_id=visit.id, visit_id=visit.id, now=now,
        before=str(before), after=str(visit.state), **detail,
    )  # fmt: skip
    session.flush()
    keep_rule_tasks(session, visit.id, now=now)


def review_progress(session: Session, visit_id: int, *, now: datetime) -> None:
    """Move the visit to where its slots have brought it, and tell whom it concerns."""
    session.flush()
    visit = load_visit(session, visit_id)
    action = choose_progress(VisitState(visit.state), count_slots(session, visit_id))
    if action is VisitAction.PROPOSE:
        offer_programme(session, visit, who=SYSTEM, now=now)
    elif action is not None:
        was_confirmed = visit.state == VisitState.CONFIRMED
        move_visit(session, visit, action, who=SYSTEM, now=now)
        if was_confirmed:
            tell_of_reopening(session, visit, now=now)


def offer_programme(session: Session, visit: VisitRequest, *, who: Who, now: datetime) -> None:
    """The programme goes to the visitor, or is settled at once when the visitor agreed beforehand."""
    if visit.agreed_beforehand and _can_be_confirmed(session, visit):
        confirm_visit(session, visit, who=who, now=now)
        return
    move_visit(session, visit, VisitAction.PROPOSE, who=who, now=now)
    _send_offer(session, visit, now=now)


def take_letter(session: Session, visit: VisitRequest, *, who: Who, now: datetime) -> None:
    """The letter that an offered programme waited for is there: the visitor is asked anew, with the whole
    time to answer, or the visit is settled when the visitor agreed beforehand."""
    session.flush()
    if visit.state != VisitState.PROPOSED or find_missing_letter(session, visit):
        return
    if visit.agreed_beforehand and _can_be_confirmed(session, visit):
        confirm_visit(session, visit, who=who, now=now)
        return
    visit.version += 1
    visit.reminders_sent = 0
    _send_offer(session, visit, now=now, letter_is_there=True)


def _send_offer(session: Session, visit: VisitRequest, *, now: datetime, **words: Any) -> None:
    stops = accepted_slots(session, visit)
    latest = min(stop.starts_at for stop in stops)
    visit.answer_by = min(now + timedelta(days=current_settings().visits.programme_answer_days), latest)
    tell_visitor(session, visit, "programme_proposed", now=now, stops=stops, **words)


def confirm_visit(session: Session, visit: VisitRequest, *, who: Who, now: datetime) -> None:
    """Everybody said yes: hosts' calendars turn to CONFIRMED, the visitor gets the programme.

    Raises LetterMissingError, and what `check_can_be_confirmed` and `check_programme_holds` raise.
    """
    _check_confirmable(session, visit)
    check_programme_holds(session, visit)
    move_visit(session, visit, VisitAction.ACCEPT, who=who, now=now)
    stops = accepted_slots(session, visit)
    for stop in stops:
        _confirm_stop(session, stop, now=now)
    tell_visitor(session, visit, "programme_confirmed", now=now, stops=stops)


def check_programme_holds(session: Session, visit: VisitRequest) -> None:
    """Can the delegation be at every stop, travel included? Raises SlotsOverlapError."""
    conflict = find_any_conflict(list_held_stops(session, visit.id), load_travel_table(session))
    if conflict is not None:
        raise overlap_error(conflict)


def accepted_slots(session: Session, visit: VisitRequest) -> Sequence[Slot]:
    """The stops that hosts said yes to, in order."""
    session.flush()
    return [slot for slot in list_slots_of_visit(session, visit.id) if slot.state == SlotState.ACCEPTED]


def _confirm_stop(session: Session, stop: Slot, *, now: datetime) -> None:
    """Whose calendar says CONFIRMED already hears nothing: one mail per person and cause."""
    if stop.calendar_entry.status == EntryStatus.CONFIRMED.value:
        return
    stop.calendar_entry.status = EntryStatus.CONFIRMED.value
    stop.version += 1
    update_entry(stop)
    send_to_host(session, stop, HostLetter(template="invitation_confirmed", method="REQUEST"), now=now)


def _check_confirmable(session: Session, visit: VisitRequest) -> None:
    tally = count_slots(session, visit.id)
    check_can_be_confirmed(
        reference=visit.reference,
        is_verified=visit.verified_at is not None,
        has_agreement=visit.agreement is not None,
        open_required_slots=tally.required_asked + tally.required_drafts + tally.required_failed,
        accepted_slots=tally.accepted,
    )
    missing = find_missing_letter(session, visit)
    if missing:
        raise LetterMissingError(visit.reference, missing)


def _can_be_confirmed(session: Session, visit: VisitRequest) -> bool:
    try:
        _check_confirmable(session, visit)
    except (AddressNotProvedError, AgreementMissingError, LetterMissingError):
        return False
    return True
