"""Staff plan changes of stops that hosts know of. Nobody is told before the release; each can be dropped."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError, TransitionNotAllowedError
from bookings.domain.groups import check_group
from bookings.domain.holds import HoldStrength, ResourceKind, kinds_of_stop
from bookings.domain.planned import PlannedKind, choose_kind
from bookings.domain.slots import HOLDING_STATES, SlotPlan, SlotState, check_slot_time
from bookings.domain.visits import PLANNABLE_STATES
from bookings.models.directory import Organisation
from bookings.models.holds import Hold
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.holds import keep_holds, lock_resources
from bookings.services.invitations import add_slot_audit, check_visit_is_in, open_visit
from bookings.services.slots.drafts import change_draft, facts_of, facts_of_plan, find_site_and_contact
from bookings.services.slots.snapshots import describe_draft, describe_planned, offer_draft_undo, plan_of


@retry_conflicts
def plan_change(slot_id: int, plan: SlotPlan, *, version: int, who: Who, now: datetime) -> PlannedKind | None:
    """Plan that the slot becomes this. A draft becomes it at once: nobody knows of it.

    Returns what the release will do; None for a draft, and for a slot that is like this already: what was
    planned before is dropped then. The planned time warns others and is not kept from them. Raises
    RecordChangedError when somebody saved the slot since `version` was read, NotFoundError,
    SlotTimeNotUsableError, GroupNotUsableError or TransitionNotAllowedError.
    """
    with transaction() as session:
        host = find_organisation_id(session, plan.organisation_slug)
        visit, slot = open_told_slot(session, slot_id, version=version, hosts=[host], now=now)
        if slot.state == SlotState.DRAFT:
            before = describe_draft(session, slot)
            change_draft(session, slot, plan, who=who, now=now)
            offer_draft_undo(session, slot, "slot_changed", before, who=who, now=now)
            return None
        before = describe_planned(session, slot)
        kind = write_change(session, visit, slot, plan, who=who, now=now)
        if kind is not None or "kind" in before:
            offer_draft_undo(session, slot, "slot_planned", before, who=who, now=now)
        return kind


@retry_conflicts
def plan_withdrawal(slot_id: int, *, version: int, reason: str = "", who: Who, now: datetime) -> None:
    """Plan that the host is no longer asked. Raises RecordChangedError, NotFoundError or
    TransitionNotAllowedError, for a draft, too: drafts are removed."""
    with transaction() as session:
        _visit, slot = open_told_slot(session, slot_id, version=version, now=now)
        before = describe_planned(session, slot)
        write_withdrawal(session, slot, who=who, now=now, reason=reason)
        offer_draft_undo(session, slot, "slot_planned", before, who=who, now=now)


@retry_conflicts
def drop_planned_change(slot_id: int, *, who: Who, now: datetime) -> None:
    """The slot stays as it is. Dropping nothing is no mistake. Raises NotFoundError."""
    with transaction() as session:
        keys = find_slot_keys(session, slot_id)
        open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
        slot = load_slot(session, slot_id)
        before = describe_planned(session, slot)
        if forget_change(session, slot):
            _note_dropped(session, slot, who=who, now=now)
            offer_draft_undo(session, slot, "slot_planned", before, who=who, now=now)


def open_told_slot(
    session: Session, slot_id: int, *, version: int, hosts: Sequence[int] = (), now: datetime
) -> tuple[VisitRequest, Slot]:
    """Visit and slot as staff saw it last, locked, with these hosts. Raises RecordChangedError. Part of use
    cases."""
    keys = find_slot_keys(session, slot_id)
    visit = open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id, *hosts], now=now)
    check_visit_is_in(visit, PLANNABLE_STATES, "plan_change")
    slot = load_slot(session, slot_id)
    if slot.version != version:
        raise RecordChangedError("slot")
    return visit, slot


def write_change(  # noqa: PLR0913 - who plans what of which slot of which visit, and why
    session: Session,
    visit: VisitRequest,
    slot: Slot,
    plan: SlotPlan,
    *,
    who: Who,
    now: datetime,
    closure_id: int | None = None,
) -> PlannedKind | None:
    """Keep what shall become of an announced slot, instead of what was planned before. Part of use cases."""
    _check_is_told(slot, "plan_change")
    site, contact = find_site_and_contact(session, plan)
    check_group(plan.group, visit.parallel_groups)
    kind = choose_kind(plan_of(slot), plan)
    had_plan = forget_change(session, slot)
    if kind is None:
        if had_plan:
            _note_dropped(session, slot, who=who, now=now)
        return None
    if kind in (PlannedKind.MOVE, PlannedKind.REPLACE):
        check_slot_time(plan.starts_at, plan.ends_at, now=now)
    slot.version += 1
    change = _build_change(slot, kind, plan, who=who, now=now)
    change.organisation_id, change.site_id, change.host_contact_id = site.organisation_id, site.id, contact.id
    change.closure_id = closure_id
    session.add(change)
    if kind is not PlannedKind.WORDS:
        _hold_softly(session, slot, plan, organisation_id=site.organisation_id)
    detail = {"to": plan.organisation_slug} if kind is PlannedKind.REPLACE else {}
    after = {**facts_of_plan(plan), "time_zone": site.time_zone}
    _note_plan(
        session, slot, f"plan_{kind}", closure_id, who=who, now=now, reason=plan.reason, after=after, **detail
    )
    return kind


def _build_change(slot: Slot, kind: PlannedKind, plan: SlotPlan, *, who: Who, now: datetime) -> PlannedChange:
    return PlannedChange(
        slot_id=slot.id,
        kind=kind,
        slot_version=slot.version,
        visit_offer_id=plan.offer_id,
        group_number=plan.group,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        title=plan.title,
        message=plan.message,
        is_required=plan.is_required,
        reason=plan.reason,
        planned_by=who.name,
        planned_at=now,
    )


def write_withdrawal(
    session: Session,
    slot: Slot,
    *,
    who: Who,
    now: datetime,
    closure_id: int | None = None,
    reason: str = "",
) -> None:
    """Keep that the host shall no longer be asked. Part of use cases."""
    _check_is_told(slot, "plan_withdrawal")
    forget_change(session, slot)
    slot.version += 1
    session.add(
        PlannedChange(
            slot_id=slot.id,
            kind=PlannedKind.WITHDRAW,
            slot_version=slot.version,
            closure_id=closure_id,
            reason=reason,
            planned_by=who.name,
            planned_at=now,
        )
    )
    _note_plan(session, slot, "plan_withdraw", closure_id, who=who, now=now, reason=reason)


def forget_change(session: Session, slot: Slot) -> bool:
    """Take away what was planned for a slot, with its soft holds; was there anything? Part of use cases."""
    gone = session.execute(
        delete(PlannedChange).where(PlannedChange.slot_id == slot.id).returning(PlannedChange.id)
    ).all()
    if gone and slot.state in HOLDING_STATES:
        keep_holds(session, slot)
    return bool(gone)


def _note_dropped(session: Session, slot: Slot, *, who: Who, now: datetime) -> None:
    slot.version += 1
    add_slot_audit(session, slot, "drop_planned", who=who, now=now)


def _note_plan(
    session: Session,
    slot: Slot,
    action: str,
    closure_id: int | None,
    *,
    who: Who,
    now: datetime,
    **detail: Any,
) -> None:
    """In the trail: when the stop is, and the closure that it is planned because of."""
    cause = {"closure": closure_id} if closure_id else {}
    add_slot_audit(session, slot, action, who=who, now=now, before=facts_of(slot), **detail, **cause)


def _check_is_told(slot: Slot, action: str) -> None:
    if slot.state not in HOLDING_STATES:
        raise TransitionNotAllowedError("slot", str(slot.state), action)


def _hold_softly(session: Session, slot: Slot, plan: SlotPlan, *, organisation_id: int) -> None:
    """The planned time warns whoever else thinks of it; the next step of the slot takes the warning away."""
    keys = [(kind, slot.visit_id) for kind in kinds_of_stop(plan.group, slot.visit.parallel_groups)]
    ids = lock_resources(session, [*keys, (ResourceKind.HOST, organisation_id)]).values()
    session.flush()
    known = set(
        session.scalars(
            select(Hold.resource_id).where(
                Hold.slot_id == slot.id,
                Hold.strength == HoldStrength.SOFT,
                Hold.starts_at == plan.starts_at,
                Hold.resource_id.in_(ids),
            )
        )
    )
    session.add_all(
        Hold(
            resource_id=resource_id,
            slot_id=slot.id,
            strength=HoldStrength.SOFT,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
        )
        for resource_id in ids
        if resource_id not in known
    )
    session.flush()


def find_organisation_id(session: Session, slug: str) -> int:
    """The host behind a slug. Raises NotFoundError. Part of use cases."""
    found = session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    if found is None:
        raise NotFoundError("organisation", slug)
    return found
