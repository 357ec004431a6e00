"""Files on their way into the directory or an event, without what they hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.imports import WAITING, ImportState
from bookings.models.imports import ImportFile

_COLUMNS = (
    ImportFile.id,
    ImportFile.kind,
    ImportFile.event_id,
    ImportFile.file_name,
    ImportFile.state,
    ImportFile.columns,
    ImportFile.mapping,
    ImportFile.outcome,
    ImportFile.done,
    ImportFile.total,
    ImportFile.uploaded_by,
    ImportFile.uploaded_at,
    ImportFile.expires_at,
)


@dataclass(frozen=True)
class ImportView:
    """An uploaded file and how far it is."""

    id: int
    kind: str
    event_id: int | None
    file_name: str
    state: ImportState
    columns: tuple[str, ...]
    mapping: Mapping[str, str]
    outcome: Mapping[str, Any]
    done: int
    total: int
    uploaded_by: str
    uploaded_at: datetime
    expires_at: datetime

    @property
    def is_waiting(self) -> bool:
        """Is a worker at it, or soon will be?"""
        return self.state in WAITING

    def samples(self, column: str) -> Sequence[str]:
        """A few values that stand in a column of the file."""
        found: Sequence[str] = self.outcome.get("samples", {}).get(column, ())
        return found


def find_import(
    session: Session, import_id: int, *, event_id: int | None = None, now: datetime
) -> ImportView:
    """A file of the directory, or of an event, that is still kept. Raises NotFoundError."""
    row = session.execute(
        select(*_COLUMNS).where(ImportFile.id == import_id, ImportFile.expires_at > now, _belongs(event_id))
    ).one_or_none()
    if row is None:
        raise NotFoundError("import_file", str(import_id))
    return _build(row)


def list_imports(session: Session, *, event_id: int | None = None, now: datetime) -> list[ImportView]:
    """The files of the directory, or of an event, that are kept, the newest first."""
    query = select(*_COLUMNS).where(ImportFile.expires_at > now, _belongs(event_id))
    return [_build(row) for row in session.execute(query.order_by(ImportFile.id.desc()).limit(20))]


def list_waiting(session: Session, *, now: datetime) -> list[int]:
    """Files that a worker should take up, the oldest first."""
    is_free = ImportFile.claimed_until.is_(None) | (ImportFile.claimed_until <= now)
    query = select(ImportFile.id).where(ImportFile.state.in_(WAITING), is_free, ImportFile.expires_at > now)
    return list(session.scalars(query.order_by(ImportFile.id)))


def _belongs(event_id: int | None) -> ColumnElement[bool]:
    return ImportFile.event_id.is_(None) if event_id is None else ImportFile.event_id == event_id


def _build(row: Row[Any]) -> ImportView:
    values = row._asdict()
    return ImportView(
        **{**values, "state": ImportState(values["state"]), "columns": tuple(values["columns"])}
    )
