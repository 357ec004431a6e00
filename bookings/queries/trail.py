"""The trail of a visit as the measure of what is new: a page says what it has seen by the last entry's id."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session

from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry

QUIET = frozenset(
    {
        "add_task",
        "tick_task",
        "reopen_task",
        "change_task",
        "remove_task",
        "remind",
        "resend",
        "set_time_zone",
        "tell_delay",
    }
)
"""Acts that speak against nothing that somebody else is about to do."""


def find_trail_head(session: Session, visit_id: int) -> int:
    """The id of the last entry about a visit; 0 when there is none."""
    query = select(func.max(AuditEntry.id)).where(AuditEntry.visit_id == visit_id)
    return session.scalar(query) or 0


def has_news(
    session: Session, visit_id: int, seen: int, *, before: datetime, about: Collection[str] = ()
) -> bool:
    """Did anything happen since `seen`, or anything of `about`? What the act itself has brought about by now,
    as when a deadline passes, is no news."""
    by_itself = and_(AuditEntry.actor_kind == Actor.SYSTEM, AuditEntry.happened_at >= before)
    return session.scalar(_news(visit_id, seen, about).where(~by_itself).limit(1)) is not None


def list_news(
    session: Session, visit_id: int, seen: int, about: Collection[str] = ()
) -> Sequence[AuditEntry]:
    """What happened since `seen`, in order."""
    return session.scalars(_news(visit_id, seen, about).order_by(AuditEntry.id)).all()


def _news(visit_id: int, seen: int, about: Collection[str]) -> Select[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.visit_id == visit_id, AuditEntry.id > seen)
    if about:
        return query.where(AuditEntry.action.in_(about))
    return query.where(AuditEntry.action.not_in(QUIET))
