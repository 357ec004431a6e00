"""Who of a host is asked: the first contact, and whoever stands in while that one is away."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.hosts import intersect_busy
from bookings.domain.time import Interval
from bookings.models.busy import HostBusyTime
from bookings.models.directory import HostContact
from bookings.models.hosts import HostStandIn


def find_first_contacts(session: Session, hosts: Collection[int]) -> dict[int, int]:
    """Whom to ask first at each host: those who answer for visits before others."""
    rows = session.execute(
        select(HostContact.organisation_id, HostContact.id)
        .where(HostContact.organisation_id.in_(hosts), HostContact.ended_at.is_(None))
        .order_by(HostContact.is_undeliverable.desc(), HostContact.is_host, HostContact.id.desc())
    )
    # The last one of each host counts.
    return {row.organisation_id: row.id for row in rows}


def find_present_contact(session: Session, host_id: int, at: Interval) -> int | None:
    """Whom to ask for this time: the first contact, or who stands in and is free where that one is busy."""
    first = find_first_contacts(session, [host_id]).get(host_id)
    if first is None:
        return None
    people = (first, *_list_stand_ins(session, [first])[first])
    busy = _read_calendars(session, people, at)
    return next((one for one in people if not busy[one]), first)


def read_busy_times(session: Session, hosts: Collection[int], span: Interval) -> Mapping[int, list[Interval]]:
    """A host is busy while its first contact is, and everybody who stands in for that contact, too."""
    asked = find_first_contacts(session, hosts)
    stand_ins = _list_stand_ins(session, asked.values())
    people = {*asked.values(), *(one for found in stand_ins.values() for one in found)}
    busy = _read_calendars(session, people, span)
    return {
        host_id: intersect_busy([busy[one] for one in (contact, *stand_ins[contact])])
        for host_id, contact in asked.items()
    }


def _list_stand_ins(session: Session, contacts: Collection[int]) -> defaultdict[int, list[int]]:
    """Those whom a mail reaches."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for stand_in, contact in session.execute(
        select(HostStandIn.host_contact_id, HostStandIn.stands_in_for_id)
        .join(HostContact, HostContact.id == HostStandIn.host_contact_id)
        .where(
            HostStandIn.stands_in_for_id.in_(contacts),
            HostContact.ended_at.is_(None),
            HostContact.is_undeliverable.is_(False),
        )
        .order_by(HostStandIn.host_contact_id)
    ):
        found[contact].append(stand_in)
    return found


def _read_calendars(
    session: Session, people: Collection[int], span: Interval
) -> defaultdict[int, list[Interval]]:
    busy: defaultdict[int, list[Interval]] = defaultdict(list)
    for contact, starts_at, ends_at in session.execute(
        select(HostBusyTime.host_contact_id, HostBusyTime.starts_at, HostBusyTime.ends_at)
        .where(
            HostBusyTime.host_contact_id.in_(people),
            HostBusyTime.starts_at < span.end,
            HostBusyTime.ends_at > span.start,
        )
        .order_by(HostBusyTime.starts_at)
    ):
        busy[contact].append(Interval(starts_at, ends_at))
    return busy
