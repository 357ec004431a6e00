"""A site or a whole host that is closed: the stops that it touches, and what could become of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.holds import (
    HoldStrength,
    OpenHours,
    ResourceKind,
    find_free_starts,
    keep_buffers,
    pad_for_host,
)
from bookings.domain.hosts import Exclusion, ExclusionKind, Visitor
from bookings.domain.planned import PlannedKind
from bookings.domain.slots import SlotPlan
from bookings.domain.time import Interval, is_working_day, local_day, to_local
from bookings.models.directory import Interest, Organisation
from bookings.models.holds import Hold, Resource
from bookings.models.hosts import HostExclusion, SiteClosure
from bookings.models.slots import Slot
from bookings.models.visits import Delegation, VisitInterest
from bookings.queries.directory import Company, Directory, SiteView, load_directory
from bookings.queries.planned import PlannedView, list_planned_changes
from bookings.queries.planning.contacts import find_first_contacts
from bookings.queries.planning.slots import PlannedSlot, list_planned_slots_at
from bookings.queries.settings import list_holidays
from bookings.settings import current_settings

_DAY = timedelta(days=1)
_FAR = timedelta(days=60)
_MOST_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A site that is closed from an instant on; no end: until further notice."""

    id: int
    site_id: int
    starts_at: datetime
    ends_at: datetime | None
    reason: str

    def covers(self, interval: Interval) -> bool:
        """Is any of this time within it?"""
        return interval.end > self.starts_at and (self.ends_at is None or interval.start < self.ends_at)


@dataclass(frozen=True, kw_only=True)
class TouchedStop:
    """A stop at a closed site; `planned` is what staff have chosen for it."""

    slot: PlannedSlot
    visitors: str
    visitor: Visitor
    """What private exclusions of hosts compare."""
    wished: frozenset[str]
    """The topics and areas that the visitors asked for."""
    closed: Closed
    planned: PlannedView | None

    @property
    def is_decided(self) -> bool:
        """Is there a plan that still counts, and takes the stop out of the closed time?"""
        view = self.planned
        if view is None or view.is_stale or view.kind is PlannedKind.WORDS:
            return False
        return view.after is None or not (
            view.after.site_id == self.closed.site_id and self.closed.covers(_time_of(view.after))
        )


@dataclass(frozen=True, kw_only=True)
class WayOut:
    """What could become of a touched stop: the same host at another time or site, or another host."""

    move: SlotPlan | None
    move_site: SiteView | None
    other: SlotPlan | None
    other_host: str
    in_common: tuple[str, ...] = ()
    """What the other host has in common with the one that falls out, what visitors asked for first."""

    @property
    def usual(self) -> str:
        """What is chosen unless staff choose: who is near in time first."""
        if self.move is not None:
            return "move"
        return "other" if self.other is not None else "cancel"


@dataclass(frozen=True)
class _Taken:
    """Who is taken when, in all of the time that is looked at."""

    hosts: Mapping[int, Sequence[tuple[int, Interval]]]
    delegations: Mapping[int, Sequence[tuple[int, Interval]]]
    closed: Mapping[int, Sequence[Closed]]


def list_closed(session: Session, site_ids: Sequence[int], *, now: datetime) -> list[Closed]:
    """The closures of these sites that are not over, by time."""
    query = select(SiteClosure).where(
        SiteClosure.site_id.in_(site_ids), SiteClosure.ends_at.is_(None) | (SiteClosure.ends_at > now)
    )
    return [
        Closed(
            id=row.id,
            site_id=row.site_id,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            reason=row.reason,
        )
        for row in session.scalars(query.order_by(SiteClosure.starts_at, SiteClosure.id))
    ]


def list_touched(
    session: Session, company: Company, *, closed: Sequence[Closed] | None = None, now: datetime
) -> list[TouchedStop]:
    """All stops of all open visits that lie in a closed time of this host, by time; `closed` where it is
    known already."""
    if closed is None:
        closed = list_closed(session, [site.id for site in company.sites], now=now)
    if not closed:
        return []
    slots = list_planned_slots_at(
        session, {one.site_id for one in closed}, since=max(now, min(one.starts_at for one in closed))
    )
    found = [(slot, one) for slot in slots if (one := _find_closed(slot, closed)) is not None]
    planned = list_planned_changes(session, [slot for slot, _ in found])
    visitors = {one.visit_id: one for one in _list_delegations(session, [slot for slot, _ in found])}
    wishes = _read_wishes(session, list(visitors))
    return [
        TouchedStop(
            slot=slot,
            visitors=visitors[slot.visit_id].organisation_name,
            visitor=_visitor_of(visitors[slot.visit_id]),
            wished=frozenset(wishes[slot.visit_id]),
            closed=one,
            planned=planned.get(slot.id),
        )
        for slot, one in found
    ]


