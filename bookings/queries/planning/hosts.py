"""Hosts for a visit: profiles with their load, and one host with sites and contacts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Integer, Select, bindparam, cast, extract, func, select
from sqlalchemy.orm import Session

from bookings.db import UtcDateTime
from bookings.domain.errors import NotFoundError
from bookings.domain.hosts import AskingWay, Visitor
from bookings.domain.slots import SlotState
from bookings.domain.suggestions import HostProfile, Suggestion, Wish, suggest_hosts
from bookings.models.directory import HostContact, Organisation
from bookings.models.hosts import HostTerms
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.directory import (
    Company,
    find_company,
    list_contacts,
    load_directory,
    load_travel_table,
)
from bookings.queries.host_files import (
    exclusions_of_hosts,
    find_refusing,
    find_silent,
    unanswered_hosts,
)
from bookings.queries.slots import is_one_of
from bookings.queries.stacks import Stack
from bookings.queries.visits import Wishes

_YEAR = timedelta(days=365)
_Facts = Mapping[str, list[Any]]
_RECEIVED = (SlotState.ACCEPTED, SlotState.COMPLETED)
_HOUR_SECONDS = 3600


@dataclass(frozen=True)
class HostToPlan:
    """An organisation with the people who can be asked; those who answer for visits come first."""

    company: Company
    contacts: tuple[HostContact, ...]


@dataclass(frozen=True, kw_only=True)
class HostManners:
    """Does the host not receive these visitors? Does it like a call before a mail comes?"""

    refuses: bool
    is_called_first: bool


@dataclass(frozen=True)
class _Load:
    visits: int = 0
    hours: float = 0
    asked_at: datetime | None = None


def suggest_for_visit(
    session: Session, visit: VisitRequest, wishes: Wishes, *, now: datetime, limit: int | None = None
) -> tuple[Suggestion, ...]:
    """Hosts that suit the request, best first, each with the reasons of its score."""
    profiles, refusing = judge_hosts(session, visit, now=now)
    return suggest_hosts(
        _build_wish(visit, wishes),
        [host for host in profiles if host.slug not in refusing],
        travel=load_travel_table(session),
        limit=limit,
    )


def load_host_profiles(session: Session, *, now: datetime) -> tuple[HostProfile, ...]:
    """Every published organisation that may be asked, with its load in the last 12 months."""
    return _build_profiles(session, _load_facts(session, now=now), now=now)


def judge_hosts(
    session: Session, visit: VisitRequest, *, now: datetime
) -> tuple[tuple[HostProfile, ...], frozenset[str]]:
    """The same, and by slug which hosts do not receive these visitors; in one statement."""
    facts = _load_facts(session, now=now)
    return _build_profiles(session, facts, now=now), find_refusing(facts["refusals"], _visitor_of(visit))


def _build_profiles(session: Session, facts: _Facts, *, now: datetime) -> tuple[HostProfile, ...]:
    loads, silent = _load_of_hosts(facts), find_silent(facts["silences"])
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


def load_manners(session: Session, visit: VisitRequest, company: Company) -> HostManners:
    """How a host takes these visitors, and how it likes to be asked. For staff only."""
    found = _manners().read(session, {"organisation_id": company.id})
    return HostManners(
        refuses=company.slug in find_refusing(found["refusals"], _visitor_of(visit)),
        is_called_first=any(row.asking == AskingWay.PHONE for row in found["terms"]),
    )


@cache
def _manners() -> Stack:
    organisation_id: BindParameter[int] = bindparam("organisation_id")
    return Stack(
        refusals=exclusions_of_hosts().where(Organisation.id == organisation_id),
        terms=select(HostTerms.asking).where(HostTerms.organisation_id == organisation_id),
    )


def _visitor_of(visit: VisitRequest) -> Visitor:
    delegation = visit.delegation
    return Visitor(
        delegation.organisation_country, delegation.organisation_kind, delegation.organisation_name
    )


def _build_wish(visit: VisitRequest, wishes: Wishes) -> Wish:
    return Wish(
        topics=wishes.interests,
        group_size=visit.delegation.group_size,
        languages=tuple(visit.visit_languages),
        places=() if visit.places_suggested else wishes.places,
        wanted_hosts=tuple(host.slug for host in wishes.hosts),
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


def _load_facts(session: Session, *, now: datetime) -> _Facts:
    values = {"now": now, "a_year_ago": now - _YEAR, "long_ago": now - 3 * _YEAR}
    return _facts().read(session, values)


@cache
def _facts() -> Stack:
    """What is known of all hosts beside the directory, in one statement."""
    seconds = func.sum(extract("epoch", Slot.ends_at) - extract("epoch", Slot.starts_at))
    a_year_ago: BindParameter[datetime] = bindparam("a_year_ago", type_=UtcDateTime)
    # Not the plain column: SQLite would walk through all stops to have them by host.
    host = Slot.organisation_id + 0
    moment: BindParameter[datetime] = bindparam("now", type_=UtcDateTime)
    return Stack(
        received=select(
            host.label("organisation_id"),
            func.count().label("visits"),
            cast(seconds, Integer).label("seconds"),
        )
        .where(
            is_one_of(_RECEIVED),
            # The index has the ends.
            Slot.ends_at > a_year_ago,
            Slot.starts_at > a_year_ago,
            Slot.starts_at <= moment,
        )
        .group_by(host),
        asked=_last_asked(),
        silences=unanswered_hosts(),
        refusals=exclusions_of_hosts(),
    )


def _last_asked() -> Select[*tuple[Any, ...]]:
    """The last question to each host: of each a look into the index, not all questions of three years."""
    of_host = Slot.organisation_id == Organisation.id
    last = select(func.max(Slot.asked_at)).where(of_host).scalar_subquery()
    hosts = select(Organisation.id.label("organisation_id"), last.label("asked_at")).subquery()
    return select(hosts).where(hosts.c.asked_at > bindparam("long_ago", type_=UtcDateTime))


def _load_of_hosts(facts: _Facts) -> Mapping[int, _Load]:
    received = {row.organisation_id: (row.visits, row.seconds / _HOUR_SECONDS) for row in facts["received"]}
    last_asked = {row.organisation_id: row.asked_at for row in facts["asked"]}
    return {
        host_id: _Load(*received.get(host_id, (0, 0.0)), last_asked.get(host_id))
        for host_id in {*received, *last_asked}
    }
