"""What the planner is asked about one visit: everything that is stored, as the planner's own values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bookings.domain.errors import NotFoundError
from bookings.domain.planning import JourneyEnd, ProgrammeWishes, list_departures
from bookings.domain.requests import WishedDays
from bookings.domain.slots import ASKED_STATES, FAILED_STATES, SlotState
from bookings.domain.suggestions import HostProfile
from bookings.domain.time import Interval, home_day
from bookings.domain.travel import TravelMode
from bookings.domain.visits import VisitState
from bookings.models.offers import SlotOffer
from bookings.models.planning import PlannerWeights
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.planner.problem import (
    Candidate,
    ClosedTime,
    DateWindow,
    Delegation,
    Firmness,
    FixedStop,
    Problem,
    Rules,
    Sailing,
    Waypoint,
    Weights,
    WorkingHours,
    area_of,
)
from bookings.queries.directory import Directory, load_directory
from bookings.queries.planning.contacts import find_first_contacts
from bookings.queries.planning.hosts import judge_hosts
from bookings.queries.planning.journeys import read_journey
from bookings.queries.planning.offers import HostOffer, OfferTimes, list_host_offers, list_open_times
from bookings.queries.planning.slots import PlannedSlot, list_planned_slots
from bookings.queries.planning.wishes import wish
from bookings.queries.sailings import list_sailings
from bookings.queries.visits import Wishes, load_wishes
from bookings.settings import current_settings

WEIGHT_NAMES = tuple(field.name for field in fields(Weights))
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class VisitProblem:
    """The planner's problem and what its keys mean; `basis` changes with whatever a plan follows from."""

    visit_id: int
    basis: str
    problem: Problem
    offers: Mapping[str, HostOffer]
    slots: tuple[PlannedSlot, ...] = ()
    state: VisitState = VisitState.PLANNING


class AskedRun(Protocol):
    """What staff asked for: weights, whether the visitor's hosts have to be in, and their own wishes."""

    @property
    def points(self) -> Mapping[str, int]: ...

    @property
    def needs_wanted(self) -> bool: ...

    @property
    def wishes(self) -> ProgrammeWishes: ...


def load_problem(
    session: Session, reference: str, *, now: datetime, keeps_asked: bool = True, run: AskedRun | None = None
) -> VisitProblem:
    """Everything that a plan of this visit follows from, in a constant number of statements; with a `run` as
    staff asked for it. A host that staff put in may work in anything.

    Locked and accepted slots stay; so do those whose hosts were asked. To mend a programme, these may move
    (`keeps_asked` is False), and drafts belong to it.
    Raises NotFoundError.
    """
    visit, wishes = _load_request(session, reference)
    slots = list_planned_slots(session, visit.id)
    directory = load_directory(session)
    delegation = _build_delegation(visit, wishes, now=now)
    asked_for = frozenset((*delegation.wanted_hosts, *(run.wishes.hosts if run else ())))
    offers, candidates = _load_candidates(
        session, visit, delegation, list_gone_hosts(slots), asked_for=asked_for, now=now
    )
    problem = Problem(
        delegation=delegation,
        candidates=candidates,
        roads=_list_roads(directory),
        sailings=_load_sailings(session, delegation),
        fixed=_list_fixed(session, visit, slots, directory, keeps_asked=keeps_asked),
        must=delegation.wanted_hosts if run and run.needs_wanted else (),
        zones={place.slug: place.time_zone for place in directory.places.by_slug.values()},
        rules=_build_rules(),
        weights=build_weights(run.points) if run else load_weights(session),
    )
    return VisitProblem(
        visit_id=visit.id,
        basis=_find_basis(visit, wishes, slots),
        problem=wish(problem, run.wishes) if run else problem,
        offers=offers,
        slots=slots,
        state=VisitState(visit.state),
    )


def find_basis(session: Session, reference: str) -> str:
    """What the visit is now, to compare with what it was when a plan was asked for."""
    visit, wishes = _load_request(session, reference)
    return _find_basis(visit, wishes, list_planned_slots(session, visit.id))


def load_weights(session: Session) -> Weights:
    """What staff say each thing is worth; where they say nothing, what we say."""
    row = session.scalar(select(PlannerWeights))
    return build_weights(row.points if row else {})


def build_weights(points: Mapping[str, object]) -> Weights:
    """Weights of stored points; what is not there is as we ship it."""
    return Weights(**{name: int(str(points[name])) for name in WEIGHT_NAMES if name in points})


