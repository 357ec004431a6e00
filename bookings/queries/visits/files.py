"""One request with all that is known of it, for the staff page."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from bookings.domain.errors import NotFoundError
from bookings.domain.next_steps import NextStep, Standing, find_next_step
from bookings.domain.references import is_reference
from bookings.domain.visits import VisitState
from bookings.models.audit import AuditEntry
from bookings.models.staff import StaffUser
from bookings.models.visits import Delegation, VisitNote, VisitRequest
from bookings.queries.visits.standings import VisitFacts, is_for_staff, load_standings


@dataclass(frozen=True)
class EarlierRequest:
    """Another request of the same organisation; `interests` as slugs, `first_day` the first wished one."""

    reference: str
    state: VisitState
    interests: tuple[str, ...]
    first_day: date


@dataclass(frozen=True)
class Colleague:
    """A staff member who can own a request."""

    id: int
    name: str


@dataclass(frozen=True)
class VisitFile:
    """A request with everything beside it, for the staff page."""

    visit: VisitRequest
    owner_name: str
    standing: Standing
    earlier: tuple[EarlierRequest, ...]
    notes: tuple[VisitNote, ...]
    audit: tuple[AuditEntry, ...]
    colleagues: tuple[Colleague, ...] = field(default_factory=tuple)

    @property
    def next_step(self) -> NextStep:
        """What comes next and who acts."""
        return find_next_step(self.standing)

    @property
    def delegation(self) -> Delegation:
        """The visiting group."""
        return self.visit.delegation


@dataclass(frozen=True)
class VisitHead:
    """What stands on top of every page about a visit."""

    id: int
    reference: str
    organisation: str


def find_visit_head(session: Session, reference: str) -> VisitHead:
    """The visit behind a reference, if staff may see it. Raises NotFoundError."""
    if not is_reference(reference):
        raise NotFoundError("visit_request", reference)
    row = session.execute(
        select(VisitRequest.id, VisitRequest.reference, Delegation.organisation_name)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .where(VisitRequest.reference == reference.strip().upper(), is_for_staff())
    ).one_or_none()
    if row is None:
        raise NotFoundError("visit_request", reference)
    return VisitHead(*row)


def list_colleagues(session: Session) -> tuple[Colleague, ...]:
    """Staff with an active account, by name."""
    rows = session.execute(
        select(StaffUser.id, StaffUser.name).where(StaffUser.active).order_by(StaffUser.name)
    )
    return tuple(Colleague(*row) for row in rows)


def load_visit_file(session: Session, reference: str) -> VisitFile:
    """Everything about one request. Raises NotFoundError; an unproved one exists only when it is held."""
    if not is_reference(reference):
        raise NotFoundError("visit_request", reference)
    visit = session.scalar(
        select(VisitRequest)
        .where(VisitRequest.reference == reference.strip().upper(), is_for_staff())
        .options(
            joinedload(VisitRequest.delegation),
            joinedload(VisitRequest.agreement),
            selectinload(VisitRequest.interests),
            selectinload(VisitRequest.date_windows),
            selectinload(VisitRequest.places),
            selectinload(VisitRequest.wanted_hosts),
        )
    )
    if visit is None:
        raise NotFoundError("visit_request", reference)
    colleagues = list_colleagues(session)
    return VisitFile(
        visit=visit,
        owner_name=next((one.name for one in colleagues if one.id == visit.owner_id), ""),
        standing=load_standings(session, [VisitFacts.of(visit)])[visit.id],
        earlier=_list_earlier(session, visit),
        notes=tuple(
            session.scalars(
                select(VisitNote).where(VisitNote.visit_id == visit.id).order_by(VisitNote.id.desc())
            )
        ),
        audit=tuple(
            session.scalars(
                select(AuditEntry).where(AuditEntry.visit_id == visit.id).order_by(AuditEntry.id.desc())
            )
        ),
        colleagues=colleagues,
    )


def _list_earlier(session: Session, visit: VisitRequest) -> tuple[EarlierRequest, ...]:
    """Other requests of the same organisation, newest first; those that never were real stay out."""
    other = aliased(Delegation)
    rows = session.scalars(
        select(VisitRequest)
        .join(other, other.visit_id == VisitRequest.id)
        .where(
            other.organisation_key == visit.delegation.organisation_key,
            VisitRequest.id != visit.id,
            VisitRequest.state != VisitState.UNVERIFIED,
        )
        .options(selectinload(VisitRequest.interests), selectinload(VisitRequest.date_windows))
        .order_by(VisitRequest.id.desc())
        .limit(20)
    )
    return tuple(_earlier(row) for row in rows)


def _earlier(row: VisitRequest) -> EarlierRequest:
    days = [window.earliest_on for window in row.date_windows]
    return EarlierRequest(
        reference=row.reference,
        state=VisitState(row.state),
        interests=tuple(interest.slug for interest in row.interests),
        first_day=min(days, default=row.created_at.date()),
    )
