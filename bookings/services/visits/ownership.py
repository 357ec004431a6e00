"""Who of the staff looks after a request."""

from datetime import datetime

from sqlalchemy import select

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.models.staff import StaffUser
from bookings.models.visits import VisitRequest
from bookings.services.audit import add_audit
from bookings.services.undo_steps import offer_undo
from bookings.services.visits.meanwhile import check_nothing_new


def assign_owner(
    reference: str, owner_id: int | None, *, seen: int | None = None, who: Who, now: datetime
) -> None:
    """Somebody, or nobody, looks after the request. Raises NotFoundError, RecordChangedError."""
    with transaction() as session:
        visit = session.scalar(
            select(VisitRequest).where(VisitRequest.reference == reference).with_for_update()
        )
        if visit is None:
            raise NotFoundError("visit_request", reference)
        check_nothing_new(session, visit.id, seen, now=now, about=("assign_owner",))
        if owner_id is not None and session.get(StaffUser, owner_id) is None:
            raise NotFoundError("staff_user", str(owner_id))
        if visit.owner_id == owner_id:
            return
        offer_undo(
            session, who, "owner", subject_id=visit.id, visit_id=visit.id, now=now,
            before={"owner_id": visit.owner_id}, after={"owner_id": owner_id},
        )  # fmt: skip
        before, visit.owner_id = visit.owner_id, owner_id
        add_audit(
            session,
            who,
            "assign_owner",
            noun="visit_request",
            subject_id=visit.id,
            now=now,
            visit_id=visit.id,
            owner_id=owner_id,
            before=before,
        )
