"""The printed catalogue as it was set last, and what it would be made of now."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.models.imports import Catalogue
from bookings.queries.directory import Directory


@dataclass(frozen=True)
class CatalogueView:
    """A printed catalogue without its content."""

    language: str
    directory_version: str
    edition: str
    rendered_at: datetime
    is_tagged: bool
    size: int


def hash_version(directory: Directory) -> str:
    """Another directory has another one."""
    return sha256(repr(directory.version).encode()).hexdigest()[:40]


def list_catalogues(session: Session) -> dict[str, CatalogueView]:
    """The catalogues that there are, by language."""
    rows = session.execute(
        select(
            Catalogue.language,
            Catalogue.directory_version,
            Catalogue.edition,
            Catalogue.rendered_at,
            Catalogue.is_tagged,
            func.length(Catalogue.content),
        )
    )
    return {row[0]: CatalogueView(*row) for row in rows}


def find_catalogue(session: Session, language: str) -> tuple[str, bytes] | None:
    """What tells this one from others, and the PDF."""
    query = select(Catalogue.directory_version, Catalogue.edition, Catalogue.content)
    row = session.execute(query.where(Catalogue.language == language)).one_or_none()
    return (f"{row[0]}-{row[1]}", row[2]) if row else None
