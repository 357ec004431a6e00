"""Changes that staff plan and nobody was told of yet: what they do, and what speaks against them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from bookings.domain.errors import NotFoundError
from bookings.domain.holds import HoldStrength, ResourceKind
from bookings.domain.planned import PlannedKind, choose_kind, foresee_visitor_mail, tally_slots
from bookings.domain.programme import ProgrammeWarning
from bookings.domain.proposals import HostBusy, list_concerns
from bookings.domain.slots import HOLDING_STATES, SlotPlan, SlotState
from bookings.domain.time import Interval
from bookings.domain.visits import SlotTally, VisitState
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.holds import Hold, Resource
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.busy import list_closed_times, list_own_busy_times
from bookings.queries.planning.proposals import build_basis
from bookings.queries.planning.slots import PlannedSlot, find_planned_slot, list_planned_slots

_OF_MOVES = ("too_soon", "visitor_knows")
_VISITOR_WAITS = ProgrammeWarning("visitor_waits", ())
"""No mail to the visitor with this release: the hosts answer first."""
_REFUSED = ("host_taken", "overlap", "travel_too_short")


@dataclass(frozen=True, kw_only=True)
class PlannedView:
    """A planned change: the slot as it stands (`before`) and as it would be; no `after`: it is withdrawn."""

    slot_id: int
    kind: PlannedKind
    before: PlannedSlot
    after: PlannedSlot | None
    plan: SlotPlan | None
    planned_by: str
    planned_at: datetime
    closure_id: int | None
    is_stale: bool
    """The host answered, or the slot changed, since it was planned: it has to be looked at again."""

    @property
    def has_other_time(self) -> bool:
        """Is it at another time than before?"""
        return self.after is not None and _time_of(self.after) != _time_of(self.before)

    @property
    def has_other_place(self) -> bool:
        """Is it at another site than before?"""
        return self.after is not None and self.after.site_id != self.before.site_id


@dataclass(frozen=True, kw_only=True)
class TimeOfPlan:
    """Where a planned change would put a slot, for calendars; no times: it would go."""

    slot_id: int
    kind: PlannedKind
    starts_at: datetime | None
    ends_at: datetime | None
    time_zone: str
    host_slug: str
    host_name: str
    site_id: int | None
    is_stale: bool


@dataclass(frozen=True)
class Reader:
    """Somebody who would be told at the release."""

    name: str
    address: str
    is_visitor: bool = False


@dataclass(frozen=True, kw_only=True)
class ChangePreview:
    """What a change would do, before it is done. `kind` is None for a draft and where nothing changes."""

    kind: PlannedKind | None
    before: PlannedSlot
    after: PlannedSlot | None
    concerns: tuple[ProgrammeWarning, ...]
    """What speaks against it; `warning_sentence` has the words."""
    readers: tuple[Reader, ...]
    """Who is told of it when it is released; nobody for a draft."""

    @property
    def clashes(self) -> bool:
        """Would the release be refused as things stand?"""
        return any(one.code in _REFUSED for one in self.concerns)


def list_planned_changes(session: Session, slots: Sequence[PlannedSlot]) -> dict[int, PlannedView]:
    """The planned changes of these slots, by slot, in one statement."""
    by_id = {slot.id: slot for slot in slots}
    rows = session.scalars(_changes().where(PlannedChange.slot_id.in_(by_id)))
    return {row.slot_id: _build(row, by_id[row.slot_id]) for row in rows}


def find_planned_change(session: Session, slot_id: int) -> PlannedView | None:
    """The planned change of one slot. Raises NotFoundError when there is no such slot."""
    return list_planned_changes(session, [find_planned_slot(session, slot_id)]).get(slot_id)


def list_times_of_plans(session: Session, slot_ids: Sequence[int]) -> dict[int, TimeOfPlan]:
    """Where planned changes would put these slots, in one statement: for calendars with many slots."""
    rows = session.scalars(_changes().where(PlannedChange.slot_id.in_(slot_ids)))
    return {
        row.slot_id: TimeOfPlan(
            slot_id=row.slot_id,
            kind=PlannedKind(row.kind),
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            time_zone=row.site.time_zone if row.site else "",
            host_slug=row.organisation.slug if row.organisation else "",
            host_name=row.organisation.name if row.organisation else "",
            site_id=row.site_id,
            is_stale=row.slot_version != row.slot.version,
        )
        for row in rows
    }


def preview_change(session: Session, slot_id: int, plan: SlotPlan | None, *, now: datetime) -> ChangePreview:
    """What it would do to make the slot like this, or (no plan) to withdraw it. Writes nothing.

    Raises NotFoundError for a slot, site or contact that there is not.
    """
    slot = find_planned_slot(session, slot_id)
    is_told = slot.state in HOLDING_STATES
    if plan is None:
        kind = PlannedKind.WITHDRAW if is_told else None
        readers = _list_readers(session, slot, None, kind) if kind else ()
        return ChangePreview(kind=kind, before=slot, after=None, concerns=(), readers=readers)
    after = _put(slot, plan, *_find_site_and_contact(session, plan))
    kind = choose_kind(plan_of(slot), plan) if is_told else None
    readers = _list_readers(session, slot, after, kind) if kind else ()
    concerns = _list_concerns(session, slot, after, now=now)
    if not any(one.is_visitor for one in readers):
        concerns = tuple(_VISITOR_WAITS if one.code == "visitor_knows" else one for one in concerns)
    return ChangePreview(kind=kind, before=slot, after=after, concerns=concerns, readers=readers)


def _changes() -> Select[PlannedChange]:
    return select(PlannedChange).options(
        joinedload(PlannedChange.slot),
        joinedload(PlannedChange.organisation),
        joinedload(PlannedChange.site).joinedload(Site.place),
        joinedload(PlannedChange.host_contact),
    )


def _build(row: PlannedChange, slot: PlannedSlot) -> PlannedView:
    plan = build_plan(row)
    after = None
    if plan is not None and row.site and row.host_contact and row.organisation:
        after = _put(slot, plan, row.organisation, row.site, row.host_contact)
    return PlannedView(
        slot_id=slot.id,
        kind=PlannedKind(row.kind),
        before=slot,
        after=after,
        plan=plan,
        planned_by=row.planned_by,
        planned_at=row.planned_at,
        closure_id=row.closure_id,
        is_stale=row.slot_version != slot.version or slot.state not in HOLDING_STATES,
    )


def build_plan(row: PlannedChange) -> SlotPlan | None:
    """What the slot shall become; nothing for a withdrawal. The organisation of the row is loaded."""
    if row.kind == PlannedKind.WITHDRAW or row.organisation is None:
        return None
    assert row.site_id is not None
    assert row.host_contact_id is not None
    assert row.starts_at is not None
    assert row.ends_at is not None
    return SlotPlan(
        organisation_slug=row.organisation.slug,
        site_id=row.site_id,
        host_contact_id=row.host_contact_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        title=row.title,
        message=row.message,
        is_required=row.is_required,
        offer_id=row.visit_offer_id,
        group=row.group_number,
        reason=row.reason,
    )


def _put(
    slot: PlannedSlot, plan: SlotPlan, organisation: Organisation, site: Site, contact: HostContact
) -> PlannedSlot:
    """The slot as the plan makes it."""
    return replace(
        slot,
        is_required=plan.is_required,
        group=plan.group,
        title=plan.title,
        message=plan.message,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        time_zone=site.time_zone,
        host_slug=organisation.slug,
        host_name=organisation.name,
        country=organisation.country,
        place=site.place.slug if site.place else "",
        site_id=site.id,
        site_name=site.name,
        opens_at=site.opens_at or "",
        closes_at=site.closes_at or "",
        contact_id=contact.id,
        contact_name=contact.name,
        contact_email=contact.email,
        contact_is_undeliverable=contact.is_undeliverable,
        offered_times=(),
    )


def _find_site_and_contact(session: Session, plan: SlotPlan) -> tuple[Organisation, Site, HostContact]:
    found = session.execute(
        select(Organisation, Site, HostContact)
        .join(Site, Site.organisation_id == Organisation.id)
        .join(HostContact, HostContact.organisation_id == Organisation.id)
        .where(
            Organisation.slug == plan.organisation_slug,
            Site.id == plan.site_id,
            HostContact.id == plan.host_contact_id,
        )
        .options(joinedload(Site.place))
    ).one_or_none()
    if found is None:
        raise NotFoundError("site", str(plan.site_id))
    organisation, site, contact = found
    return organisation, site, contact


def _list_concerns(
    session: Session, slot: PlannedSlot, after: PlannedSlot, *, now: datetime
) -> tuple[ProgrammeWarning, ...]:
    """Held against the other stops, the visit's days, and whoever else wants the host who would be asked."""
    others = [one for one in list_planned_slots(session, slot.visit_id) if one.is_live and one.id != slot.id]
    wanted = Interval(after.starts_at, after.ends_at)
    basis = build_basis(session, [*others, after], [(after, wanted)], now=now)
    basis = replace(basis, busy=_list_busy(session, after, Interval(wanted.start - basis.buffer, wanted.end)))
    found = list_concerns(after.as_stop(), wanted, basis)
    own = list_own_busy_times(session, [after.contact_id], wanted)
    busy = [ProgrammeWarning("host_busy", (str(slot.id),))] if own else []
    if any(one.overlaps(wanted) for one in list_closed_times(session, after.site_id, since=wanted.start)):
        busy.append(ProgrammeWarning("site_closed", (str(slot.id),)))
    has_moved = _time_of(slot) != _time_of(after)
    return (*(one for one in found if has_moved or one.code not in _OF_MOVES), *busy)


