"""Who of the staff looks after a request."""

from datetime import datetime

from sqlalchemy import select

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.models.staff import StaffUser
from bookings.models.visits import VisitRequest
from bookings.services.audit import add_audit


def assign_owner(reference: str, owner_id: int | None, *, who: Who, now: datetime) -> None:
    """Somebody, or nobody, looks after the request. Raises NotFoundError."""
    with transaction() as session:
        visit = session.scalar(select(VisitRequest).where(VisitRequest.reference == reference))
        if visit is None:
            raise NotFoundError("visit_request", reference)
        if owner_id is not None and session.get(StaffUser, owner_id) is None:
            raise NotFoundError("staff_user", str(owner_id))
        if visit.owner_id == owner_id:
            return
        visit.owner_id = owner_id
        add_audit(
            session,
            who,
            "assign_owner",
            noun="visit_request",
            subject_id=visit.id,
            now=now,
            visit_id=visit.id,
            owner_id=owner_id,
        )
