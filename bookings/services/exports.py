"""Taking the directory out as a file: counted, noted in the trail, contacts for those who may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.adapters.sheet_writer import write_csv, write_xlsx
from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.queries.exports import list_cells, list_columns
from bookings.services.audit import add_audit
from bookings.services.limits import check_export_limit


@dataclass(frozen=True, kw_only=True)
class Export:
    """What somebody asks for: `table` organisations or offers, `form` csv or xlsx."""

    table: str
    form: str
    with_contacts: bool


def export_directory(wanted: Export, *, person_id: int, who: Who, now: datetime) -> bytes:
    """The whole table as a file. Raises TooManyAttemptsError."""
    columns = list_columns(wanted.table, with_contacts=wanted.with_contacts)
    with transaction() as session:
        check_export_limit(session, person_id, now=now)
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
    return write_rows(
        wanted.form, wanted.table, columns, rows if wanted.with_contacts else _once(rows, columns)
    )


def write_rows(form: str, title: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """The file: `form` csv or xlsx. No cell of it is a formula."""
    return write_csv(columns, rows) if form == "csv" else write_xlsx(title, columns, rows)


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
