"""Take back what was done to drafts and to planned changes: nobody outside has heard of either."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.errors import UndoNotPossibleError
from bookings.domain.holds import ResourceKind
from bookings.domain.planned import PlannedKind
from bookings.domain.slots import SlotState
from bookings.models.slots import Slot
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.holds import lock_resources
from bookings.services.invitations import add_slot_audit, open_visit
from bookings.services.slots.drafts import add_draft, change_draft, discard_draft, open_for_drafts
from bookings.services.slots.planned import forget_change, write_change, write_withdrawal
from bookings.services.slots.snapshots import as_plan
from bookings.services.undo_steps import Undoing, find_last_actor, list_earlier

_NEVER = 0
"""A version that no slot has: acts between are taken back first, and lead on from one to the one before."""


def undo_added(session: Session, step: Undoing) -> None:
    """The new draft goes."""
    discard_draft(session, _open_draft(session, step), who=step.who, now=step.now)


def undo_changed(session: Session, step: Undoing) -> None:
    """The draft is what it was."""
    slot = _open_draft(session, step)
    change_draft(session, slot, as_plan(step.before), who=step.who, now=step.now)
    _carry_on(session, step, slot)


def undo_removed(session: Session, step: Undoing) -> None:
    """The draft is there again, as a new one."""
    visit = open_for_drafts(session, step.visit_id or 0, who=step.who, now=step.now)
    new_id = add_draft(
        session,
        visit,
        as_plan(step.before),
        who=step.who,
        now=step.now,
        replaces_id=step.before["replaces_id"],
    )
    _carry_on(session, step, load_slot(session, new_id))


def undo_planned(session: Session, step: Undoing) -> None:
    """What is planned for the slot is what was planned before, or nothing."""
    keys = find_slot_keys(session, step.subject_id)
    visit = open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=step.now)
    slot = load_slot(session, step.subject_id)
    _check_unchanged(session, slot, step)
    closure_id = step.before.get("closure_id")
    if "kind" not in step.before:
        if forget_change(session, slot):
            slot.version += 1
            add_slot_audit(session, slot, "drop_planned", who=step.who, now=step.now)
    elif step.before["kind"] == PlannedKind.WITHDRAW:
        reason = step.before.get("reason", "")
        write_withdrawal(session, slot, who=step.who, now=step.now, closure_id=closure_id, reason=reason)
    else:
        plan = as_plan(step.before["plan"])
        write_change(session, visit, slot, plan, who=step.who, now=step.now, closure_id=closure_id)
    _carry_on(session, step, slot)


def _open_draft(session: Session, step: Undoing) -> Slot:
    lock_resources(session, [(ResourceKind.DELEGATION, step.visit_id or 0)])
    if session.scalar(select(Slot.id).where(Slot.id == step.subject_id)) is None:
        raise UndoNotPossibleError("changed", find_last_actor(session, "slot", step.subject_id))
    slot = load_slot(session, step.subject_id)
    if slot.state != SlotState.DRAFT:
        raise UndoNotPossibleError("told")
    _check_unchanged(session, slot, step)
    return slot


def _carry_on(session: Session, step: Undoing, slot: Slot) -> None:
    """Acts before this one are the last word again: they may be taken back, too."""
    for earlier in list_earlier(session, step):
        if earlier.after["uid"] == step.after["uid"]:
            is_last_word = earlier.id == step.before["follows"]
            earlier.subject_id = slot.id
            earlier.after = {
                "version": slot.version if is_last_word else _NEVER,
                "uid": slot.calendar_entry.uid,
            }


def _check_unchanged(session: Session, slot: Slot, step: Undoing) -> None:
    if (slot.version, slot.calendar_entry.uid) != (step.after["version"], step.after["uid"]):
        raise UndoNotPossibleError("changed", find_last_actor(session, "slot", slot.id))
