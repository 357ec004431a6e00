"""The audit trail: who did what to which object, written in the transaction of the change."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.visits import Actor
from bookings.models.columns import Code, Id, Line, LongText, one_of


class AuditEntry(Base):
    """One act. `detail` holds codes and values, never texts that people wrote."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        one_of("actor_kind", Actor),
        Index("ix_audit_entry_noun_subject_id", "noun", "subject_id"),
    )

    id: Mapped[Id]
    happened_at: Mapped[datetime] = mapped_column(index=True)
    actor_kind: Mapped[Code]
    actor_name: Mapped[Line]
    action: Mapped[Code]
    noun: Mapped[Code]
    subject_id: Mapped[int]
    visit_id: Mapped[int | None] = mapped_column(index=True)
    """The visit that the act belongs to; no foreign key: the trail outlives what it tells of."""
    detail: Mapped[dict[str, Any]]


class AuditReason(Base):
    """Why an act was done, in the words that were given for it.

    Apart from the entry, because words go sooner: with the other texts of the visit.
    """

    __tablename__ = "audit_reason"

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id", ondelete="CASCADE"), primary_key=True)
    visit_id: Mapped[int | None] = mapped_column(index=True)
    text: Mapped[LongText]
