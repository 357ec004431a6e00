"""Spreadsheets as people save them: CSV in UTF-8, parted by commas, semicolons or tabs."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bookings.domain.errors import ImportRefusedError

MAX_BYTES = 10 * 1024 * 1024
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


def read_csv(content: bytes, *, max_bytes: int = MAX_BYTES) -> Sheet:
    """The file as rows of text.

    Raises ImportRefusedError (`too_large`, `wrong_encoding`, `empty_file`, `broken_csv`, `cell_count`).
    """
    if len(content) > max_bytes:
        raise _refusal(1, "too_large", f"{len(content)}", f"at most {max_bytes} bytes")
    records = list(_read_records(_decode(content)))
    if not records:
        raise _refusal(1, "empty_file", "", "a header line and one line for each row")
    columns = tuple(cell.strip() for cell in records[0][1])
    _check_cell_counts(records, len(columns))
    return Sheet(
        columns,
        tuple(
            SheetRow(line, {column: _clean(cell) for column, cell in zip(columns, cells, strict=True)})
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


def _refusal(line: int, code: str, value: str, expected: str) -> ImportRefusedError:
    return ImportRefusedError(((line, "", code, value, expected),))


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()