def find_ways_out(
    session: Session, stops: Sequence[TouchedStop], *, directory: Directory | None = None, now: datetime
) -> dict[int, WayOut]:
    """What could become of each of these stops, by slot: a constant number of statements for any number."""
    if not stops:
        return {}
    directory = directory or load_directory(session)
    first = min(stop.slot.starts_at for stop in stops) - _DAY
    last = max(stop.closed.ends_at or stop.slot.ends_at for stop in stops) + _FAR
    taken = _read_taken(session, Interval(min(first, now), last), now=now)
    refusing = _read_refusals(session, {stop.slot.visit_id: stop.visitor for stop in stops})
    contacts = find_first_contacts(session, [company.id for company in directory.companies.values()])
    return {
        stop.slot.id: _find_way_out(stop, directory, taken, refusing, contacts, now=now) for stop in stops
    }


def _find_way_out(
    stop: TouchedStop,
    directory: Directory,
    taken: _Taken,
    refusing: Mapping[int, set[str]],
    contacts: Mapping[int, int],
    *,
    now: datetime,
) -> WayOut:
    company = directory.companies[stop.slot.host_slug]
    move, site = _find_move(stop, company, taken, now=now)
    others = [
        (one, where)
        for one in directory.companies.values()
        if one.slug != company.slug
        and one.slug not in refusing.get(stop.slot.visit_id, set())
        and one.id in contacts
        and (where := _find_site(stop, one, taken)) is not None
    ]
    best = min(others, key=lambda pair: (*_rate(stop, company, pair[0]), pair[0].name), default=None)
    if best is None or not company.terms & best[0].terms:
        return WayOut(move=move, move_site=site, other=None, other_host="")
    other, where = best
    plan = SlotPlan(
        organisation_slug=other.slug,
        site_id=where.id,
        host_contact_id=contacts[other.id],
        starts_at=stop.slot.starts_at,
        ends_at=stop.slot.ends_at,
        title=stop.slot.title if stop.slot.title != company.name else other.name,
        is_required=stop.slot.is_required,
        group=stop.slot.group,
    )
    return WayOut(
        move=move,
        move_site=site,
        other=plan,
        other_host=other.name,
        in_common=_list_common(stop, company, other),
    )


def _rate(stop: TouchedStop, company: Company, other: Company) -> tuple[int, int]:
    """The most in common comes first: of what the visitors asked for, then of everything."""
    shared = company.terms & other.terms
    return -len(shared & stop.wished), -len(shared)


def _list_common(stop: TouchedStop, company: Company, other: Company) -> tuple[str, ...]:
    shared = [topic for topic in company.topics if topic in other.topics]
    areas = company.terms & other.terms if not shared else ()
    return tuple(sorted(shared, key=lambda topic: topic not in stop.wished) or sorted(areas))[:_MOST_SHOWN]


def _find_move(
    stop: TouchedStop, company: Company, taken: _Taken, *, now: datetime
) -> tuple[SlotPlan | None, SiteView | None]:
    """The nearest time at which the same host receives elsewhere, or here when the site is open again."""
    slot, length = stop.slot, stop.slot.ends_at - stop.slot.starts_at
    minutes = current_settings().visits.host_buffer_minutes
    own = keep_buffers(_times(taken.hosts, company.id, slot), buffer_minutes=minutes)
    delegation = _times(taken.delegations, slot.visit_id, slot)
    starts: list[tuple[timedelta, datetime, SiteView]] = []
    for site in company.sites:
        closed = [
            Interval(one.starts_at, one.ends_at or now + 10 * _FAR) for one in taken.closed.get(site.id, ())
        ]
        hours, busy = _hours(company, site, slot.starts_at), [*own, *delegation, *closed]
        day = slot.starts_at - timedelta(minutes=1)
        for after in (max(day, now + _DAY), max(slot.starts_at - 10 * timedelta(hours=1), now + _DAY)):
            found = find_free_starts(length, after=after, busy=busy, hours=hours, count=1)
            starts += [(abs(one - slot.starts_at), one, site) for one in found]
    if not starts:
        return None, None
    _distance, start, site = min(starts, key=lambda one: (one[0], one[1], one[2].id))
    return (
        SlotPlan(
            organisation_slug=company.slug,
            site_id=site.id,
            host_contact_id=slot.contact_id,
            starts_at=start,
            ends_at=start + length,
            title=slot.title,
            message=slot.message,
            is_required=slot.is_required,
            group=slot.group,
        ),
        site,
    )


