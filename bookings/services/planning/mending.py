"""A repair at staff's nod: the next best host comes in, and what has to make room moves, all at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, PlanOutdatedError
from bookings.domain.slots import HOLDING_STATES, SlotAction, SlotPlan, SlotState
from bookings.domain.visits import PLANNABLE_STATES
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.planner.plan import PlannedStop
from bookings.queries.directory import load_directory
from bookings.queries.planning import find_basis
from bookings.queries.planning.slot_plans import build_slot_plan
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.audit import add_audit
from bookings.services.calendar import update_entry
from bookings.services.holds import keep_holds, release_holds
from bookings.services.invitations import (
    ask_host,
    check_visit_is_in,
    open_visit,
    review_with_visitor,
    take_back,
)
from bookings.services.slots.drafts import (
    add_draft,
    discard_draft,
    find_site_and_contact,
    note_change,
    open_for_drafts,
    write_plan,
)
from bookings.services.slots.proposals import take_time


@dataclass(frozen=True)
class MovedSlot:
    """A slot that makes room: where it is from now on, None where it goes."""

    slot_id: int
    stop: PlannedStop | None


@dataclass(frozen=True, kw_only=True)
class ChosenRepair:
    """What staff saw and nodded to; `basis` is what the visit was then."""

    basis: str
    stop: PlannedStop
    moves: tuple[MovedSlot, ...] = ()
    groups: int = 1


@retry_conflicts
def apply_repair(slot_id: int, repair: ChosenRepair, *, who: Who, now: datetime) -> int:
    """The whole repair or nothing: hosts of moved slots are asked again, those whose slot goes get a
    cancellation, and the next best host is a draft in the place of the slot. Returns the draft's id.

    Raises NotFoundError, PlanOutdatedError when the visit is not what it was, and what asking raises.
    """
    with transaction() as session:
        keys = find_slot_keys(session, slot_id)
        hosts = _list_hosts(session, keys.visit_id, repair)
        visit = open_visit(session, keys.visit_id, organisation_ids={keys.organisation_id, *hosts}, now=now)
        check_visit_is_in(visit, PLANNABLE_STATES, "apply_repair")
        if find_basis(session, visit.reference) != repair.basis:
            raise PlanOutdatedError(visit.reference)
        visit = open_for_drafts(session, visit.id, who=who, now=now)
        had_accepted = _make_room(session, repair.moves, who=who, now=now)
        new_id = _put_in_place(session, visit, slot_id, repair, who=who, now=now)
        add_audit(
            session, who, "apply_repair", noun="slot", subject_id=slot_id, visit_id=visit.id, now=now,
            new_slot=new_id, moved=[move.slot_id for move in repair.moves],
        )  # fmt: skip
        review_with_visitor(session, visit, has_changed=had_accepted, now=now)
        return new_id


@retry_conflicts
def take_time_with_room(
    slot_id: int, proposed_time_id: int, repair: ChosenRepair, *, who: Who, now: datetime
) -> None:
    """Take a time that the host offered although others stand there: they make room first, all or nothing.

    Raises NotFoundError, PlanOutdatedError when the visit is not what it was, and what moving raises.
    """
    with transaction() as session:
        keys = find_slot_keys(session, slot_id)
        hosts = _list_hosts(session, keys.visit_id, repair)
        visit = open_visit(session, keys.visit_id, organisation_ids={keys.organisation_id, *hosts}, now=now)
        check_visit_is_in(visit, PLANNABLE_STATES, "apply_repair")
        if find_basis(session, visit.reference) != repair.basis:
            raise PlanOutdatedError(visit.reference)
        # It leaves its own time before the others move: one of them may go there.
        slot = load_slot(session, slot_id)
        for offered in slot.proposed_times:
            if offered.id == proposed_time_id:
                slot.starts_at, slot.ends_at = offered.starts_at, offered.ends_at
        session.flush()
        had_accepted = _make_room(session, repair.moves, leaving=slot_id, who=who, now=now)
        take_time(session, visit, load_slot(session, slot_id), proposed_time_id, who=who, now=now)
        add_audit(
            session, who, "make_room", noun="slot", subject_id=slot_id, visit_id=visit.id, now=now,
            moved=[move.slot_id for move in repair.moves],
        )  # fmt: skip
        review_with_visitor(session, visit, has_changed=had_accepted, now=now)


def _list_hosts(session: Session, visit_id: int, repair: ChosenRepair) -> set[int]:
    """Whose time is touched. Raises NotFoundError for a slot of another visit."""
    moved = [find_slot_keys(session, move.slot_id) for move in repair.moves]
    for keys in moved:
        if keys.visit_id != visit_id:
            raise NotFoundError("slot", str(keys.slot_id))
    company = load_directory(session).companies[repair.stop.host]
    return {company.id, *(keys.organisation_id for keys in moved)}


def _make_room(
    session: Session, moves: Iterable[MovedSlot], *, who: Who, now: datetime, leaving: int = 0
) -> bool:
    """Those that go first, then all new times at once, then the questions: a slot may move to where another
    one was, also the one that is `leaving`. The answer says whether a stop that was agreed went without a
    new time."""
    had_accepted = False
    moving: list[tuple[Slot, PlannedStop]] = []
    for move in moves:
        slot = load_slot(session, move.slot_id)
        if move.stop is not None:
            moving.append((slot, move.stop))
        elif slot.state == SlotState.DRAFT:
            discard_draft(session, slot, who=who, now=now)
        else:
            had_accepted |= slot.state == SlotState.ACCEPTED
            take_back(session, slot, SlotAction.WITHDRAW, who=who, now=now)
    for slot, stop in moving:
        plan = _plan_move(session, slot, stop)
        site, _contact = find_site_and_contact(session, plan)
        write_plan(slot, plan, site)
    session.flush()
    release_holds(session, [leaving, *(slot.id for slot, _stop in moving)])
    for slot, _stop in moving:
        _settle(session, load_slot(session, slot.id), who=who, now=now)
    return had_accepted


def _plan_move(session: Session, slot: Slot, stop: PlannedStop) -> SlotPlan:
    """The slot at its new time; what staff wrote of it stays, and who answers."""
    if stop.host != slot.organisation.slug:
        raise NotFoundError("slot", str(slot.id))
    return replace(
        build_slot_plan(session, stop),
        host_contact_id=slot.host_contact_id,
        title=slot.title,
        message=slot.message,
        is_required=slot.is_required,
        group=slot.group_number,
    )


def _settle(session: Session, slot: Slot, *, who: Who, now: datetime) -> None:
    if slot.state != SlotState.DRAFT:
        ask_host(session, slot, SlotAction.MOVE, who=who, now=now)
        return
    update_entry(slot)
    keep_holds(session, slot)
    note_change(session, slot, who=who, now=now)


def _put_in_place(
    session: Session, visit: VisitRequest, slot_id: int, repair: ChosenRepair, *, who: Who, now: datetime
) -> int:
    """The next best as a draft; the old host loses the invitation, where there still is one."""
    old = load_slot(session, slot_id)
    is_draft = old.state == SlotState.DRAFT
    plan = build_slot_plan(session, repair.stop, language=visit.language, groups=repair.groups)
    replaces_id = old.replaces_id if is_draft else old.id
    new_id = add_draft(session, visit, plan, who=who, now=now, replaces_id=replaces_id)
    old = load_slot(session, slot_id)
    if is_draft:
        discard_draft(session, old, who=who, now=now)
    elif old.state in HOLDING_STATES:
        take_back(session, old, SlotAction.WITHDRAW, who=who, now=now)
    return new_id
