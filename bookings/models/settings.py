"""What staff set by page: every version of it is kept, the newest counts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.models.columns import Id, Line, Sha256, ShortText


class StaffSetting(Base):
    """One saved version of one setting. Rows are never changed: going back is a new version."""

    __tablename__ = "staff_setting"
    __table_args__ = (
        # Two people who save from the same version: the second one is refused by this key.
        UniqueConstraint("key", "version"),
        CheckConstraint("version > 0", name="version"),
    )

    id: Mapped[Id]
    key: Mapped[ShortText]
    version: Mapped[int]
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    """What was set; nothing means the standard."""
    mark: Mapped[ShortText]
    """Random: the newest row's tells processes whether what they keep is still right."""
    saved_at: Mapped[datetime]
    saved_by: Mapped[Line]


class LogoFile(Base):
    """A picture that staff brought, found by its content; which ones are shown is a setting."""

    __tablename__ = "logo_file"

    sha256: Mapped[Sha256] = mapped_column(primary_key=True)
    media_type: Mapped[ShortText]
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]
