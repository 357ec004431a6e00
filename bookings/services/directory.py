"""Importing the directory: a whole file or nothing, and the same file twice changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bookings.adapters.spreadsheet import Sheet, read_csv
from bookings.db import transaction
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.directory import (
    KnownSlugs,
    RowProblem,
    check_header,
    check_row,
    find_double_slugs,
)
from bookings.domain.directory_rows import (
    INTEREST_COLUMNS,
    PLACE_COLUMNS,
    TRAVEL_COLUMNS,
    build_interest_slug,
    check_interest_row,
    check_place_row,
    check_travel_row,
)
from bookings.domain.errors import ImportRefusedError
from bookings.models.directory import DirectoryVersion
from bookings.services.audit import add_audit
from bookings.services.directory_organisations import save_organisations
from bookings.services.directory_tables import (
    read_interest_ids,
    read_places,
    save_interests,
    save_places,
    save_travel,
)
from bookings.services.directory_tally import ImportResult, Progress, be_silent
from bookings.settings import asset_folder, current_settings

__all__ = ["ImportResult", "Progress"]

Rows = Sequence[dict[str, str]]


@dataclass(frozen=True)
class _Table:
    """One kind of file: its columns, its rules, what makes a row unique, and how it is stored."""

    noun: str
    check_columns: Callable[[Sequence[str]], tuple[RowProblem, ...]]
    find_problems: Callable[[Session, Rows], list[tuple[RowProblem, ...]]]
    keys: Callable[[dict[str, str]], str]
    save: Callable[[Session, Rows, Progress], ImportResult]


def import_organisations(
    content: bytes, *, who: Who, now: datetime, progress: Progress = be_silent
) -> ImportResult:
    """Organisations with topics, main site and contact. Raises ImportRefusedError with every problem."""
    return _import(_ORGANISATIONS, content, who=who, now=now, progress=progress)


def import_interests(content: bytes, *, who: Who, now: datetime) -> ImportResult:
    """The taxonomy. Raises ImportRefusedError with every problem."""
    return _import(_INTERESTS, content, who=who, now=now)


def import_places(content: bytes, *, who: Who, now: datetime) -> ImportResult:
    """The towns. Raises ImportRefusedError with every problem."""
    return _import(_PLACES, content, who=who, now=now)


def import_travel(content: bytes, *, who: Who, now: datetime) -> ImportResult:
    """Minutes between towns. Raises ImportRefusedError with every problem."""
    return _import(_TRAVEL, content, who=who, now=now)


def load_demo_directory(*, now: datetime) -> dict[str, ImportResult]:
    """The real directory of the two shores, as it is shipped, in one transaction."""
    folder = asset_folder("config") / "demo"
    sheets = [(table, read_csv((folder / name).read_bytes())) for name, table in _DEMO_FILES.items()]
    with transaction() as session:
        _begin_change(session)
        return {
            table.noun: _import_sheet(session, table, sheet, who=SYSTEM, now=now) for table, sheet in sheets
        }


def _import(
    table: _Table, content: bytes, *, who: Who, now: datetime, progress: Progress = be_silent
) -> ImportResult:
    sheet = read_csv(content, max_bytes=current_settings().web.max_import_bytes)
    with transaction() as session:
        _begin_change(session)
        return _import_sheet(session, table, sheet, who=who, now=now, progress=progress)


def _begin_change(session: Session) -> None:
    """Raises the version, and with its row lock lets imports pass one after the other."""
    session.execute(update(DirectoryVersion).values(number=DirectoryVersion.number + 1))


def _import_sheet(
    session: Session, table: _Table, sheet: Sheet, *, who: Who, now: datetime, progress: Progress = be_silent
) -> ImportResult:
    _check_sheet(session, table, sheet)
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


def _check_sheet(session: Session, table: _Table, sheet: Sheet) -> None:
    header = table.check_columns(sheet.columns)
    if header:
        raise ImportRefusedError(tuple(_place_problem(1, problem) for problem in header))
    rows = [row.cells for row in sheet.rows]
    found = [
        _place_problem(row.line, problem)
        for row, problems in zip(sheet.rows, table.find_problems(session, rows), strict=True)
        for problem in problems
    ]
    for index, problem in find_double_slugs([table.keys(row) for row in rows]):
        found.append(_place_problem(sheet.rows[index].line, problem))
    if found:
        raise ImportRefusedError(tuple(sorted(found)))


def _place_problem(line: int, problem: RowProblem) -> tuple[int, str, str, str, str]:
    return line, problem.column, problem.code, problem.value, problem.expected


def _find_organisation_problems(session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    places = {slug: place.country for slug, place in read_places(session).items()}
    known = KnownSlugs(places, read_interest_ids(session).keys())
    return [check_row(row, known) for row in rows]


def _find_interest_problems(session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    stored = {slug for slug in read_interest_ids(session) if "/" not in slug}
    areas = stored | {row["slug"] for row in rows if not row["area"]}
    return [check_interest_row(row, areas) for row in rows]


def _find_place_problems(_session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    return [check_place_row(row) for row in rows]


def _find_travel_problems(session: Session, rows: Rows) -> list[tuple[RowProblem, ...]]:
    places = read_places(session)
    return [check_travel_row(row, places) for row in rows]


def _columns(names: Sequence[str]) -> Callable[[Sequence[str]], tuple[RowProblem, ...]]:
    return lambda columns: check_header(columns, required=names, optional=())


_ORGANISATIONS = _Table(
    "organisation", check_header, _find_organisation_problems, lambda row: row["slug"], save_organisations
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
_DEMO_FILES = {
    "interests.csv": _INTERESTS,
    "places.csv": _PLACES,
    "travel.csv": _TRAVEL,
    "organisations.csv": _ORGANISATIONS,
}
