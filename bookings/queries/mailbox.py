"""Who the recipients of the demo's mails are."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Executable, select
from sqlalchemy.orm import Session

from bookings.models.directory import HostContact, Organisation
from bookings.models.meetings import Adviser
from bookings.models.registrations import Registration
from bookings.models.staff import StaffUser
from bookings.models.visits import Delegation, VisitRequest
from bookings.settings import current_settings


class ReaderKind(StrEnum):
    PARTICIPANT = "participant"
    ADVISER = "adviser"
    VISITOR = "visitor"
    HOST = "host"
    STAFF = "staff"


@dataclass(frozen=True)
class Reader:
    """A person whom the demo's mails reach, and the organisation they belong to."""

    kind: ReaderKind
    name: str
    organisation: str


def find_readers(session: Session, addresses: Collection[str]) -> dict[str, Reader]:
    """Address → person, where the database knows the address or it is the coordinators' shared one; five
    statements for any number. Who is several things is named by what counts most in the demo's story."""
    settings = current_settings().mail
    participants = select(Registration.email, Registration.name, Registration.organisation_name).where(
        Registration.email.in_(addresses)
    )
    advisers = select(Adviser.email, Adviser.name, Adviser.organisation_name).where(
        Adviser.email.in_(addresses)
    )
    hosts = (
        select(HostContact.email, HostContact.name, Organisation.name)
        .join(Organisation, Organisation.id == HostContact.organisation_id)
        .where(HostContact.email.in_(addresses))
    )
    visitors = (
        select(VisitRequest.contact_email, VisitRequest.contact_name, Delegation.organisation_name)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .where(VisitRequest.contact_email.in_(addresses))
    )
    staff = select(StaffUser.email, StaffUser.name, StaffUser.town).where(StaffUser.email.in_(addresses))
    offices = {settings.office_address, settings.contact_address}
    return {
        **{address: Reader(ReaderKind.STAFF, "", "") for address in offices.intersection(addresses)},
        **_readers(session, ReaderKind.PARTICIPANT, participants),
        **_readers(session, ReaderKind.ADVISER, advisers),
        **_readers(session, ReaderKind.VISITOR, visitors),
        **_readers(session, ReaderKind.HOST, hosts),
        **_readers(session, ReaderKind.STAFF, staff),
    }


def _readers(session: Session, kind: ReaderKind, statement: Executable) -> dict[str, Reader]:
    rows = session.execute(statement)
    return {address: Reader(kind, name, organisation) for address, name, organisation in rows}
