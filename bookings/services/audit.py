"""The audit trail, written in the transaction of the change."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bookings.db import database, table_of
from bookings.domain.audit import Who
from bookings.domain.staff import check_may_change_visit
from bookings.models.audit import AuditEntry, AuditReason
from bookings.queries.staff import find_ties

_ADD = insert(table_of(AuditEntry))
_ADD_REASON = insert(table_of(AuditReason))


def add_audit(  # noqa: PLR0913 - an audit entry is these facts
    session: Session,
    who: Who,
    action: str,
    *,
    noun: str,
    subject_id: int,
    now: datetime,
    visit_id: int | None = None,
    reason: str = "",
    **detail: Any,
) -> None:
    """Record one act; `detail` holds codes and values, `reason` the words that were given for it.

    No change leaves out its entry, so here nobody gets past the rule of who changes which visit. Raises
    VisitOfOthersError.
    """
    if visit_id is not None and who.member and who.member.has_limits:
        _check_reach(session, who, visit_id)
    entry = {
        "happened_at": now,
        "actor_kind": who.kind,
        "actor_name": who.name,
        "action": action,
        "noun": noun,
        "subject_id": subject_id,
        "visit_id": visit_id,
        "detail": detail,
    }
    if not reason:
        session.execute(_ADD, entry)
        return
    entry_id = session.execute(_ADD.returning(table_of(AuditEntry).c.id), entry).scalar_one()
    session.execute(_ADD_REASON, {"entry_id": entry_id, "visit_id": visit_id, "text": reason})


def _check_reach(session: Session, who: Who, visit_id: int) -> None:
    """By the visit as it was before: whoever may hand it over may also be without it afterwards."""
    seen = session.info.setdefault("reach", (None, set()))
    if seen[0] is not session.get_transaction():
        seen = session.info["reach"] = (session.get_transaction(), set())
    if visit_id in seen[1]:
        return
    with Session(database.engine) as before:
        ties = find_ties(before, visit_id=visit_id)
    if ties is not None and who.member is not None:
        check_may_change_visit(who.member, ties)
    seen[1].add(visit_id)
