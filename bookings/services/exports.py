"""Taking the directory out as a file: counted, noted in the trail, contacts for those who may see them."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bookings.adapters.sheet_writer import write_csv, write_xlsx
from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import TooManyAttemptsError
from bookings.domain.limits import HOUR, Limit
from bookings.queries.exports import list_cells, list_columns
from bookings.services.audit import add_audit
from bookings.services.limits import count_act
from bookings.settings import current_settings


@dataclass(frozen=True, kw_only=True)
class Export:
    """What somebody asks for: `table` organisations or offers, `form` csv or xlsx."""

    table: str
    form: str
    with_contacts: bool


def export_directory(wanted: Export, *, person_id: int, who: Who, now: datetime) -> bytes:
    """The whole table as a file. Raises TooManyAttemptsError."""
    limit = Limit("export", str(person_id), current_settings().limits.exports_per_hour, HOUR)
    columns = list_columns(wanted.table, with_contacts=wanted.with_contacts)
    with transaction() as session:
        if count_act(session, (limit,), now=now):
            raise TooManyAttemptsError(int(HOUR.total_seconds() // 60))
        rows = list_cells(session, wanted.table)
        add_audit(
            session,
            who,
            "directory.exported",
            noun=wanted.table,
            subject_id=0,
            now=now,
            rows=len(rows),
            form=wanted.form,
            with_contacts=wanted.with_contacts,
        )
    write = write_csv if wanted.form == "csv" else partial(write_xlsx, wanted.table)
    return write(columns, rows if wanted.with_contacts else _once(rows, columns))


def _once(rows: list[dict[str, str]], columns: tuple[str, ...]) -> list[dict[str, str]]:
    """Without rows that differ in contacts only: they would tell how many people there are."""
    found: dict[str, dict[str, str]] = {}
    kept = []
    for row in rows:
        bare = {column: row[column] for column in columns if column in row}
        if bare.get("site") or bare.get("offer") or bare["slug"] not in found:
            kept.append(bare)
        found.setdefault(bare.get("slug", ""), bare)
    return kept
