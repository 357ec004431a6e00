"""The audit trail, written in the transaction of the change."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.audit import Who
from bookings.models.audit import AuditEntry

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
    """Record one act; `detail` holds codes and values, no texts that people wrote."""
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
