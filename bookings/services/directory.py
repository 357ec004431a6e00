"""Importing the directory: a whole file or nothing, and the same file twice changes nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bookings.adapters.spreadsheet import Sheet, SheetRow, read_csv, read_sheet
from bookings.db import transaction
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.directory import (
    KnownSlugs,
    RowProblem,
    check_header,
    check_row,
    find_contradictions,
    find_double_slugs,
)
from bookings.domain.directory_rows import (
    INTEREST_COLUMNS,
    PLACE_COLUMNS,
    SAILING_COLUMNS,
    TRAVEL_COLUMNS,
    build_interest_slug,
    check_interest_row,
    check_place_row,
    check_sailing_row,
    check_travel_row,
)
from bookings.domain.errors import ImportRefusedError
from bookings.domain.offer_rows import OFFER_OPTIONAL, OFFER_REQUIRED
from bookings.models.directory import DirectoryVersion
from bookings.services.audit import add_audit
from bookings.services.directory_offers import find_offer_problems, save_offers
from bookings.services.directory_organisations import save_organisations
from bookings.services.directory_tables import (
    read_interest_ids,
    read_places,
    save_interests,
    save_places,
    save_travel,
)
from bookings.services.directory_tally import ImportResult, Progress, be_silent
from bookings.services.sailings import save_sailings
from bookings.settings import asset_folder, current_settings

__all__ = ["ImportResult", "Progress"]

Rows = Sequence[dict[str, str]]


@dataclass(frozen=True)
class _Table:
    """One kind of file: its columns, its rules, what makes a row unique, and how it is stored."""

    noun: str
    check_columns: Callable[[Sequence[str]], tuple[RowProblem, ...]]
    find_problems: Callable[[Session, Rows], Iterable[tuple[RowProblem, ...]]]
    keys: Callable[[dict[str, str]], str]
    save: Callable[[Session, Rows, Progress], ImportResult]


def load_demo_directory(*, now: datetime) -> dict[str, ImportResult]:
    """The real directory of the two shores, as it is shipped, in one transaction."""
    folder = asset_folder("config") / "demo"
    sheets = [(table, read_csv((folder / name).read_bytes())) for name, table in _DEMO_FILES.items()]
    with transaction() as session:
        begin_change(session)
        return {
            table.noun: _save_sheet(session, table, sheet, who=SYSTEM, now=now) for table, sheet in sheets
        }


def import_table(
    table: str,
    content: bytes,
    *,
    who: Who,
    now: datetime,
    progress: Progress = be_silent,
    mapping: Mapping[str, str] | None = None,
) -> ImportResult:
    """Any of the tables from CSV or XLSX; `mapping` gives our name to some of the file's columns.

    Raises ImportRefusedError with every problem.
    """
    sheet = read_sheet(content, max_bytes=current_settings().web.max_import_bytes)
    with transaction() as session:
        begin_change(session)
        renamed = rename_columns(sheet, {**{name: name for name in sheet.columns}, **(mapping or {})})
        return _save_sheet(session, TABLES[table], renamed, who=who, now=now, progress=progress)


def begin_change(session: Session) -> int:
    """Raises the version (and answers the one before): its row lock lets imports pass one after the other."""
    session.execute(update(DirectoryVersion).values(number=DirectoryVersion.number + 1))
    return session.scalars(select(DirectoryVersion.number)).one() - 1


def read_version(session: Session) -> int:
    """The number of the last change; until the end of the transaction nobody makes another."""
    return session.scalars(select(DirectoryVersion.number).with_for_update()).one()


def rename_columns(sheet: Sheet, mapping: Mapping[str, str]) -> Sheet:
    """The sheet with our names; columns that are not in `mapping` are left out."""
    kept = [column for column in sheet.columns if column in mapping]
    rows = (SheetRow(row.line, {mapping[column]: row.cells[column] for column in kept}) for row in sheet.rows)
    return Sheet(tuple(mapping[column] for column in kept), tuple(rows))


def save_table(
    session: Session, table: str, sheet: Sheet, *, who: Who, now: datetime, progress: Progress = be_silent
) -> ImportResult:
    """All rows, in a change that `begin_change` began. Raises ImportRefusedError with every problem."""
    return _save_sheet(session, TABLES[table], sheet, who=who, now=now, progress=progress)


def _save_sheet(
    session: Session, table: _Table, sheet: Sheet, *, who: Who, now: datetime, progress: Progress = be_silent
) -> ImportResult:
    _check_sheet(session, table, sheet, be_silent)
    result = table.save(session, [row.cells for row in sheet.rows], progress)
    session.flush()
    add_audit(
        session,
        who,
        "directory.imported",
        noun=table.noun,
        subject_id=0,
        now=now,
        new=result.new,
        changed=result.changed,
        unchanged=result.unchanged,
    )
    return result


def check_table(session: Session, table: str, sheet: Sheet, progress: Progress = be_silent) -> None:
    """Reads only. Raises ImportRefusedError with every problem."""
    _check_sheet(session, TABLES[table], sheet, progress)


def _check_sheet(session: Session, table: _Table, sheet: Sheet, progress: Progress) -> None:
    header = table.check_columns(sheet.columns)
    if header:
        raise ImportRefusedError(tuple(_place_problem(1, problem) for problem in header))
    rows = [row.cells for row in sheet.rows]
    found = []
    checked = zip(sheet.rows, table.find_problems(session, rows), strict=True)
    for done, (row, problems) in enumerate(checked, start=1):
        found += [_place_problem(row.line, problem) for problem in problems]
        progress(done, len(rows))
    for index, problem in find_double_slugs([table.keys(row) for row in rows]):
        found.append(_place_problem(sheet.rows[index].line, problem))
    if table is _ORGANISATIONS:
        for index, problem in find_contradictions(rows):
            found.append(_place_problem(sheet.rows[index].line, problem))
    if found:
        raise ImportRefusedError(tuple(sorted(found)))


def _place_problem(line: int, problem: RowProblem) -> tuple[int, str, str, str, str]:
    return line, problem.column, problem.code, problem.value, problem.expected


def _find_organisation_problems(session: Session, rows: Rows) -> Iterable[tuple[RowProblem, ...]]:
    places = {slug: place.country for slug, place in read_places(session).items()}
    known = KnownSlugs(places, read_interest_ids(session).keys())
    return (check_row(row, known) for row in rows)


def _organisation_key(row: dict[str, str]) -> str:
    parts = (row["slug"], row.get("site", ""), row.get("contact_email", "") if "contact_name" in row else "")
    return " · ".join(part for part in parts if part)


def _offer_key(row: dict[str, str]) -> str:
    title = row.get("title_en") or row.get("title_sv") or row.get("title_fi", "")
    return " · ".join((row["organisation"], row.get("site", ""), row.get("offer") or title))


def _find_interest_problems(session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    stored = {slug for slug in read_interest_ids(session) if "/" not in slug}
    areas = stored | {row["slug"] for row in rows if not row["area"]}
    return [check_interest_row(row, areas) for row in rows]


def _find_place_problems(_session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    return [check_place_row(row) for row in rows]


def _find_travel_problems(session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    places = read_places(session)
    return [check_travel_row(row, places) for row in rows]


def _find_sailing_problems(session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    places = read_places(session)
    return [check_sailing_row(row, places) for row in rows]


def _columns(names: Sequence[str]) -> Callable[[Sequence[str]], tuple[RowProblem, ...]]:
    return lambda columns: check_header(columns, required=names, optional=())


_ORGANISATIONS = _Table(
    "organisation", check_header, _find_organisation_problems, _organisation_key, save_organisations
)
_OFFERS = _Table(
    "visit_offer",
    lambda columns: check_header(columns, required=OFFER_REQUIRED, optional=OFFER_OPTIONAL),
    find_offer_problems,
    _offer_key,
    save_offers,
)
_INTERESTS = _Table(
    "interest", _columns(INTEREST_COLUMNS), _find_interest_problems, build_interest_slug, save_interests
)
_PLACES = _Table("place", _columns(PLACE_COLUMNS), _find_place_problems, lambda row: row["slug"], save_places)
_TRAVEL = _Table(
    "travel_leg",
    _columns(TRAVEL_COLUMNS),
    _find_travel_problems,
    lambda row: f"{row['from']} → {row['to']} ({row['mode']})",
    save_travel,
)
_SAILINGS = _Table(
    "sailing",
    _columns(SAILING_COLUMNS),
    _find_sailing_problems,
    lambda row: f"{row['from']} → {row['to']} {row['departs']} {row['weekdays']} {row['from_date']}",
    save_sailings,
)
TABLES: Mapping[str, _Table] = {
    "organisations": _ORGANISATIONS,
    "offers": _OFFERS,
    "places": _PLACES,
    "travel": _TRAVEL,
    "interests": _INTERESTS,
    "sailings": _SAILINGS,
}
_DEMO_FILES = {
    "interests.csv": _INTERESTS,
    "places.csv": _PLACES,
    "travel.csv": _TRAVEL,
    "sailings.csv": _SAILINGS,
    "organisations.csv": _ORGANISATIONS,
}
