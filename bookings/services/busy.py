"""Hosts' own calendars as busy time: an address is set, read now and then, and forgotten with all it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from bookings.db import table_of, transaction
from bookings.domain.audit import Who
from bookings.domain.busy import READ_EVERY, check_calendar_address, wait_after
from bookings.domain.errors import NotFoundError
from bookings.domain.time import Interval
from bookings.models.busy import HostBusyTime, HostCalendar
from bookings.models.directory import HostContact, Organisation, Place, Site
from bookings.services.audit import add_audit

_LEASE = timedelta(minutes=5)
_BUSY = table_of(HostBusyTime)


@dataclass(frozen=True, kw_only=True)
class CalendarToRead:
    """What a worker needs to read one calendar; `time_zone` is that of the host."""

    contact_id: int
    address: str
    time_zone: str
    etag: str
    last_modified: str


def set_own_calendar(contact_id: int, address: str, *, who: Who, now: datetime) -> None:
    """Read the host's busy times there from now on; what another address said is forgotten.

    Raises CalendarAddressNotUsableError or NotFoundError.
    """
    checked = check_calendar_address(address)
    with transaction() as session:
        if session.get(HostContact, contact_id) is None:
            raise NotFoundError("host_contact", str(contact_id))
        _forget(session, contact_id)
        session.add(HostCalendar(host_contact_id=contact_id, address=checked, added_at=now, next_read_at=now))
        session.flush()
        add_audit(session, who, "set_own_calendar", noun="host_contact", subject_id=contact_id, now=now)


def remove_own_calendar(contact_id: int, *, who: Who, now: datetime) -> None:
    """Forget the address and every busy time that came from it; without one nothing happens."""
    with transaction() as session:
        if _forget(session, contact_id):
            add_audit(
                session, who, "remove_own_calendar", noun="host_contact", subject_id=contact_id, now=now
            )


def claim_calendar(*, now: datetime) -> CalendarToRead | None:
    """The calendar that has waited longest for its turn; no other worker gets it for some minutes."""
    with transaction() as session:
        row = session.scalar(
            select(HostCalendar)
            .where(HostCalendar.next_read_at <= now)
            .order_by(HostCalendar.next_read_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        row.next_read_at = now + _LEASE
        # Once a day it is read in full: what has not changed says more about the days that come into sight.
        is_fresh = row.read_at is not None and row.read_at.date() == now.date()
        return CalendarToRead(
            contact_id=row.host_contact_id,
            address=row.address,
            time_zone=_zone_of(session, row.host_contact_id),
            etag=row.etag if is_fresh else "",
            last_modified=row.last_modified if is_fresh else "",
        )


def record_busy_times(
    calendar: CalendarToRead, times: Sequence[Interval], *, etag: str, last_modified: str, now: datetime
) -> None:
    """These busy times replace those before, all at once; unless the address was changed meanwhile."""
    with transaction() as session:
        if not _note(session, calendar, now=now, etag=etag, last_modified=last_modified):
            return
        session.execute(delete(HostBusyTime).where(HostBusyTime.host_contact_id == calendar.contact_id))
        rows = [
            {"host_contact_id": calendar.contact_id, "starts_at": time.start, "ends_at": time.end}
            for time in times
        ]
        if rows:
            session.execute(insert(_BUSY), rows)


def record_unchanged(calendar: CalendarToRead, *, now: datetime) -> None:
    """The calendar is as it was."""
    with transaction() as session:
        _note(session, calendar, now=now)


def record_calendar_fault(calendar: CalendarToRead, code: str, *, now: datetime) -> None:
    """The calendar could not be read: later again. What it said before stands until then."""
    with transaction() as session:
        row = session.get(HostCalendar, calendar.contact_id, with_for_update=True)
        if row is not None and row.address == calendar.address:
            row.failures += 1
            row.fault = code
            row.next_read_at = now + wait_after(row.failures)


def _note(session: Session, calendar: CalendarToRead, *, now: datetime, **validators: str) -> bool:
    found = session.execute(
        update(HostCalendar)
        .where(HostCalendar.host_contact_id == calendar.contact_id, HostCalendar.address == calendar.address)
        .values(read_at=now, next_read_at=now + READ_EVERY, failures=0, fault="", **validators)
        .returning(HostCalendar.host_contact_id)
    )
    return bool(found.all())


def _forget(session: Session, contact_id: int) -> bool:
    """The busy times go with their calendar."""
    found = session.execute(
        delete(HostCalendar)
        .where(HostCalendar.host_contact_id == contact_id)
        .returning(HostCalendar.host_contact_id)
    )
    return bool(found.all())


def _zone_of(session: Session, contact_id: int) -> str:
    """By the first site of the host, else its town."""
    row = session.execute(
        select(Site.time_zone, Place.time_zone.label("of_town"))
        .select_from(HostContact)
        .join(Organisation, Organisation.id == HostContact.organisation_id)
        .outerjoin(Site, Site.organisation_id == Organisation.id)
        .outerjoin(Place, Place.id == Organisation.place_id)
        .where(HostContact.id == contact_id)
        .order_by(Site.id)
        .limit(1)
    ).one()
    return row.time_zone or row.of_town or "UTC"
