"""What staff decide about the planner: locks, weights, hosts asked at once, the delegation's journey."""

from collections.abc import Mapping
from datetime import datetime

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import RecordChangedError
from bookings.domain.holds import ResourceKind
from bookings.domain.planning import Journey, check_journey
from bookings.domain.visits import PLANNABLE_STATES
from bookings.models.planning import PlannerWeights
from bookings.models.visits import VisitRequest
from bookings.queries.directory import load_places
from bookings.queries.planning.journeys import find_groups_allowed, list_wished_days, read_journey
from bookings.queries.planning.problem import WEIGHT_NAMES
from bookings.queries.programme import find_visit_id, load_visit
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.audit import add_audit
from bookings.services.holds import lock_resources, part_holds
from bookings.services.invitations import add_slot_audit, check_visit_is_in
from bookings.services.visits.meanwhile import check_nothing_new

_ROW = 1
RELEASE_RULE = ("set_release_on", "set_release_off")
"""What somebody else may have done about it meanwhile."""


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
def set_release_rule(
    reference: str, *, releases: bool, seen: int | None = None, who: Who, now: datetime
) -> None:
    """Hosts that wish it are asked as soon as a programme is applied, or wait for staff's release.

    Raises NotFoundError, RecordChangedError.
    """
    with transaction() as session:
        visit = load_visit(session, find_visit_id(session, reference))
        check_nothing_new(session, visit.id, seen, now=now, about=RELEASE_RULE)
        if visit.releases_by_itself == releases:
            return
        visit.releases_by_itself = releases
        add_audit(
            session, who, "set_release_on" if releases else "set_release_off", noun="visit_request",
            subject_id=visit.id, visit_id=visit.id, now=now,
        )  # fmt: skip


@retry_conflicts
def save_journey(
    reference: str, journey: Journey, *, version: int | None = None, who: Who, now: datetime
) -> None:
    """How the delegation comes and goes, and in how many groups; programmes found before no longer count.

    Raises NotFoundError, TransitionNotAllowedError, RecordChangedError when somebody saved the visit since
    `version` was read, or JourneyNotUsableError.
    """
    with transaction() as session:
        visit_id = find_visit_id(session, reference)
        lock_resources(session, [(ResourceKind.DELEGATION, visit_id)])
        visit = load_visit(session, visit_id)
        check_visit_is_in(visit, PLANNABLE_STATES, "save_journey")
        if version not in (None, visit.version):
            raise RecordChangedError("visit_request")
        check_journey(
            journey,
            zones={place.slug: place.time_zone for place in load_places(session).by_slug.values()},
            windows=list_wished_days(session, visit.id),
            group_size=visit.delegation.group_size,
            groups_allowed=find_groups_allowed(session, visit),
        )
        if read_journey(visit) == journey:
            return
        if journey.groups != visit.parallel_groups:
            part_holds(session, visit.id, journey.groups)
        _write_journey(visit, journey)
        add_audit(
            session, who, "save_journey", noun="visit_request", subject_id=visit.id, visit_id=visit.id,
            now=now, groups=journey.groups,
        )  # fmt: skip


def _write_journey(visit: VisitRequest, journey: Journey) -> None:
    arrival, departure = journey.arrival, journey.departure
    visit.arrives_place_slug, visit.arrives_at = (arrival.place, arrival.at) if arrival else (None, None)
    visit.departs_place_slug, visit.departs_at = (
        (departure.place, departure.at) if departure else (None, None)
    )
    visit.parallel_groups = journey.groups
    visit.version += 1
