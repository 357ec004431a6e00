"""A site is closed. It counts for the planner and all forms at once; the stops that it touches are decided on
by staff, kept as planned changes, and told visit by visit.

Each visit is a transaction of its own: a time that somebody else has taken meanwhile stops one visit and not
thirty, and no lock lasts longer than one visit needs. What is left shows on the same page and goes with the
next press; what was told is not told again.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import BookingError, HostDetailNotUsableError, RecordChangedError
from bookings.domain.slots import HOLDING_STATES, SlotPlan, SlotState
from bookings.domain.visits import OPEN_STATES, PLANNABLE_STATES, VisitAction
from bookings.models.directory import Organisation, Site
from bookings.models.hosts import SiteClosure
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.releases import list_hosts_to_lock, load_release
from bookings.queries.slots import SlotKeys, find_slot_keys, load_slot
from bookings.services.hosts.doors import StaffDoor, find_part, note, open_host
from bookings.services.hosts.sites import ClosurePlan
from bookings.services.invitations import check_visit_is_in, open_visit
from bookings.services.slots.drafts import change_draft, discard_draft
from bookings.services.slots.planned import find_organisation_id, write_change, write_withdrawal
from bookings.services.visits.release import tell


@dataclass(frozen=True, kw_only=True)
class Choice:
    """What becomes of one stop; without a plan it is taken out. `version` is the slot's when it was shown."""

    slot_id: int
    version: int
    closure_id: int
    plan: SlotPlan | None


@dataclass(frozen=True)
class Outcome:
    """How it went: visits that are through, and those that are not, with the reason."""

    done: int
    refused: tuple[tuple[str, BookingError], ...]


def close_sites(door: StaffDoor, site_ids: Collection[int], plan: ClosurePlan, *, now: datetime) -> None:
    """Nobody is received at these sites then. Twice is the same as once. Raises HostDetailNotUsableError or
    NotFoundError."""
    if plan.ends_at is not None and plan.ends_at <= plan.starts_at:
        raise HostDetailNotUsableError("ends_on", "order")
    with transaction() as session:
        host = open_host(session, door, now=now)
        for site_id in site_ids:
            site = find_part(session, Site, host, site_id)
            if not _is_closed(session, site.id, plan):
                session.add(
                    SiteClosure(
                        site_id=site.id,
                        starts_at=plan.starts_at,
                        ends_at=plan.ends_at,
                        reason=plan.reason,
                    )
                )
                note(session, host, "closure_added", now=now, site=site.id)


def decide_stops(choices: Sequence[Choice], *, who: Who, now: datetime) -> Outcome:
    """Keep what becomes of these stops as planned changes; nobody is told. Drafts change at once."""
    session = read_session()
    by_visit: defaultdict[int, list[tuple[SlotKeys, Choice]]] = defaultdict(list)
    for choice in choices:
        keys = find_slot_keys(session, choice.slot_id)
        by_visit[keys.visit_id].append((keys, choice))
    refused = []
    for part in by_visit.values():
        try:
            _decide_in_visit(part, who=who, now=now)
        except BookingError as error:
            refused.append((_reference_of(part[0][0].visit_id), error))
    return Outcome(len(by_visit) - len(refused), tuple(refused))


def tell_of_closing(slug: str, *, who: Who, now: datetime) -> Outcome:
    """Release what was planned because a site of this host is closed, visit by visit. Again goes on with what
    is left."""
    refused, waiting = [], _list_waiting(read_session(), slug)
    for reference, visit_id, slot_ids in waiting:
        try:
            _tell_in_visit(visit_id, slot_ids, who=who, now=now)
        except BookingError as error:
            refused.append((reference, error))
    return Outcome(len(waiting) - len(refused), tuple(refused))


@retry_conflicts
def _decide_in_visit(choices: Sequence[tuple[SlotKeys, Choice]], *, who: Who, now: datetime) -> None:
    with transaction() as session:
        hosts = [keys.organisation_id for keys, _ in choices]
        hosts += [find_organisation_id(session, one.plan.organisation_slug) for _, one in choices if one.plan]
        visit = open_visit(session, choices[0][0].visit_id, organisation_ids=hosts, now=now)
        check_visit_is_in(visit, PLANNABLE_STATES, "plan_change")
        for _keys, choice in choices:
            _decide(session, visit, choice, who=who, now=now)


def _decide(session: Session, visit: VisitRequest, choice: Choice, *, who: Who, now: datetime) -> None:
    slot = load_slot(session, choice.slot_id)
    if slot.version != choice.version:
        raise RecordChangedError("slot")
    if slot.state in HOLDING_STATES and choice.plan is None:
        write_withdrawal(session, slot, who=who, now=now, closure_id=choice.closure_id)
    elif slot.state in HOLDING_STATES and choice.plan is not None:
        write_change(session, visit, slot, choice.plan, who=who, now=now, closure_id=choice.closure_id)
    elif slot.state == SlotState.DRAFT and choice.plan is None:
        discard_draft(session, slot, who=who, now=now)
    elif slot.state == SlotState.DRAFT and choice.plan is not None:
        change_draft(session, slot, choice.plan, who=who, now=now)


@retry_conflicts
def _tell_in_visit(visit_id: int, slot_ids: Collection[int], *, who: Who, now: datetime) -> None:
    with transaction() as session:
        visit = open_visit(session, visit_id, organisation_ids=list_hosts_to_lock(session, visit_id), now=now)
        check_visit_is_in(visit, PLANNABLE_STATES, VisitAction.RELEASE)
        found = load_release(session, visit_id)
        due = [item for item in found.items if item.slot.id in slot_ids and not item.is_stale]
        if due:
            tell(session, visit, found, due, who=who, now=now)


def _list_waiting(session: Session, slug: str) -> list[tuple[str, int, set[int]]]:
    """What is planned because of a closing of this host and is not stale: reference, visit and slots."""
    rows = session.execute(
        select(VisitRequest.reference, VisitRequest.id, Slot.id)
        .join(Slot, Slot.visit_id == VisitRequest.id)
        .join(PlannedChange, PlannedChange.slot_id == Slot.id)
        .join(SiteClosure, SiteClosure.id == PlannedChange.closure_id)
        .join(Site, Site.id == SiteClosure.site_id)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .where(
            Organisation.slug == slug,
            PlannedChange.slot_version == Slot.version,
            VisitRequest.state.in_(OPEN_STATES),
        )
        .order_by(VisitRequest.id)
    )
    found: dict[tuple[str, int], set[int]] = {}
    for reference, visit_id, slot_id in rows:
        found.setdefault((reference, visit_id), set()).add(slot_id)
    return [(*visit, slots) for visit, slots in found.items()]


def _reference_of(visit_id: int) -> str:
    query = select(VisitRequest.reference).where(VisitRequest.id == visit_id)
    return read_session().scalar(query) or ""


def _is_closed(session: Session, site_id: int, plan: ClosurePlan) -> bool:
    ends_at = SiteClosure.ends_at.is_(None) if plan.ends_at is None else SiteClosure.ends_at == plan.ends_at
    query = select(SiteClosure.id).where(
        SiteClosure.site_id == site_id, SiteClosure.starts_at == plan.starts_at, ends_at
    )
    return session.scalar(query.limit(1)) is not None