def _list_busy(session: Session, after: PlannedSlot, span: Interval) -> list[HostBusy]:
    """When other visits have the host who would be asked, or would like to."""
    rows = session.execute(
        select(VisitRequest.reference, Hold.starts_at, Hold.ends_at, Hold.strength)
        .join(Slot, Slot.id == Hold.slot_id)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Resource, (Resource.id == Hold.resource_id) & (Resource.kind == ResourceKind.HOST))
        .join(Organisation, Organisation.id == Resource.subject_id)
        .where(
            Organisation.slug == after.host_slug,
            Slot.visit_id != after.visit_id,
            Hold.starts_at < span.end,
            Hold.ends_at > span.start,
        )
    )
    return [
        HostBusy(
            str(after.id),
            row.reference,
            Interval(row.starts_at, row.ends_at),
            row.strength == HoldStrength.HARD,
        )
        for row in rows
    ]


def plan_of(slot: PlannedSlot) -> SlotPlan:
    """The plan that the slot follows now."""
    return SlotPlan(
        organisation_slug=slot.host_slug,
        site_id=slot.site_id,
        host_contact_id=slot.contact_id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        title=slot.title,
        message=slot.message,
        is_required=slot.is_required,
        group=slot.group,
    )


def _list_readers(
    session: Session, slot: PlannedSlot, after: PlannedSlot | None, kind: PlannedKind
) -> tuple[Reader, ...]:
    """The hosts, and the visitor where this change alone would move the visit on."""
    found = [Reader(slot.contact_name, slot.contact_email)]
    if after is not None and after.contact_id != slot.contact_id:
        found.append(Reader(after.contact_name, after.contact_email))
    visit = session.execute(
        select(
            VisitRequest.state,
            VisitRequest.contact_name,
            VisitRequest.contact_email,
            VisitRequest.agreed_beforehand,
        ).where(VisitRequest.id == slot.visit_id)
    ).one()
    template = foresee_visitor_mail(
        VisitState(visit.state),
        _tally_with(session, slot, after, kind),
        asks_drafts=kind is PlannedKind.REPLACE,
        has_lost_stop=kind is PlannedKind.WITHDRAW and slot.state is SlotState.ACCEPTED,
        settles_at_once=visit.agreed_beforehand,
    )
    if template:
        found.append(Reader(visit.contact_name, visit.contact_email, is_visitor=True))
    return tuple(found)


def _tally_with(
    session: Session, slot: PlannedSlot, after: PlannedSlot | None, kind: PlannedKind
) -> SlotTally:
    """The slots of the visit as they would count with this change."""
    slots = list_planned_slots(session, slot.visit_id)
    replaced = {one.replaces_id for one in slots}
    rows = [
        (str(one.state), one.is_required, one.id in replaced)
        for one in slots
        if one.id != slot.id or kind is PlannedKind.WORDS
    ]
    if after is not None and kind is not PlannedKind.WORDS:
        rows.append((str(SlotState.PENDING), after.is_required, False))
    return tally_slots(rows)


def _time_of(slot: PlannedSlot) -> tuple[datetime, datetime]:
    return slot.starts_at, slot.ends_at
