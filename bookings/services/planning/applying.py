"""A programme of the planner becomes draft slots; what hosts know of stays as it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, PlanOutdatedError
from bookings.domain.hosts import AskingWay
from bookings.domain.slots import SlotAction, SlotPlan, SlotState
from bookings.domain.visits import VisitAction, VisitState
from bookings.models.hosts import HostTerms
from bookings.models.planning import PlanningRun
from bookings.models.visits import VisitRequest
from bookings.planner.plan import PlannedStop
from bookings.queries.directory import load_directory
from bookings.queries.planning import PlannedSlot, find_basis, list_planned_slots
from bookings.queries.planning.problem import is_fixed
from bookings.queries.planning.results import unpack_plan
from bookings.queries.planning.slot_plans import build_slot_plan
from bookings.queries.slots import load_slot
from bookings.services.audit import add_audit
from bookings.services.invitations import ask_host, open_visit
from bookings.services.programme import move_visit, review_progress
from bookings.services.slots.drafts import add_draft, discard_draft, open_for_drafts

Key = tuple[str, datetime, datetime, int | None]


@dataclass(frozen=True)
class Applied:
    """What became of the drafts, in numbers; `asked` are hosts who were asked at once."""

    added: int
    removed: int
    kept: int
    asked: int = 0


@retry_conflicts
def apply_plan(run_id: int, number: int, *, who: Who, now: datetime) -> Applied:
    """Make the drafts of a visit those of this programme (1 is the best). Twice is the same as once.

    Locked slots, and all that a host was asked about, stay. Raises NotFoundError, PlanOutdatedError when the
    visit is not what it was when the planner was asked, and what drafts and invitations raise.
    """
    with transaction() as session:
        run = _load_run(session, run_id)
        stops = _list_new_stops(run, number)
        hosts = {load_directory(session).companies[stop.host].id for stop in stops}
        visit = open_visit(session, run.visit_id, organisation_ids=hosts, now=now)
        if find_basis(session, visit.reference) not in (run.basis, run.applied_basis):
            raise PlanOutdatedError(visit.reference)
        visit = open_for_drafts(session, run.visit_id, who=who, now=now)
        added, applied = _write_drafts(session, visit, stops, who=who, now=now)
        asked = _ask_at_once(session, visit, added, who=who, now=now)
        run.applied_basis = find_basis(session, visit.reference)
        add_audit(
            session, who, "apply_programme", noun="visit_request", subject_id=visit.id, visit_id=visit.id,
            now=now, number=number, added=applied.added, removed=applied.removed,
        )  # fmt: skip
        return Applied(applied.added, applied.removed, applied.kept, asked)


def _load_run(session: Session, run_id: int) -> PlanningRun:
    run = session.scalars(select(PlanningRun).where(PlanningRun.id == run_id).with_for_update()).one_or_none()
    if run is None:
        raise NotFoundError("planning_run", str(run_id))
    return run


def _list_new_stops(run: PlanningRun, number: int) -> list[PlannedStop]:
    programmes = run.result.get("programmes", [])
    if not 1 <= number <= len(programmes):
        raise NotFoundError("programme", str(number))
    plan = unpack_plan(programmes[number - 1]["plan"])
    return [stop for stop in plan.stops if not stop.fixed_key]


def _write_drafts(
    session: Session, visit: VisitRequest, stops: Sequence[PlannedStop], *, who: Who, now: datetime
) -> tuple[list[int], Applied]:
    drafts = [slot for slot in list_planned_slots(session, visit.id) if slot.is_live and not is_fixed(slot)]
    groups = visit.parallel_groups
    plans = {_key_of_stop(stop, groups): stop for stop in stops}
    kept = {_key_of_slot(slot) for slot in drafts} & plans.keys()
    gone = [slot for slot in drafts if _key_of_slot(slot) not in kept]
    for slot in gone:
        discard_draft(session, load_slot(session, slot.id), who=who, now=now)
    added = [
        add_draft(session, visit, _build_plan(session, visit, stop), who=who, now=now)
        for key, stop in plans.items()
        if key not in kept
    ]
    return added, Applied(len(added), len(gone), len(kept))


def _build_plan(session: Session, visit: VisitRequest, stop: PlannedStop) -> SlotPlan:
    return build_slot_plan(session, stop, language=visit.language, groups=visit.parallel_groups)


def _key_of_stop(stop: PlannedStop, groups: int) -> Key:
    return stop.host, stop.starts_at, stop.ends_at, stop.group + 1 if groups > 1 else None


def _key_of_slot(slot: PlannedSlot) -> Key:
    return slot.host_slug, slot.starts_at, slot.ends_at, slot.group


def _ask_at_once(
    session: Session, visit: VisitRequest, added: Collection[int], *, who: Who, now: datetime
) -> int:
    """Hosts who wish no member of staff to look at it first are asked, where staff let the visit do so."""
    if not visit.releases_by_itself:
        return 0
    slots = [load_slot(session, slot_id) for slot_id in added]
    willing = set(
        session.scalars(
            select(HostTerms.organisation_id).where(
                HostTerms.organisation_id.in_([slot.organisation_id for slot in slots]),
                HostTerms.asking == AskingWay.AUTOMATIC,
            )
        )
    )
    asked = [slot for slot in slots if slot.organisation_id in willing and slot.state == SlotState.DRAFT]
    for slot in asked:
        ask_host(session, slot, SlotAction.RELEASE, who=who, now=now)
    if asked and visit.state in (VisitState.PLANNING, VisitState.AWAITING_HOSTS):
        move_visit(session, visit, VisitAction.RELEASE, who=who, now=now, slots=len(asked))
    if asked:
        review_progress(session, visit.id, now=now)
    return len(asked)
