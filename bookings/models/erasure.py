"""What is kept as evidence although somebody asks for its erasure, or its keeping time is over."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.models.columns import Id, Line


class LegalHold(Base):
    """Holds one visit, or one event with everybody who was there. Lifted ones stay, to be seen."""

    __tablename__ = "legal_hold"
    __table_args__ = (CheckConstraint("(visit_id IS NULL) <> (event_id IS NULL)", name="one_subject"),)

    id: Mapped[Id]
    visit_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_request.id", ondelete="CASCADE"), index=True
    )
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    reason: Mapped[Line]
    until: Mapped[date]
    """The last day, by UTC."""
    set_at: Mapped[datetime]
    set_by: Mapped[Line]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[Line] = mapped_column(default="", server_default="")