def _load_request(session: Session, reference: str) -> tuple[VisitRequest, Wishes]:
    visit = session.scalar(
        select(VisitRequest)
        .where(VisitRequest.reference == reference)
        .options(joinedload(VisitRequest.delegation))
    )
    if visit is None:
        raise NotFoundError("visit_request", reference)
    return visit, load_wishes(session, visit.id)


def _find_basis(visit: VisitRequest, wishes: Wishes, slots: Sequence[PlannedSlot]) -> str:
    facts = (
        visit.delegation.group_size,
        visit.brings_interpreter,
        sorted(visit.visit_languages),
        sorted(wishes.interests),
        sorted(host.slug for host in wishes.hosts),
        sorted(wishes.places),
        [(window.earliest, window.latest, window.half_days) for window in wishes.windows],
        read_journey(visit),
        [(slot.id, slot.version, slot.state.value, slot.is_locked) for slot in slots if slot.is_live],
    )
    return sha256(repr(facts).encode()).hexdigest()


def _build_delegation(visit: VisitRequest, wishes: Wishes, *, now: datetime) -> Delegation:
    party, journey = visit.delegation, read_journey(visit)
    return Delegation(
        size=party.group_size,
        windows=tuple(_list_windows(wishes.windows, home_day(now) + _DAY)),
        interests=wishes.interests,
        languages=tuple(visit.visit_languages),
        brings_interpreter=visit.brings_interpreter,
        places=() if visit.places_suggested else wishes.places,
        wanted_hosts=tuple(host.slug for host in wishes.hosts),
        arrival=_build_waypoint(journey.arrival),
        departure=_build_waypoint(journey.departure),
        country=party.organisation_country,
        organisation=party.organisation_name,
        groups=journey.groups,
    )


def _build_waypoint(end: JourneyEnd | None) -> Waypoint | None:
    return Waypoint(end.place, end.at) if end else None


def _list_windows(windows: Iterable[WishedDays], first: date) -> Iterable[DateWindow]:
    """Days that have passed are no days of a programme any more."""
    for window in windows:
        if window.latest >= first:
            yield DateWindow(max(first, window.earliest), window.latest, window.half_days)


def _load_candidates(
    session: Session,
    visit: VisitRequest,
    delegation: Delegation,
    refused: frozenset[str],
    *,
    asked_for: frozenset[str],
    now: datetime,
) -> tuple[dict[str, HostOffer], tuple[Candidate, ...]]:
    """What can be visited where somebody can be asked and the town is known."""
    directory = load_directory(session)
    judged, refusing = judge_hosts(session, visit, now=now)
    profiles = {profile.slug: profile for profile in judged}
    companies = [directory.companies[slug] for slug in profiles if slug not in refused]
    ids = [company.id for company in companies]
    asked = find_first_contacts(session, ids)
    offers = [
        offer for offer in list_host_offers(companies) if offer.site.place_slug and offer.company.id in asked
    ]
    days = _list_days(delegation.windows)
    wished = [
        one
        for one in offers
        if one.company.slug in asked_for or _is_wished(one, delegation, profiles[one.company.slug])
    ]
    times = list_open_times(session, wished, days=days, now=now, except_visit_id=visit.id)
    open_times = {_key_of(one.host_offer): one for one in times}
    candidates = tuple(
        _build_candidate(offer, profiles[offer.company.slug], open_times.get(_key_of(offer)), refusing)
        for offer in offers
    )
    return {_key_of(offer): offer for offer in offers}, candidates


def _list_days(windows: Iterable[DateWindow]) -> list[date]:
    found = {
        window.earliest + n * _DAY
        for window in windows
        for n in range((window.latest - window.earliest).days + 1)
    }
    return sorted(found)


def _is_wished(offer: HostOffer, delegation: Delegation, profile: HostProfile) -> bool:
    """Open times are worked out only of hosts that could be chosen at all."""
    areas = {area_of(topic) for topic in delegation.interests}
    return not areas or bool(areas & {area_of(topic) for topic in _topics_of(offer, profile)})


def _topics_of(offer: HostOffer, profile: HostProfile) -> tuple[str, ...]:
    own = offer.offer.topics if offer.offer else ()
    return tuple(own) or tuple(profile.topics)


def _key_of(offer: HostOffer) -> str:
    return f"offer-{offer.offer.id}" if offer.offer else f"site-{offer.site.id}"


