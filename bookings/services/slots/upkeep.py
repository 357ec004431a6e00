"""What the worker does about slots: reminders at parts of the host's time, and the end of it."""

from datetime import datetime

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import SYSTEM
from bookings.domain.slots import ASKED_STATES, SlotState, count_due_reminders, has_expired
from bookings.models.slots import Slot
from bookings.queries.slots import SlotKeys, list_overdue_slots, list_slots_to_remind, load_slot
from bookings.services.calendar import HostLetter, send_to_host
from bookings.services.invitations import add_slot_audit, open_visit
from bookings.settings import current_settings


def remind_hosts(*, now: datetime) -> int:
    """Remind hosts who owe an answer, at each part of their time; returns how many were reminded.

    A worker that slept through several parts sends one reminder, not all of them.
    """
    parts = current_settings().visits.reminder_parts
    waiting = list_slots_to_remind(read_session(), now=now, most=len(parts))
    return sum(_remind_host(keys, now=now) for keys in waiting)


def expire_slots(*, now: datetime) -> int:
    """Let go of slots whose deadline has passed, visit by visit; returns how many."""
    overdue = list_overdue_slots(read_session(), now=now)
    visits = dict.fromkeys(keys.visit_id for keys in overdue)
    for visit_id in visits:
        _expire_in_visit(visit_id, now=now)
    return len(overdue)


@retry_conflicts
def _expire_in_visit(visit_id: int, *, now: datetime) -> None:
    with transaction() as session:
        open_visit(session, visit_id, now=now)


@retry_conflicts
def _remind_host(keys: SlotKeys, *, now: datetime) -> bool:
    with transaction() as session:
        open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
        slot = load_slot(session, keys.slot_id)
        due = _count_due(slot, now=now)
        if due <= slot.reminders_sent:
            return False
        slot.reminders_sent = due
        send_to_host(session, slot, HostLetter(template="reminder_host"), now=now)
        add_slot_audit(session, slot, "remind", who=SYSTEM, now=now, reminder=due)
        return True


def _count_due(slot: Slot, *, now: datetime) -> int:
    """Reminders that should have left by now; none for a host who owes no answer."""
    if slot.state not in ASKED_STATES or slot.state == SlotState.COUNTERED:
        return 0
    if slot.asked_at is None or slot.respond_by is None or has_expired(slot.respond_by, now=now):
        return 0
    parts = current_settings().visits.reminder_parts
    return count_due_reminders(slot.asked_at, slot.respond_by, parts, now=now)
