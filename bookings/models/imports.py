"""Files that wait to be imported, how their columns were understood, and the printed catalogue."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.imports import ImportState, ImportTable
from bookings.models.columns import Code, Id, LanguageCode, Line, one_of


class ImportFile(Base):
    """An uploaded file on its way into the directory; gone with all it holds when `expires_at` is over."""

    __tablename__ = "import_file"
    __table_args__ = (
        one_of("kind", ImportTable),
        one_of("state", ImportState),
        CheckConstraint("done >= 0 AND done <= total", name="progress"),
        Index("ix_import_file_expires_at", "expires_at"),
    )

    id: Mapped[Id]
    kind: Mapped[Code]
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    """Whose registrations they are."""
    file_name: Mapped[Line]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    """Emptied as soon as the file is carried out."""
    state: Mapped[Code]
    columns: Mapped[list[str]]
    mapping: Mapped[dict[str, Any]]
    """The file's column → ours; columns left out are not in it."""
    outcome: Mapped[dict[str, Any]]
    """What the last look at the file found: problems, or what is new and what changes."""
    directory_version: Mapped[int]
    """The directory that `outcome` was compared with."""
    done: Mapped[int]
    total: Mapped[int]
    uploaded_by: Mapped[Line]
    uploaded_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    """A worker is at it; when this is over, another may take it."""


class ImportMapping(Base):
    """How the columns of a header were understood last time."""

    __tablename__ = "import_mapping"

    kind: Mapped[Code] = mapped_column(primary_key=True)
    header_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    mapping: Mapped[dict[str, Any]]
    used_at: Mapped[datetime]


class Catalogue(Base):
    """The printable catalogue in one language, as the directory was at `directory_version`."""

    __tablename__ = "catalogue"

    language: Mapped[LanguageCode] = mapped_column(primary_key=True)
    directory_version: Mapped[Code]
    edition: Mapped[Code]
    """Of the program that set it: another one sets it anew."""
    rendered_at: Mapped[datetime]
    is_tagged: Mapped[bool]
    """False when a letter is in no font: readable, but without PDF/UA."""
    content: Mapped[bytes] = mapped_column(LargeBinary)
