"""Hosts' own calendars: where they are, how reading them went, and when they say busy."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.time import Interval
from bookings.models.busy import HostBusyTime, HostCalendar
from bookings.models.slots import Slot


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


def list_slots_in_busy_times(session: Session, slot_ids: Collection[int]) -> list[int]:
    """Those of these slots at whose time the own calendar of the host says busy."""
    rows = session.scalars(
        select(Slot.id)
        .join(HostBusyTime, HostBusyTime.host_contact_id == Slot.host_contact_id)
        .where(
            Slot.id.in_(slot_ids),
            HostBusyTime.starts_at < Slot.ends_at,
            HostBusyTime.ends_at > Slot.starts_at,
        )
        .distinct()
        .order_by(Slot.id)
    )
    return list(rows)
