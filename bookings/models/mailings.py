"""Mails in staff's own words to many people."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.mailings import Audience
from bookings.models.columns import Code, Id, Line, index_some, one_of


class Mailing(Base):
    """One mailing; the worker sends it person by person, in the order of their ids."""

    __tablename__ = "mailing"
    __table_args__ = (
        one_of("audience", Audience),
        CheckConstraint("(audience = 'newsletter') = (event_id IS NULL)", name="event"),
        index_some("ix_mailing_unsent", "id", where="done_at IS NULL"),
    )

    id: Mapped[Id]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    """Whose people it is for; none of the newsletter."""
    form_key: Mapped[Code] = mapped_column(unique=True)
    """One-time key of the form: a double submit finds its own mailing."""
    audience: Mapped[Code]
    subject: Mapped[dict[str, Any]]
    """Language → words, as `text`."""
    text: Mapped[dict[str, Any]]
    written_by: Mapped[Line]
    written_at: Mapped[datetime]
    """Who registers or subscribes later does not get it."""
    readers: Mapped[int]
    """People whom it was for when it was written."""
    reached_id: Mapped[int] = mapped_column(default=0)
    """The last registration, or subscription, that was looked at."""
    sent: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
