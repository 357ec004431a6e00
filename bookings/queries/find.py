"""Visits and organisations by a few letters, for the page and the palette that find everything."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bookings.models.directory import Organisation
from bookings.models.visits import Delegation, VisitRequest
from bookings.queries.visits.standings import is_for_staff


@dataclass(frozen=True)
class FoundVisit:
    """A visit that fits."""

    reference: str
    organisation: str
    contact_name: str


@dataclass(frozen=True)
class FoundHost:
    """An organisation of the directory that fits."""

    slug: str
    name: str


def find_visits(session: Session, text: str, *, limit: int) -> list[FoundVisit]:
    """Visits whose reference, organisation or contact has the text, the newest first."""
    columns = (
        VisitRequest.reference, Delegation.organisation_name, VisitRequest.contact_name,
        VisitRequest.contact_email,
    )  # fmt: skip
    rows = session.execute(
        select(VisitRequest.reference, Delegation.organisation_name, VisitRequest.contact_name)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .where(is_for_staff(), or_(*(column.icontains(text, autoescape=True) for column in columns)))
        .order_by(VisitRequest.id.desc())
        .limit(limit)
    )
    return [FoundVisit(*row) for row in rows]


def find_hosts(session: Session, text: str, *, limit: int) -> list[FoundHost]:
    """Organisations whose name has the text, by name."""
    rows = session.execute(
        select(Organisation.slug, Organisation.name)
        .where(Organisation.name.icontains(text, autoescape=True))
        .order_by(Organisation.name)
        .limit(limit)
    )
    return [FoundHost(*row) for row in rows]
