"""Spreadsheets as people save them: CSV in UTF-8, parted by commas, semicolons or tabs, and XLSX."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bookings.adapters.workbook import SIGNATURE, WorkbookUnreadableError, read_workbook
from bookings.domain.cells import unguard_cell
from bookings.domain.errors import ImportRefusedError

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_COLUMNS = 100
MAX_CELL_CHARACTERS = 100_000
_SEPARATORS = ",;\t"

Problem = tuple[int, str, str, str, str]


@dataclass(frozen=True)
class SheetRow:
    """The cells of one row by column, blanks around them taken off; `line` is where it begins in the file."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """The header and the rows that hold anything."""

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def read_sheet(content: bytes, *, max_bytes: int = MAX_BYTES) -> Sheet:
    """A CSV or XLSX file as rows of text, whatever its name says.

    Raises ImportRefusedError (as `read_csv`, and `broken_xlsx`, `unpacked_too_large`).
    """
    if not content.startswith(SIGNATURE):
        return read_csv(content, max_bytes=max_bytes)
    _check_size(content, max_bytes)
    try:
        records = read_workbook(content, max_rows=MAX_ROWS, max_columns=MAX_COLUMNS)
    except WorkbookUnreadableError as error:
        raise _refusal(1, error.code, "", _EXPECTED_XLSX[error.code]) from error
    width = len(records[0][1]) if records else 0
    # Empty cells at the end of a row are not in the file.
    return _build_sheet(
        [(line, cells + [""] * (width - len(cells))) for line, cells in records], unguards=False
    )


def read_csv(content: bytes, *, max_bytes: int = MAX_BYTES) -> Sheet:
    """The file as rows of text.

    Raises ImportRefusedError (`too_large`, `wrong_encoding`, `empty_file`, `broken_csv`, `cell_count`,
    `too_many_rows`, `too_many_columns`).
    """
    _check_size(content, max_bytes)
    return _build_sheet(list(_read_records(_decode(content))), unguards=True)


def _check_size(content: bytes, max_bytes: int) -> None:
    if len(content) > max_bytes:
        raise _refusal(1, "too_large", f"{len(content)}", f"at most {max_bytes} bytes")


def _build_sheet(records: list[tuple[int, list[str]]], *, unguards: bool) -> Sheet:
    if not records:
        raise _refusal(1, "empty_file", "", "a header line and one line for each row")
    columns = tuple(_clean(cell) for cell in records[0][1])
    if len(columns) > MAX_COLUMNS:
        raise _refusal(records[0][0], "too_many_columns", "", f"at most {MAX_COLUMNS}")
    if len(records) > MAX_ROWS + 1:
        raise _refusal(records[MAX_ROWS + 1][0], "too_many_rows", "", f"at most {MAX_ROWS}")
    _check_cell_counts(records, len(columns))
    read = (lambda cell: _clean(unguard_cell(cell))) if unguards else _clean
    return Sheet(
        columns,
        tuple(
            SheetRow(line, {column: read(cell) for column, cell in zip(columns, cells, strict=True)})
            for line, cells in records[1:]
        ),
    )


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        wrong = content[error.start : error.start + 1].hex()
        raise _refusal(line, "wrong_encoding", f"0x{wrong}", "UTF-8") from error


def _read_records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins in; a cell may hold line ends."""
    csv.field_size_limit(MAX_CELL_CHARACTERS)
    # Lines are counted by their ends alone: a form feed or U+2028 inside a cell is no new line.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_separator(text), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _refusal(line, "broken_csv", "", "each quotation mark closed, and doubled inside") from error


def _find_separator(text: str) -> str:
    """The one that stands most often in the header; a comma when none does."""
    header = text.lstrip().partition("\n")[0]
    return max(_SEPARATORS, key=header.count)


def _check_cell_counts(records: list[tuple[int, list[str]]], columns: int) -> None:
    problems: list[Problem] = [
        (line, "", "cell_count", str(len(cells)), str(columns))
        for line, cells in records[1:]
        if len(cells) != columns
    ]
    if problems:
        raise ImportRefusedError(tuple(problems))


_EXPECTED_XLSX = {
    "broken_xlsx": "a workbook saved as .xlsx, without a password",
    "unpacked_too_large": "a smaller workbook, or the same as CSV",
}


def _refusal(line: int, code: str, value: str, expected: str) -> ImportRefusedError:
    return ImportRefusedError(((line, "", code, value, expected),))


def _clean(cell: str) -> str:
    unified = cell.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", unified).strip()
