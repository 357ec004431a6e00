"""The iCalendar side of anything that happens at a time (RFC 5545, RFC 5546)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.models.columns import Code, Id, LanguageCode, Line, LongText, ZoneName, index_some, one_of

ENTRY_STATUSES = ("TENTATIVE", "CONFIRMED", "CANCELLED")
PARTSTATS = ("NEEDS-ACTION", "ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED")


class CalendarEntry(Base):
    """What calendars were told: one UID for life, a SEQUENCE that never falls.

    Until the first announcement (`announced_at` is NULL) nothing was ever sent about it.
    """

    __tablename__ = "calendar_entry"
    __table_args__ = (
        one_of("status", ENTRY_STATUSES),
        CheckConstraint("sequence >= 0", name="sequence"),
        CheckConstraint("starts_at < ends_at", name="order"),
    )

    id: Mapped[Id]
    uid: Mapped[Line] = mapped_column(unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    status: Mapped[Code] = mapped_column(default="TENTATIVE")
    summary: Mapped[Line]
    location: Mapped[Line]
    description: Mapped[LongText] = mapped_column(default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[ZoneName]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    """LAST-MODIFIED, and the DTSTAMP of the last message; later each time."""
    announced_at: Mapped[datetime | None]

    attendees: Mapped[list["Attendee"]] = relationship(
        lazy="raise", back_populates="entry", order_by="Attendee.id"
    )


class Attendee(Base):
    """One person's part in an entry, with the organizer address that only this person writes to."""

    __tablename__ = "attendee"
    __table_args__ = (
        UniqueConstraint("entry_id", "email"),
        one_of("partstat", PARTSTATS),
        index_some("ix_attendee_undeliverable_at", "undeliverable_at", where="undeliverable_at IS NOT NULL"),
    )

    id: Mapped[Id]
    entry_id: Mapped[int] = mapped_column(ForeignKey("calendar_entry.id", ondelete="CASCADE"))
    email: Mapped[Line]
    name: Mapped[Line]
    language: Mapped[LanguageCode]
    partstat: Mapped[Code] = mapped_column(default="NEEDS-ACTION")
    organizer_token: Mapped[Code] = mapped_column(unique=True)
    """128 bits or more; stands in the ORGANIZER and Reply-To address."""
    asked_sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    """SEQUENCE of the question that is open to answer: a CANCEL after the person's own "no" asks nothing."""
    replied_sequence: Mapped[int | None]
    replied_at: Mapped[datetime | None]
    """DTSTAMP of the answer that counts."""
    undeliverable_at: Mapped[datetime | None]
    """Since when mails to this address come back for good."""

    entry: Mapped[CalendarEntry] = relationship(lazy="raise", back_populates="attendees")
