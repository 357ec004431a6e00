"""Staff plan slots: drafts first, then with hosts who were asked."""

from datetime import datetime

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import PartStat
from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import RecordChangedError, TransitionNotAllowedError
from bookings.domain.groups import check_group
from bookings.domain.holds import ResourceKind
from bookings.domain.slots import (
    ASKED_STATES,
    HOLDING_STATES,
    SlotAction,
    SlotPlan,
    SlotState,
    check_slot_time,
)
from bookings.domain.visits import PLANNABLE_STATES
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.programme import find_visit_id
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.calendar import HostLetter, send_to_host, set_partstat
from bookings.services.holds import keep_holds, lock_resources
from bookings.services.invitations import (
    ask_host,
    check_visit_is_in,
    drop_proposals,
    open_visit,
    review_with_visitor,
    set_deadline,
    step_slot,
    take_back,
)
from bookings.services.programme import review_progress
from bookings.services.slots.drafts import (
    add_draft,
    change_draft,
    discard_draft,
    find_site_and_contact,
    moves,
    note_change,
    open_for_drafts,
    write_plan,
)
from bookings.services.slots.proposals import take_time
from bookings.services.slots.snapshots import describe_draft, offer_draft_undo


@retry_conflicts
def add_slot(reference: str, plan: SlotPlan, *, who: Who, now: datetime) -> int:
    """A new draft slot of the visit; returns its id. Nothing is sent.

    Raises NotFoundError, SlotTimeNotUsableError or TransitionNotAllowedError.
    """
    with transaction() as session:
        visit = open_for_drafts(session, find_visit_id(session, reference), who=who, now=now)
        slot_id = add_draft(session, visit, plan, who=who, now=now)
        offer_draft_undo(session, load_slot(session, slot_id), "slot_added", {}, who=who, now=now)
        return slot_id


@retry_conflicts
def change_slot(
    slot_id: int, plan: SlotPlan, *, version: int, tells_host: bool = False, who: Who, now: datetime
) -> None:
    """Change a slot. A draft changes silently. Where the host was asked, another time or place asks again at
    once, and other words send nothing unless `tells_host` or another group comes: then the entry is sent
    again with the same SEQUENCE. Another host is another slot: replace it.

    Raises RecordChangedError when somebody saved the slot since `version` was read, and what asking raises.
    """
    with transaction() as session:
        visit, slot = _open_slot(session, slot_id, action="change_slot", now=now)
        if slot.version != version:
            raise RecordChangedError("slot")
        if slot.state == SlotState.DRAFT:
            draft = describe_draft(session, slot)
            change_draft(session, slot, plan, who=who, now=now)
            offer_draft_undo(session, slot, "slot_changed", draft, who=who, now=now)
            return
        site, contact = find_site_and_contact(session, plan)
        if slot.state not in HOLDING_STATES or contact.id != slot.host_contact_id:
            raise TransitionNotAllowedError("slot", str(slot.state), "change_slot")
        check_group(plan.group, visit.parallel_groups)
        has_moved, before = moves(slot, plan), (slot.title, slot.message)
        has_other_people = plan.group != slot.group_number
        write_plan(slot, plan, site)
        session.flush()
        slot = load_slot(session, slot_id)
        if has_moved:
            ask_host(session, slot, SlotAction.MOVE, who=who, now=now)
        else:
            note_change(session, slot, who=who, now=now)
            if has_other_people:
                keep_holds(session, slot)
            if tells_host or has_other_people:
                _send_words(session, slot, *before, now=now)
        review_progress(session, visit.id, now=now)


@retry_conflicts
def remove_slot(slot_id: int, *, who: Who, now: datetime) -> None:
    """Take a draft away; nobody was ever told of it. Raises TransitionNotAllowedError for other slots."""
    with transaction() as session:
        keys = find_slot_keys(session, slot_id)
        lock_resources(session, [(ResourceKind.DELEGATION, keys.visit_id)])
        slot = load_slot(session, slot_id)
        if slot.state != SlotState.DRAFT:
            raise TransitionNotAllowedError("slot", str(slot.state), "remove")
        offer_draft_undo(session, slot, "slot_removed", describe_draft(session, slot), who=who, now=now)
        discard_draft(session, slot, who=who, now=now)


