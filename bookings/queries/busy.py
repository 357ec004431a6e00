"""Hosts' own calendars: where they are, how reading them went, and when they say busy."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, bindparam, select
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


def obstacles() -> dict[str, Select[*tuple[Any, ...]]]:
    """Those of the slots `slot_ids` at whose time the host's own calendar says busy (`host_busy`) or the
    site is closed (`site_closed`); each once or more."""
    is_asked = Slot.id.in_(bindparam("slot_ids", expanding=True))
    busy, closed = HostBusyTime, SiteClosure
    return {
        "host_busy": select(Slot.id)
        .join(busy, busy.host_contact_id == Slot.host_contact_id)
        .where(is_asked, busy.starts_at < Slot.ends_at, busy.ends_at > Slot.starts_at),
        "site_closed": select(Slot.id)
        .join(closed, closed.site_id == Slot.site_id)
        .where(
            is_asked,
            closed.starts_at < Slot.ends_at,
            closed.ends_at.is_(None) | (closed.ends_at > Slot.starts_at),
        ),
    }


def list_closed_times(session: Session, site_id: int, *, since: datetime) -> list[Interval]:
    """When the site is closed from an instant on; without an end, for as long as anybody plans."""
    rows = session.execute(
        select(SiteClosure.starts_at, SiteClosure.ends_at).where(
            SiteClosure.site_id == site_id, SiteClosure.ends_at.is_(None) | (SiteClosure.ends_at > since)
        )
    )
    return [Interval(starts_at, ends_at or max(since, starts_at) + _FAR) for starts_at, ends_at in rows]
