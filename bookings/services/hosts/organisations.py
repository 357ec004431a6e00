"""What the directory says of an organisation, and what it asks for as a host."""

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.directory import build_organisation_number
from bookings.domain.errors import HostDetailNotUsableError
from bookings.domain.hosts import (
    Exclusion,
    OrganisationPlan,
    TermsPlan,
    check_organisation,
    check_terms,
)
from bookings.domain.time import home_day
from bookings.models.directory import Organisation, OrganisationInterest
from bookings.models.hosts import HostExclusion
from bookings.services.directory_tables import read_interest_ids, read_places
from bookings.services.hosts.doors import (
    Door,
    OpenedHost,
    StaffDoor,
    Told,
    check_version,
    in_stored_order,
    note,
    open_host,
    open_terms,
    write,
)


def change_organisation(door: StaffDoor, plan: OrganisationPlan, *, version: int, now: datetime) -> None:
    """Raises HostDetailNotUsableError, or RecordChangedError when it was saved since `version`."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        check_version(host.organisation, version)
        places = read_places(session)
        check_organisation(plan, {slug: place.country for slug, place in places.items()})
        values = _values_of(plan)
        values["place_id"] = places[plan.place].id if plan.place else None
        told: Told = {}
        changed = write(host.organisation, values, told=told)
        changed += _write_topics(session, host.organisation, plan.topics)
        _finish(session, host, "changed", changed, told, now=now)


def change_terms(door: Door, plan: TermsPlan, *, version: int, now: datetime) -> None:
    """Languages, cap a month, and how to be asked. Raises like `change_organisation`."""
    check_terms(plan)
    with transaction() as session:
        host = open_host(session, door, now=now)
        check_version(host.organisation, version)
        terms = open_terms(session, host.organisation.id, today=home_day(now))
        languages = in_stored_order(host.organisation.languages, plan.languages)
        told: Told = {}
        changed = write(host.organisation, {"languages": languages}, told=told)
        changed += write(terms, {"asking": plan.asking.value, "monthly_cap": plan.monthly_cap}, told=told)
        _finish(session, host, "terms_changed", changed, told, now=now)


def add_exclusion(door: Door, exclusion: Exclusion, *, now: datetime) -> None:
    """Visitors of this kind are not received any more; nobody but staff and the host sees it."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        same = select(HostExclusion.id).where(
            HostExclusion.organisation_id == host.organisation.id,
            HostExclusion.kind == exclusion.kind,
            HostExclusion.value == exclusion.value,
        )
        if session.scalar(same) is not None:
            raise HostDetailNotUsableError("value", "taken")
        session.add(
            HostExclusion(
                organisation_id=host.organisation.id, kind=exclusion.kind.value, value=exclusion.value
            )
        )
        note(session, host, "exclusion_added", now=now, kind=exclusion.kind.value)


def remove_exclusion(door: Door, exclusion_id: int, *, now: datetime) -> None:
    """They are received again; without one nothing happens."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        row = session.get(HostExclusion, exclusion_id)
        if row is not None and row.organisation_id == host.organisation.id:
            session.delete(row)
            note(session, host, "exclusion_removed", now=now, kind=row.kind)


def _values_of(plan: OrganisationPlan) -> dict[str, object]:
    summary_en, summary_sv, summary_fi = plan.summaries
    return {
        "name": plan.name,
        "kind": plan.kind,
        "country": plan.country,
        "website": plan.website,
        "summary_en": summary_en,
        "summary_sv": summary_sv,
        "summary_fi": summary_fi,
        "organisation_number": build_organisation_number(plan.organisation_number, plan.country),
        "hosts_visits": plan.hosts_visits,
        "status": plan.status,
    }


def _write_topics(session: Session, organisation: Organisation, topics: tuple[str, ...]) -> list[str]:
    """Raises HostDetailNotUsableError for a topic that there is not."""
    known = read_interest_ids(session)
    if any(topic not in known for topic in topics):
        raise HostDetailNotUsableError("topics", "unknown")
    table = OrganisationInterest
    wanted = [known[topic] for topic in topics]
    of_host = table.organisation_id == organisation.id
    stored = session.scalars(select(table.interest_id).where(of_host).order_by(table.position)).all()
    ordered = in_stored_order(stored, wanted)
    if ordered == list(stored):
        return []
    session.execute(delete(table).where(of_host))
    if ordered:
        rows = [
            {"organisation_id": organisation.id, "interest_id": topic, "position": position}
            for position, topic in enumerate(ordered)
        ]
        session.execute(insert(table), rows)
    return ["topics"]


def _finish(
    session: Session, host: OpenedHost, action: str, changed: list[str], told: Told, *, now: datetime
) -> None:
    """A save that changes nothing leaves no trace."""
    if changed:
        host.organisation.version += 1
        note(session, host, action, now=now, fields=changed, told=told)
