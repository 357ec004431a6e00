"""The people who answer for a host, and who stands in for whom."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.errors import HostDetailNotUsableError
from bookings.domain.hosts import ContactPlan, check_contact
from bookings.domain.links import LinkPurpose
from bookings.models.busy import HostCalendar
from bookings.models.directory import HostContact
from bookings.models.hosts import HostStandIn
from bookings.models.links import ActionLink
from bookings.services.hosts.doors import (
    Door,
    OpenedHost,
    StaffDoor,
    Told,
    check_version,
    find_part,
    in_stored_order,
    note,
    open_host,
    write,
)


def add_contact(door: Door, plan: ContactPlan, *, now: datetime) -> int:
    """A new contact, or one that was gone and is back; returns the id. Raises HostDetailNotUsableError."""
    check_contact(plan)
    with transaction() as session:
        host = open_host(session, door, now=now)
        contact = _find_by_email(session, host, plan.email)
        if contact is not None and contact.ended_at is None:
            raise HostDetailNotUsableError("email", "taken")
        if contact is None:
            contact = HostContact(organisation_id=host.organisation.id, **_values_of(plan))
            session.add(contact)
        else:
            write(contact, {**_values_of(plan), "ended_at": None, "is_undeliverable": False})
            contact.version += 1
        session.flush()
        _write_stand_ins(session, host, contact, plan.stands_in_for)
        note(session, host, "contact_added", now=now, contact=contact.id)
        return contact.id


def change_contact(door: Door, contact_id: int, plan: ContactPlan, *, version: int, now: datetime) -> None:
    """Raises HostDetailNotUsableError, RecordChangedError or NotFoundError."""
    check_contact(plan)
    with transaction() as session:
        host = open_host(session, door, now=now)
        contact = find_part(session, HostContact, host, contact_id)
        check_version(contact, version)
        same = _find_by_email(session, host, plan.email)
        if same is not None and same.id != contact.id:
            raise HostDetailNotUsableError("email", "taken")
        languages = in_stored_order(contact.languages, plan.languages)
        told: Told = {}
        changed = write(contact, {**_values_of(plan), "languages": languages}, told=told)
        if "email" in changed:
            contact.is_undeliverable = False
            if isinstance(door, StaffDoor):
                _revoke_links(session, contact, now=now)  # they lie in another mailbox now
        changed += _write_stand_ins(session, host, contact, plan.stands_in_for)
        if changed:
            contact.version += 1
            note(session, host, "contact_changed", now=now, contact=contact.id, fields=changed, told=told)


def end_contact(door: Door, contact_id: int, *, now: datetime) -> None:
    """Not asked any more; past visits keep the name. The own calendar and the links of the page go."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        contact = find_part(session, HostContact, host, contact_id)
        if contact.ended_at is None:
            contact.ended_at = now
            contact.version += 1
            session.execute(delete(HostCalendar).where(HostCalendar.host_contact_id == contact.id))
            _revoke_links(session, contact, now=now)
            note(session, host, "contact_ended", now=now, contact=contact.id)


def _find_by_email(session: Session, host: OpenedHost, email: str) -> HostContact | None:
    return session.scalars(
        select(HostContact)
        .where(
            HostContact.organisation_id == host.organisation.id,
            func.lower(HostContact.email) == email.lower(),
        )
        .order_by(HostContact.ended_at.is_not(None), HostContact.id)
    ).first()


def _values_of(plan: ContactPlan) -> dict[str, object]:
    return {
        "name": plan.name,
        "role": plan.role,
        "email": plan.email,
        "phone": plan.phone,
        "language": plan.language,
        "languages": list(plan.languages),
        "is_host": plan.is_host,
        "is_public": plan.is_public,
        "is_shared": plan.is_shared,
    }


def _write_stand_ins(
    session: Session, host: OpenedHost, contact: HostContact, stands_in_for: tuple[int, ...]
) -> list[str]:
    """Raises HostDetailNotUsableError for somebody of another host."""
    colleagues = session.scalars(
        select(HostContact.id).where(
            HostContact.organisation_id == host.organisation.id, HostContact.id != contact.id
        )
    ).all()
    if not set(stands_in_for) <= set(colleagues):
        raise HostDetailNotUsableError("stands_in_for", "unknown")
    of_contact = HostStandIn.host_contact_id == contact.id
    stored = set(session.scalars(select(HostStandIn.stands_in_for_id).where(of_contact)))
    if stored == set(stands_in_for):
        return []
    session.execute(delete(HostStandIn).where(of_contact))
    if stands_in_for:
        rows = [{"host_contact_id": contact.id, "stands_in_for_id": other} for other in set(stands_in_for)]
        session.execute(insert(HostStandIn), rows)
    return ["stands_in_for"]


def _revoke_links(session: Session, contact: HostContact, *, now: datetime) -> None:
    session.execute(
        update(ActionLink)
        .where(
            ActionLink.purpose == LinkPurpose.HOST_PAGE,
            ActionLink.subject_id == contact.id,
            ActionLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