def _find_site(stop: TouchedStop, other: Company, taken: _Taken) -> SiteView | None:
    """Where another host in the same town could receive at the same time: open, and free."""
    slot = stop.slot
    if not other.is_published or other.hosts_visits == "no":
        return None
    wanted = _time_of(slot)
    minutes = current_settings().visits.host_buffer_minutes
    padded = pad_for_host(wanted, buffer_minutes=minutes)
    if any(one.overlaps(padded) for one in _times(taken.hosts, other.id, slot)):
        return None
    for site in other.sites:
        is_closed = any(one.covers(wanted) for one in taken.closed.get(site.id, ()))
        if site.place_slug == slot.place and not is_closed and _is_open(other, site, wanted):
            return site
    return None


def _is_open(company: Company, site: SiteView, wanted: Interval) -> bool:
    hours = _hours(company, site, wanted.start)
    begins, ends = to_local(wanted.start, site.time_zone), to_local(wanted.end, site.time_zone)
    return (
        is_working_day(begins.date(), hours.holidays)
        and hours.opens_at <= begins.time()
        and ends.time() <= hours.closes_at
        and begins.date() == ends.date()
    )


def _hours(company: Company, site: SiteView, around: datetime) -> OpenHours:
    rules, year = current_settings().visits, local_day(around, site.time_zone).year
    return OpenHours(
        time_zone=site.time_zone,
        opens_at=time.fromisoformat(site.opens_at or rules.working_hours_start),
        closes_at=time.fromisoformat(site.closes_at or rules.working_hours_end),
        holidays=list_holidays(company.country, (year, year + 1), place=site.place_slug),
    )


def _times(
    known: Mapping[int, Sequence[tuple[int, Interval]]], subject_id: int, slot: PlannedSlot
) -> list[Interval]:
    return [interval for slot_id, interval in known.get(subject_id, ()) if slot_id != slot.id]


def _read_taken(session: Session, span: Interval, *, now: datetime) -> _Taken:
    hosts: defaultdict[int, list[tuple[int, Interval]]] = defaultdict(list)
    delegations: defaultdict[int, list[tuple[int, Interval]]] = defaultdict(list)
    rows = session.execute(
        select(Resource.kind, Resource.subject_id, Slot.id, Hold.starts_at, Hold.ends_at)
        .join(Resource, Resource.id == Hold.resource_id)
        .join(Slot, Slot.id == Hold.slot_id)
        .where(Hold.strength == HoldStrength.HARD, Hold.starts_at < span.end, Hold.ends_at > span.start)
    )
    for kind, subject_id, slot_id, starts_at, ends_at in rows:
        known = hosts if kind == ResourceKind.HOST else delegations
        known[subject_id].append((slot_id, Interval(starts_at, ends_at)))
    closed: defaultdict[int, list[Closed]] = defaultdict(list)
    for row in session.scalars(
        select(SiteClosure).where(SiteClosure.ends_at.is_(None) | (SiteClosure.ends_at > now))
    ):
        closed[row.site_id].append(
            Closed(
                id=row.id,
                site_id=row.site_id,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
                reason=row.reason,
            )
        )
    return _Taken(hosts, delegations, closed)


def _list_delegations(session: Session, slots: Sequence[PlannedSlot]) -> Sequence[Delegation]:
    ids = {slot.visit_id for slot in slots}
    return session.scalars(select(Delegation).where(Delegation.visit_id.in_(ids))).all()


def _read_wishes(session: Session, visit_ids: Sequence[int]) -> Mapping[int, set[str]]:
    wishes: defaultdict[int, set[str]] = defaultdict(set)
    rows = session.execute(
        select(VisitInterest.visit_id, Interest.slug)
        .join(Interest, Interest.id == VisitInterest.interest_id)
        .where(VisitInterest.visit_id.in_(visit_ids))
    )
    for visit_id, slug in rows:
        wishes[visit_id].add(slug)
    return wishes


def _visitor_of(delegation: Delegation) -> Visitor:
    return Visitor(
        delegation.organisation_country, delegation.organisation_kind, delegation.organisation_name
    )


def _read_refusals(session: Session, visitors: Mapping[int, Visitor]) -> dict[int, set[str]]:
    """The hosts that do not receive these visitors, by visit."""
    rows = session.execute(
        select(Organisation.slug, HostExclusion.kind, HostExclusion.value).join(
            Organisation, Organisation.id == HostExclusion.organisation_id
        )
    ).all()
    return {
        visit_id: {slug for slug, kind, value in rows if Exclusion(ExclusionKind(kind), value).meets(visitor)}
        for visit_id, visitor in visitors.items()
    }


def _find_closed(slot: PlannedSlot, closed: Sequence[Closed]) -> Closed | None:
    return next((one for one in closed if one.site_id == slot.site_id and one.covers(_time_of(slot))), None)


def _time_of(slot: PlannedSlot) -> Interval:
    return Interval(slot.starts_at, slot.ends_at)
