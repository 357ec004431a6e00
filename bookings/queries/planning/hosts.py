"""Hosts for a visit: profiles with their load, and one host with sites and contacts."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.hosts import Visitor
from bookings.domain.slots import SlotState
from bookings.domain.suggestions import HostProfile, Suggestion, Wish, suggest_hosts
from bookings.models.directory import HostContact
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.directory import (
    Company,
    find_company,
    list_contacts,
    load_directory,
    load_travel_table,
)
from bookings.queries.host_files import list_refusing_hosts, list_silent_hosts

_YEAR = timedelta(days=365)
_RECEIVED = (SlotState.ACCEPTED, SlotState.COMPLETED)


@dataclass(frozen=True)
class HostToPlan:
    """An organisation with the people who can be asked; those who answer for visits come first."""

    company: Company
    contacts: tuple[HostContact, ...]


@dataclass(frozen=True)
class _Load:
    visits: int = 0
    hours: float = 0
    asked_at: datetime | None = None


def suggest_for_visit(
    session: Session, visit: VisitRequest, *, now: datetime, limit: int | None = None
) -> tuple[Suggestion, ...]:
    """Hosts that suit the request, best first, each with the reasons of its score."""
    refusing = list_refusing_hosts(session, _visitor_of(visit))
    return suggest_hosts(
        _build_wish(visit),
        [host for host in load_host_profiles(session, now=now) if host.slug not in refusing],
        travel=load_travel_table(session),
        limit=limit,
    )


def load_host_profiles(session: Session, *, now: datetime) -> tuple[HostProfile, ...]:
    """Every published organisation that may be asked, with its load in the last 12 months."""
    loads = _load_of_hosts(session, now=now)
    silent = list_silent_hosts(session)
    return tuple(
        _build_profile(company, loads.get(company.id, _Load()), now=now)
        for company in load_directory(session).companies.values()
        if company.is_published and company.hosts_visits != "no" and company.id not in silent
    )


def load_host_to_plan(session: Session, slug: str) -> HostToPlan:
    """A host with its sites and contacts. Raises NotFoundError."""
    company = find_company(session, slug)
    if company is None:
        raise NotFoundError("organisation", slug)
    contacts = list_contacts(session, [company.id]).get(company.id, [])
    return HostToPlan(company, tuple(sorted(contacts, key=lambda contact: (not contact.is_host, contact.id))))


def refuses_visitor(session: Session, visit: VisitRequest, slug: str) -> bool:
    """Does the host not receive these visitors? For staff only."""
    return slug in list_refusing_hosts(session, _visitor_of(visit))


def _visitor_of(visit: VisitRequest) -> Visitor:
    delegation = visit.delegation
    return Visitor(
        delegation.organisation_country, delegation.organisation_kind, delegation.organisation_name
    )


def _build_wish(visit: VisitRequest) -> Wish:
    return Wish(
        topics=tuple(interest.slug for interest in visit.interests),
        group_size=visit.delegation.group_size,
        languages=tuple(visit.visit_languages),
        places=() if visit.places_suggested else tuple(place.place_slug for place in visit.places),
        wanted_hosts=tuple(host.slug for host in visit.wanted_hosts),
        brings_interpreter=visit.brings_interpreter,
    )


def _build_profile(company: Company, load: _Load, *, now: datetime) -> HostProfile:
    """Where a host has said what can be seen, that counts: for groups, languages and topics."""
    limits = company.offers or company.sites
    smallest = [one.group_min for one in limits if one.group_min]
    largest = [one.group_max for one in limits if one.group_max]
    topics = [*company.topics, *(topic for offer in company.offers for topic in offer.topics)]
    languages = [code for offer in company.offers for code in offer.languages] or company.languages
    return HostProfile(
        slug=company.slug,
        name=company.name,
        kind=company.kind,
        topics=tuple(dict.fromkeys(topics)),
        place=company.place_slug,
        languages=tuple(dict.fromkeys(languages)),
        hosts_visits=company.hosts_visits == "yes",
        group_min=min(smallest, default=None),
        group_max=max(largest, default=None),
        visits_last_year=load.visits,
        hours_last_year=load.hours,
        days_since_asked=(now - load.asked_at).days if load.asked_at else None,
    )


def _load_of_hosts(session: Session, *, now: datetime) -> Mapping[int, _Load]:
    """Two statements: the database adds up neither hours nor instants in one way on both sides."""
    visits: defaultdict[int, list[float]] = defaultdict(list)
    received = select(Slot.organisation_id, Slot.starts_at, Slot.ends_at).where(
        Slot.state.in_(_RECEIVED), Slot.starts_at > now - _YEAR, Slot.starts_at <= now
    )
    for host_id, starts_at, ends_at in session.execute(received):
        visits[host_id].append((ends_at - starts_at) / timedelta(hours=1))
    asked = session.execute(
        select(Slot.organisation_id, func.max(Slot.asked_at))
        .where(Slot.asked_at > now - 3 * _YEAR)
        .group_by(Slot.organisation_id)
    )
    last_asked = {host_id: moment for host_id, moment in asked if moment is not None}
    return {
        host_id: _Load(len(visits[host_id]), sum(visits[host_id]), last_asked.get(host_id))
        for host_id in {*visits, *last_asked}
    }
