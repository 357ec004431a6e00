"""The audit trail, written in the transaction of the change."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bookings.db import database, table_of
from bookings.domain.audit import Who
from bookings.domain.staff import check_may_change_visit
from bookings.models.audit import AuditEntry
from bookings.queries.staff import find_ties

_ADD = insert(table_of(AuditEntry))


def add_audit(  # noqa: PLR0913 - an audit entry is these facts
    session: Session,
    who: Who,
    action: str,
    *,
    noun: str,
    subject_id: int,
    now: datetime,
    visit_id: int | None = None,
    **detail: Any,
) -> None:
    """Record one act; `detail` holds codes and values, no texts that people wrote.

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
    session.execute(_ADD, entry)


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
