"""Requests that were taken together."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.models.columns import Line


class MergedVisit(Base):
    """A request that goes on as another one of the same visitors."""

    __tablename__ = "merged_visit"
    __table_args__ = (CheckConstraint("visit_id <> into_id", name="other"),)

    visit_id: Mapped[int] = mapped_column(
        ForeignKey("visit_request.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    into_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"), index=True)
    merged_at: Mapped[datetime]
    merged_by: Mapped[Line]
