"""Two requests side by side, before they are taken together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.visits import OPEN_STATES, VisitState
from bookings.models.directory import Organisation
from bookings.models.inbox import InboxMessage
from bookings.models.merging import MergedVisit
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.visits import DateWindow, Delegation, VisitNote, VisitRequest


@dataclass(frozen=True, kw_only=True)
class MergeSide:
    """What a request would bring along, and which hosts keep it from being closed."""

    id: int
    reference: str
    organisation: str
    contact_name: str
    contact_email: str
    state: VisitState
    first_day: date | None
    notes: int
    mails: int
    drafts: int
    announced: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Only open requests are taken together."""
        return self.state in OPEN_STATES


def list_candidates(session: Session, visit_id: int) -> Sequence[str]:
    """References of other open requests of the same organisation or the same contact, newest first."""
    own = (
        select(Delegation.organisation_key, func.lower(VisitRequest.contact_email).label("email"))
        .join(VisitRequest, VisitRequest.id == Delegation.visit_id)
        .where(VisitRequest.id == visit_id)
        .subquery()
    )
    query = (
        select(VisitRequest.reference)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .join(
            own,
            (own.c.organisation_key == Delegation.organisation_key)
            | (own.c.email == func.lower(VisitRequest.contact_email)),
        )
        .where(VisitRequest.id != visit_id, VisitRequest.state.in_(OPEN_STATES))
        .order_by(VisitRequest.id.desc())
    )
    return session.scalars(query.limit(20)).all()


def load_side(session: Session, visit_id: int) -> MergeSide:
    """One of the two."""
    visit = VisitRequest
    count = {
        name: select(func.count()).where(table.visit_id == visit_id).scalar_subquery().label(name)
        for name, table in (("notes", VisitNote), ("sent", OutboxMessage), ("received", InboxMessage))
    }
    first = select(func.min(DateWindow.earliest_on)).where(DateWindow.visit_id == visit_id).scalar_subquery()
    row = session.execute(
        select(
            visit.reference, Delegation.organisation_name, visit.contact_name, visit.contact_email,
            visit.state, first.label("first_day"), *count.values(),
        )
        .join(Delegation, Delegation.visit_id == visit.id)
        .where(visit.id == visit_id)
    ).one()  # fmt: skip
    hosts: defaultdict[str, list[str]] = defaultdict(list)
    for state, name in session.execute(
        select(Slot.state, Organisation.name)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .where(Slot.visit_id == visit_id)
        .order_by(Slot.starts_at)
    ):
        hosts[state].append(name)
    return MergeSide(
        id=visit_id,
        reference=row.reference,
        organisation=row.organisation_name,
        contact_name=row.contact_name,
        contact_email=row.contact_email,
        state=VisitState(row.state),
        first_day=row.first_day,
        notes=row.notes,
        mails=row.sent + row.received,
        drafts=len(hosts[SlotState.DRAFT]),
        announced=tuple(name for state in HOLDING_STATES for name in hosts[state]),
    )


def find_merged_into(session: Session, visit_id: int) -> str | None:
    """The reference of the request that this one goes on as."""
    return session.scalar(
        select(VisitRequest.reference)
        .join(MergedVisit, MergedVisit.into_id == VisitRequest.id)
        .where(MergedVisit.visit_id == visit_id)
    )
