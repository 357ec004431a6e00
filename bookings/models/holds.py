"""Holds: the database itself refuses two overlapping hard holds of one resource."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.holds import HoldStrength, ResourceKind
from bookings.models.columns import Code, Id, one_of


class Resource(Base):
    """Whatever can be in one place only: an organisation as host, a delegation. Its row is the lock."""

    __tablename__ = "resource"
    __table_args__ = (UniqueConstraint("kind", "subject_id"), one_of("kind", ResourceKind))

    id: Mapped[Id]
    kind: Mapped[Code]
    subject_id: Mapped[int]


class Hold(Base):
    """Time of one resource, buffers and travel included.

    The guard is made by the migration: triggers on SQLite, an exclusion constraint on PostgreSQL.
    """

    __tablename__ = "hold"
    __table_args__ = (
        one_of("strength", HoldStrength),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("(slot_id IS NULL) <> (meeting_id IS NULL)", name="what_for"),
        UniqueConstraint("resource_id", "slot_id", "strength", "starts_at"),
        Index("ix_hold_resource_id_starts_at_ends_at", "resource_id", "starts_at", "ends_at"),
    )

    id: Mapped[Id]
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id", ondelete="RESTRICT"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)
    meeting_id: Mapped[int | None] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), index=True)
    strength: Mapped[Code]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
