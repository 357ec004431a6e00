"""Labels that staff own and put on visits."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.labels import LabelTone
from bookings.models.columns import Code, Id, ShortText, one_of


class VisitLabel(Base):
    """A word with a colour and a shape of its own."""

    __tablename__ = "visit_label"
    __table_args__ = (one_of("tone", LabelTone),)

    id: Mapped[Id]
    name: Mapped[ShortText] = mapped_column(unique=True)
    tone: Mapped[Code]


class LabelledVisit(Base):
    """A label on a visit."""

    __tablename__ = "labelled_visit"

    visit_id: Mapped[int] = mapped_column(
        ForeignKey("visit_request.id", ondelete="CASCADE"), primary_key=True
    )
    label_id: Mapped[int] = mapped_column(
        ForeignKey("visit_label.id", ondelete="CASCADE"), primary_key=True, index=True
    )
