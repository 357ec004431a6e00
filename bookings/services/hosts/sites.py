"""Sites of a host, the times at which one is closed, and the days on which the host receives nobody."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.errors import HostDetailNotUsableError
from bookings.domain.hosts import SitePlan, check_site
from bookings.domain.text import build_slug
from bookings.models.directory import Place, Site
from bookings.models.hosts import HostBlackout, SiteClosure
from bookings.services.hosts.doors import (
    Door,
    StaffDoor,
    Told,
    check_version,
    find_offer,
    find_part,
    note,
    open_host,
    write,
)

_LONGEST_CLOSED_DAYS = 3 * 366


@dataclass(frozen=True, kw_only=True)
class ClosurePlan:
    """From an instant on; no end: until further notice."""

    starts_at: datetime
    ends_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class BlackoutPlan:
    """Both days are closed; without an offer all of the host is."""

    first_on: date
    last_on: date
    offer_id: int | None = None


def add_site(door: Door, plan: SitePlan, *, now: datetime) -> int:
    """A further place where the host receives; returns the id. Raises HostDetailNotUsableError."""
    check_site(plan)
    with transaction() as session:
        host = open_host(session, door, now=now)
        taken = session.scalars(select(Site.slug).where(Site.organisation_id == host.organisation.id)).all()
        site = Site(
            organisation_id=host.organisation.id,
            slug=build_slug(plan.name, taken=taken),
            **_values_of(session, plan),
        )
        session.add(site)
        session.flush()
        note(session, host, "site_added", now=now, site=site.id)
        return site.id


def change_site(door: Door, site_id: int, plan: SitePlan, *, version: int, now: datetime) -> None:
    """Raises HostDetailNotUsableError, RecordChangedError or NotFoundError."""
    check_site(plan)
    with transaction() as session:
        host = open_host(session, door, now=now)
        site = find_part(session, Site, host, site_id)
        check_version(site, version)
        told: Told = {}
        changed = write(site, _values_of(session, plan), told=told)
        if changed:
            site.version += 1
            note(session, host, "site_changed", now=now, site=site.id, fields=changed, told=told)


def add_closure(door: StaffDoor, site_id: int, plan: ClosurePlan, *, now: datetime) -> None:
    """Nobody is received there then. Raises HostDetailNotUsableError or NotFoundError."""
    if plan.ends_at is not None and plan.ends_at <= plan.starts_at:
        raise HostDetailNotUsableError("ends_on", "order")
    with transaction() as session:
        host = open_host(session, door, now=now)
        site = find_part(session, Site, host, site_id)
        session.add(
            SiteClosure(site_id=site.id, starts_at=plan.starts_at, ends_at=plan.ends_at, reason=plan.reason)
        )
        note(session, host, "closure_added", now=now, site=site.id)


def remove_closure(door: StaffDoor, closure_id: int, *, now: datetime) -> None:
    """The site is open again; without a closure nothing happens."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        closure = session.get(SiteClosure, closure_id)
        if closure is not None:
            site = find_part(session, Site, host, closure.site_id)
            session.delete(closure)
            note(session, host, "closure_removed", now=now, site=site.id)


def add_blackout(door: Door, plan: BlackoutPlan, *, now: datetime) -> None:
    """Raises HostDetailNotUsableError or NotFoundError."""
    if plan.last_on < plan.first_on:
        raise HostDetailNotUsableError("last_on", "order")
    if (plan.last_on - plan.first_on).days > _LONGEST_CLOSED_DAYS:
        raise HostDetailNotUsableError("last_on", "day")
    with transaction() as session:
        host = open_host(session, door, now=now)
        if plan.offer_id is not None:
            find_offer(session, host, plan.offer_id)
        session.add(
            HostBlackout(
                organisation_id=host.organisation.id,
                visit_offer_id=plan.offer_id,
                first_on=plan.first_on,
                last_on=plan.last_on,
            )
        )
        note(
            session,
            host,
            "blackout_added",
            now=now,
            first=plan.first_on.isoformat(),
            last=plan.last_on.isoformat(),
        )


def remove_blackout(door: Door, blackout_id: int, *, now: datetime) -> None:
    """Visitors are received on these days again; without such days nothing happens."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        row = session.get(HostBlackout, blackout_id)
        if row is not None and row.organisation_id == host.organisation.id:
            session.delete(row)
            first, last = row.first_on.isoformat(), row.last_on.isoformat()
            note(session, host, "blackout_removed", now=now, first=first, last=last)


def _values_of(session: Session, plan: SitePlan) -> dict[str, object]:
    place = session.scalar(select(Place).where(Place.slug == plan.place)) if plan.place else None
    if plan.place and place is None:
        raise HostDetailNotUsableError("place", "unknown")
    return {
        "name": plan.name,
        "address": plan.address,
        "place_id": place.id if place else None,
        "time_zone": plan.time_zone,
        "opens_at": plan.opens_at or None,
        "closes_at": plan.closes_at or None,
        "group_min": plan.group_min,
        "group_max": plan.group_max,
        "access_rules": plan.access_rules,
    }
