"""What a slot or its planned change is, written down so that it can be made again. Parts of use cases."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.audit import Who
from bookings.domain.planned import PlannedKind
from bookings.domain.slots import SlotPlan
from bookings.models.directory import Organisation
from bookings.models.offers import SlotOffer
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.services.undo_steps import find_last_word, offer_undo

_NOT_OF_PLANS = frozenset({"replaces_id", "version", "follows"})


def offer_draft_undo(
    session: Session, slot: Slot, kind: str, before: dict[str, Any], *, who: Who, now: datetime
) -> None:
    """The act on a slot can be taken back while its version stays. Part of use cases."""
    # Ids of slots that are gone are given again; the entry's UID never is.
    uid = slot.calendar_entry.uid
    follows = find_last_word(session, slot.id, {"version": before.get("version"), "uid": uid})
    offer_undo(
        session, who, kind, subject_id=slot.id, visit_id=slot.visit_id, now=now,
        before={**before, "follows": follows}, after={"version": slot.version, "uid": uid},
    )  # fmt: skip


def describe_draft(session: Session, slot: Slot) -> dict[str, Any]:
    """All that makes the draft again."""
    offer_id = session.scalar(select(SlotOffer.visit_offer_id).where(SlotOffer.slot_id == slot.id))
    return {
        **_as_values(plan_of(slot)),
        "offer_id": offer_id,
        "replaces_id": slot.replaces_id,
        "version": slot.version,
    }


def describe_planned(session: Session, slot: Slot) -> dict[str, Any]:
    """What is planned for an announced slot; nothing where nothing is."""
    row = session.scalar(select(PlannedChange).where(PlannedChange.slot_id == slot.id))
    if row is None:
        return {"version": slot.version}
    if row.kind == PlannedKind.WITHDRAW or row.starts_at is None or row.ends_at is None:
        return {
            "kind": PlannedKind.WITHDRAW,
            "closure_id": row.closure_id,
            "reason": row.reason,
            "version": slot.version,
        }
    slug = session.scalar(select(Organisation.slug).where(Organisation.id == row.organisation_id))
    plan = SlotPlan(
        organisation_slug=slug or "",
        site_id=row.site_id or 0,
        host_contact_id=row.host_contact_id or 0,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        title=row.title,
        message=row.message,
        is_required=row.is_required,
        offer_id=row.visit_offer_id,
        group=row.group_number,
        reason=row.reason,
    )
    return {
        "kind": row.kind,
        "closure_id": row.closure_id,
        "version": slot.version,
        "plan": _as_values(plan),
    }


def plan_of(slot: Slot) -> SlotPlan:
    """The slot as staff decided it; which offer it shows is not in it."""
    return SlotPlan(
        organisation_slug=slot.organisation.slug,
        site_id=slot.site_id,
        host_contact_id=slot.host_contact_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        title=slot.title,
        message=slot.message,
        is_required=slot.is_required,
        group=slot.group_number,
    )


def as_plan(values: dict[str, Any]) -> SlotPlan:
    """The plan that was written down."""
    instants = {name: datetime.fromisoformat(values[name]) for name in ("starts_at", "ends_at")}
    kept = {name: value for name, value in values.items() if name not in _NOT_OF_PLANS}
    return SlotPlan(**{**kept, **instants})


def _as_values(plan: SlotPlan) -> dict[str, Any]:
    return {**vars(plan), "starts_at": plan.starts_at.isoformat(), "ends_at": plan.ends_at.isoformat()}
