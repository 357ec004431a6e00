"""What staff did a moment ago and can take back while nobody outside has heard of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.models.columns import Code, Id, Line


class UndoStep(Base):
    """One act that can be reversed once. Kept for some days, and gone with its visit."""

    __tablename__ = "undo_step"
    __table_args__ = (Index("ix_undo_step_visit_id_id", "visit_id", "id"),)

    id: Mapped[Id]
    kind: Mapped[Code]
    subject_id: Mapped[int]
    visit_id: Mapped[int | None] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"))
    actor_name: Mapped[Line]
    done_at: Mapped[datetime] = mapped_column(index=True)
    before: Mapped[dict[str, Any]]
    """What the subject was before the act."""
    after: Mapped[dict[str, Any]]
    """What it has to be still, so that nothing done later is lost."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[Line | None]
