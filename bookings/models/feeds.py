"""Calendar feeds: secret addresses, and the entries as they were last rendered."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.feeds import FeedKind
from bookings.models.columns import Code, Id, LanguageCode, Line, one_of


class CalendarFeed(Base):
    """One secret address: whose it is and what it shows. To revoke it is to delete it."""

    __tablename__ = "calendar_feed"
    __table_args__ = (
        one_of("kind", FeedKind),
        CheckConstraint("(kind = 'staff') = (staff_user_id IS NOT NULL)", name="staff"),
        CheckConstraint("(kind IN ('host', 'busy')) = (host_contact_id IS NOT NULL)", name="host"),
        CheckConstraint("(kind = 'person') = (mailbox IS NOT NULL)", name="person"),
    )

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    kind: Mapped[Code]
    staff_user_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), index=True
    )
    host_contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("host_contact.id", ondelete="CASCADE"), index=True
    )
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    """The one town that a feed of staff shows; NULL: all."""
    mailbox: Mapped[Line | None] = mapped_column(unique=True)
    """Whose entries a feed of a person shows, as `fold_email` spells it."""
    created_at: Mapped[datetime]


class FeedRendering(Base):
    """A slot's serialised VEVENT. It counts while `stamp` is the slot's and `edition` the program's."""

    __tablename__ = "feed_rendering"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 (as the library has it)

    kind: Mapped[Code] = mapped_column(primary_key=True)
    language: Mapped[LanguageCode] = mapped_column(primary_key=True)
    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, index=True, autoincrement=False
    )
    stamp: Mapped[int] = mapped_column(BigInteger)
    edition: Mapped[Code]
    vevent: Mapped[bytes] = mapped_column(LargeBinary)
