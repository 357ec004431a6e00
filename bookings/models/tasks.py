"""Tasks of staff about a visit: their own, and those that rules and the standard clock make."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.tasks import TaskKind
from bookings.models.columns import Code, Id, Line, LongText, one_of


class VisitTask(Base):
    """Something to do about a visit. What a rule makes has a `rule_key`, so that it is made once."""

    __tablename__ = "visit_task"
    __table_args__ = (
        UniqueConstraint("visit_id", "rule_key"),
        one_of("kind", TaskKind),
        Index("ix_visit_task_done_at_due_on", "done_at", "due_on"),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)
    """The stop that it is about; with a draft that is removed its tasks go."""
    kind: Mapped[Code]
    rule_key: Mapped[Code | None]
    text: Mapped[LongText] = mapped_column(default="")
    """Staff's own words; what rules make is worded by its kind in the reader's language."""
    about: Mapped[Line] = mapped_column(default="")
    """Whom or what it is about: a host, a country, the visitor's client."""
    due_on: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"), index=True)
    """Empty: whoever looks after the visit."""
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[Line]
    done_at: Mapped[datetime | None]
    done_by: Mapped[Line] = mapped_column(default="")
