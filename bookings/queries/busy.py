"""Hosts' own calendars: where they are, how reading them went, and when they say busy."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import literal, select, union
from sqlalchemy.orm import Session

from bookings.domain.time import Interval
from bookings.models.busy import HostBusyTime, HostCalendar
from bookings.models.hosts import SiteClosure
from bookings.models.slots import Slot

_FAR = timedelta(days=2000)


@dataclass(frozen=True)
class OwnCalendar:
    """How it stands with a host's calendar. Its address is often a secret: only `place` is shown."""

    place: str
    added_at: datetime
    read_at: datetime | None
    fault: str
    next_read_at: datetime


def list_own_calendars(session: Session, contact_ids: Collection[int]) -> dict[int, OwnCalendar]:
    """The calendars of these people, by contact."""
    rows = session.scalars(select(HostCalendar).where(HostCalendar.host_contact_id.in_(contact_ids)))
    return {
        row.host_contact_id: OwnCalendar(
            urlsplit(row.address).hostname or "", row.added_at, row.read_at, row.fault, row.next_read_at
        )
        for row in rows
    }


def list_own_busy_times(session: Session, contact_ids: Collection[int], span: Interval) -> list[Interval]:
    """When the own calendars of these people say busy within the span, by time."""
    rows = session.execute(
        select(HostBusyTime.starts_at, HostBusyTime.ends_at)
        .where(
            HostBusyTime.host_contact_id.in_(contact_ids),
            HostBusyTime.starts_at < span.end,
            HostBusyTime.ends_at > span.start,
        )
        .order_by(HostBusyTime.starts_at)
    )
    return [Interval(starts_at, ends_at) for starts_at, ends_at in rows]


def list_obstacles(session: Session, slot_ids: Collection[int]) -> list[tuple[int, str]]:
    """Those of these slots at whose time the host's own calendar says busy (`host_busy`) or the site is
    closed (`site_closed`), in one statement."""
    busy = (
        select(Slot.id, literal("host_busy").label("code"))
        .join(HostBusyTime, HostBusyTime.host_contact_id == Slot.host_contact_id)
        .where(
            Slot.id.in_(slot_ids),
            HostBusyTime.starts_at < Slot.ends_at,
            HostBusyTime.ends_at > Slot.starts_at,
        )
    )
    closed = (
        select(Slot.id, literal("site_closed").label("code"))
        .join(SiteClosure, SiteClosure.site_id == Slot.site_id)
        .where(
            Slot.id.in_(slot_ids),
            SiteClosure.starts_at < Slot.ends_at,
            SiteClosure.ends_at.is_(None) | (SiteClosure.ends_at > Slot.starts_at),
        )
    )
    # A union says each of them once.
    return sorted((slot_id, code) for slot_id, code in session.execute(union(busy, closed)))


def list_closed_times(session: Session, site_id: int, *, since: datetime) -> list[Interval]:
    """When the site is closed from an instant on; without an end, for as long as anybody plans."""
    rows = session.execute(
        select(SiteClosure.starts_at, SiteClosure.ends_at).where(
            SiteClosure.site_id == site_id, SiteClosure.ends_at.is_(None) | (SiteClosure.ends_at > since)
        )
    )
    return [Interval(starts_at, ends_at or max(since, starts_at) + _FAR) for starts_at, ends_at in rows]