def _build_candidate(
    offer: HostOffer, profile: HostProfile, times: OfferTimes | None, refusing: frozenset[str]
) -> Candidate:
    own = offer.offer
    days = times.days if times else ()
    return Candidate(
        key=_key_of(offer),
        host=offer.company.slug,
        place=offer.site.place_slug,
        zone=offer.site.time_zone,
        minutes=offer.minutes,
        open_times=tuple(interval for day in days for interval in day.open),
        closed_times=tuple(ClosedTime(one.interval, one.reason.value) for day in days for one in day.closed),
        site=str(offer.site.id),
        kind=profile.kind,
        topics=_topics_of(offer, profile),
        languages=tuple(own.languages if own and own.languages else profile.languages),
        group_min=own.group_min if own else offer.site.group_min,
        group_max=own.group_max if own else offer.site.group_max,
        guides=(own.guides if own else None) or 1,
        visits_left=times.visits_left if times else None,
        visits_last_year=profile.visits_last_year,
        hours_last_year=profile.hours_last_year,
        days_since_asked=profile.days_since_asked,
        hosts_visits=profile.hosts_visits,
        is_excluded=offer.company.slug in refusing,
    )


def _list_roads(directory: Directory) -> dict[tuple[str, str], int]:
    """Single legs by road; the sea is crossed by the timetable alone."""
    return {(leg.origin, leg.target): leg.minutes for leg in directory.legs if leg.mode is TravelMode.ROAD}


def _load_sailings(session: Session, delegation: Delegation) -> tuple[Sailing, ...]:
    """The departures around the wished days and the journey, each with its own check-in where it has one."""
    if not delegation.windows:
        return ()
    rows = [view.row for view in list_sailings(session)]
    ends = [end.at.date() for end in (delegation.arrival, delegation.departure) if end]
    first = min([*(window.earliest for window in delegation.windows), *ends]) - _DAY
    last = max([*(window.latest for window in delegation.windows), *ends]) + _DAY
    return tuple(
        Sailing(one.origin, one.target, one.departs_at, one.arrives_at, one.check_in_minutes)
        for one in list_departures(rows, first, last)
    )


def _list_fixed(
    session: Session,
    visit: VisitRequest,
    slots: Iterable[PlannedSlot],
    directory: Directory,
    *,
    keeps_asked: bool,
) -> tuple[FixedStop, ...]:
    shown = dict(
        session.execute(
            select(SlotOffer.slot_id, SlotOffer.visit_offer_id)
            .join(Slot, Slot.id == SlotOffer.slot_id)
            .where(Slot.visit_id == visit.id)
        ).all()
    )
    return tuple(
        FixedStop(
            key=str(slot.id),
            host=slot.host_slug,
            place=slot.place,
            zone=slot.time_zone,
            interval=Interval(slot.starts_at, slot.ends_at),
            firmness=_firmness_of(slot, keeps_asked=keeps_asked),
            candidate=f"offer-{shown[slot.id]}" if slot.id in shown else f"site-{slot.site_id}",
            topics=directory.companies[slot.host_slug].topics,
            kind=directory.companies[slot.host_slug].kind,
            group=None if slot.group is None else slot.group - 1,
        )
        for slot in slots
        if slot.is_live and (is_fixed(slot) or not keeps_asked)
    )


def list_gone_hosts(slots: Iterable[PlannedSlot]) -> frozenset[str]:
    """Hosts who were asked for this visit and are out of it: they are not asked again by themselves."""
    slots = tuple(slots)
    live = {slot.host_slug for slot in slots if slot.is_live}
    return frozenset(slot.host_slug for slot in slots if slot.state in FAILED_STATES) - live


def is_fixed(slot: PlannedSlot) -> bool:
    """Does the planner plan around it? Drafts that nobody locked it may drop."""
    return slot.is_live and (slot.is_locked or slot.state is not SlotState.DRAFT)


def _firmness_of(slot: PlannedSlot, *, keeps_asked: bool) -> Firmness:
    if slot.is_locked:
        return Firmness.PINNED
    if slot.state in (SlotState.DRAFT, *ASKED_STATES):
        return Firmness.PINNED if keeps_asked else Firmness.ASKED
    return Firmness.ACCEPTED


def _build_rules() -> Rules:
    settings = current_settings()
    rules, visits = settings.planner, settings.visits
    return Rules(
        hours=WorkingHours(
            time.fromisoformat(visits.working_hours_start), time.fromisoformat(visits.working_hours_end)
        ),
        lunch_minutes=rules.lunch_minutes,
        pause_minutes=rules.pause_minutes,
        longest_road_minutes=rules.longest_road_minutes,
        night_rest_minutes=rules.night_rest_minutes,
        most_stops_a_day=rules.most_stops_a_day,
        check_in_minutes=visits.ferry_check_in_minutes,
        host_buffer_minutes=visits.host_buffer_minutes,
    )
