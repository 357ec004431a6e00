"""What hosts' own calendars say: an address to read, and the times at which the host is busy."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.models.columns import Code, Id, Line, LongText


class HostCalendar(Base):
    """The https address of a host's own calendar, and how reading it went."""

    __tablename__ = "host_calendar"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures"),)

    host_contact_id: Mapped[int] = mapped_column(
        ForeignKey("host_contact.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    address: Mapped[LongText]
    """Often a secret of the host's: pages show only where it is, logs nothing."""
    added_at: Mapped[datetime]
    next_read_at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    """When it was last read, or was found unchanged."""
    failures: Mapped[int] = mapped_column(default=0)
    fault: Mapped[Code] = mapped_column(default="")
    """Code of what went wrong the last time; empty when nothing did."""
    etag: Mapped[Line] = mapped_column(default="")
    last_modified: Mapped[Line] = mapped_column(default="")


class HostBusyTime(Base):
    """A stretch in which the host's own calendar says busy. What it is for was never stored."""

    __tablename__ = "host_busy_time"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_host_busy_time_host_contact_id_ends_at", "host_contact_id", "ends_at"),
    )

    id: Mapped[Id]
    host_contact_id: Mapped[int] = mapped_column(
        ForeignKey("host_calendar.host_contact_id", ondelete="CASCADE")
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