@retry_conflicts
def withdraw_slot(slot_id: int, *, who: Who, now: datetime) -> None:
    """Take back what a host was asked, or give up a host who said no. Drafts are removed, not withdrawn."""
    with transaction() as session:
        visit, slot = _open_slot(session, slot_id, action="withdraw_slot", now=now)
        if slot.state == SlotState.WITHDRAWN:
            return
        was_accepted = slot.state == SlotState.ACCEPTED
        take_back(session, slot, SlotAction.WITHDRAW, who=who, now=now)
        review_with_visitor(session, visit, has_changed=was_accepted, now=now)


@retry_conflicts
def replace_slot(slot_id: int, plan: SlotPlan, *, who: Who, now: datetime) -> int:
    """A new draft in the place of this slot, which is withdrawn if its host still counts on it.

    Returns the id of the new slot. A draft that is replaced is removed.
    """
    with transaction() as session:
        keys = find_slot_keys(session, slot_id)
        open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
        visit = open_for_drafts(session, keys.visit_id, who=who, now=now)
        old = load_slot(session, slot_id)
        is_draft = old.state == SlotState.DRAFT
        new_id = add_draft(
            session, visit, plan, who=who, now=now, replaces_id=old.replaces_id if is_draft else old.id
        )
        if is_draft:
            discard_draft(session, load_slot(session, slot_id), who=who, now=now)
        elif old.state in HOLDING_STATES:
            take_back(session, load_slot(session, slot_id), SlotAction.WITHDRAW, who=who, now=now)
        review_progress(session, visit.id, now=now)
        return new_id


@retry_conflicts
def reopen_slot(slot_id: int, *, who: Who, now: datetime) -> None:
    """Ask the host of an ended slot once more: same UID, higher SEQUENCE, new deadline."""
    with transaction() as session:
        visit, slot = _open_slot(session, slot_id, action="reopen_slot", now=now)
        ask_host(session, slot, SlotAction.REOPEN, who=who, now=now)
        review_progress(session, visit.id, now=now)


@retry_conflicts
def take_proposal(slot_id: int, proposed_time_id: int, *, who: Who, now: datetime) -> None:
    """Take one of the times that the host offered: accepted, SEQUENCE + 1.

    Raises NotFoundError, SlotTimeNotUsableError, SlotTakenError or SlotsOverlapError.
    """
    with transaction() as session:
        visit, slot = _open_slot(session, slot_id, action="take_proposal", now=now)
        take_time(session, visit, slot, proposed_time_id, who=who, now=now)


@retry_conflicts
def refuse_proposal(slot_id: int, *, who: Who, now: datetime) -> None:
    """None of the offered times fits: the host is asked for the first time again, with a new deadline."""
    with transaction() as session:
        visit, slot = _open_slot(session, slot_id, action="refuse_proposal", now=now)
        check_slot_time(slot.starts_at, slot.ends_at, now=now)
        step_slot(session, slot, SlotAction.REFUSE_PROPOSAL, who=who, now=now)
        drop_proposals(session, slot)
        set_deadline(slot, now=now)
        set_partstat(slot, PartStat.NEEDS_ACTION)
        keep_holds(session, slot)
        send_to_host(session, slot, HostLetter(template="proposal_refused", method="DECLINECOUNTER"), now=now)
        review_progress(session, visit.id, now=now)


def _send_words(session: Session, slot: Slot, title: str, message: str, *, now: datetime) -> None:
    """The same entry in new words: same SEQUENCE, later DTSTAMP, the answer stays what it is."""
    words = {
        "before_title": title if title != slot.title else "",
        "before_message": message if message != slot.message else "",
        "owes_answer": slot.state in ASKED_STATES,
    }
    letter = HostLetter(template="invitation_updated", method="REQUEST", words=words)
    send_to_host(session, slot, letter, now=now)


def _open_slot(session: Session, slot_id: int, *, action: str, now: datetime) -> tuple[VisitRequest, Slot]:
    keys = find_slot_keys(session, slot_id)
    visit = open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
    check_visit_is_in(visit, PLANNABLE_STATES, action)
    return visit, load_slot(session, slot_id)
