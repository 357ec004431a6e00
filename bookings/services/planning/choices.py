"""What staff decide about the planner: locks, weights, hosts that are asked at once."""

from collections.abc import Mapping
from datetime import datetime

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.holds import ResourceKind
from bookings.models.planning import PlannerWeights
from bookings.queries.planning.problem import WEIGHT_NAMES
from bookings.queries.programme import find_visit_id, load_visit
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.audit import add_audit
from bookings.services.holds import lock_resources
from bookings.services.invitations import add_slot_audit

_ROW = 1


@retry_conflicts
def lock_slot(slot_id: int, *, is_locked: bool, who: Who, now: datetime) -> None:
    """The planner leaves the slot where it is from now on, or may move it again. Raises NotFoundError."""
    with transaction() as session:
        keys = find_slot_keys(session, slot_id)
        lock_resources(session, [(ResourceKind.DELEGATION, keys.visit_id)])
        slot = load_slot(session, slot_id)
        if slot.is_locked == is_locked:
            return
        slot.is_locked = is_locked
        add_slot_audit(session, slot, "lock" if is_locked else "unlock", who=who, now=now)


@retry_conflicts
def save_weights(points: Mapping[str, int], *, who: Who, now: datetime) -> None:
    """What each thing is worth from now on, for all visits."""
    with transaction() as session:
        row = session.get(PlannerWeights, _ROW, with_for_update=True)
        if row is None:
            row = PlannerWeights(id=_ROW, points={})
            session.add(row)
        row.points = {name: points[name] for name in WEIGHT_NAMES if name in points}
        add_audit(
            session, who, "planner.weights", noun="planner_weights", subject_id=_ROW, now=now, **row.points
        )


@retry_conflicts
def set_release_rule(reference: str, *, releases: bool, who: Who, now: datetime) -> None:
    """Hosts that wish it are asked as soon as a programme is applied, or wait for staff's release.

    Raises NotFoundError.
    """
    with transaction() as session:
        visit = load_visit(session, find_visit_id(session, reference))
        if visit.releases_by_itself == releases:
            return
        visit.releases_by_itself = releases
        add_audit(
            session, who, "set_release_on" if releases else "set_release_off", noun="visit_request",
            subject_id=visit.id, visit_id=visit.id, now=now,
        )  # fmt: skip
