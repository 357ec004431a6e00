"""XLSX files the first sheet as rows of text. Nothing is calculated, no bomb goes off."""

import io
import warnings
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from itertools import islice
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from bookings.late import LateModule

if TYPE_CHECKING:
    import openpyxl
else:
    openpyxl = LateModule("openpyxl")

MAX_UNPACKED_BYTES = 60 * 1024 * 1024
MAX_PARTS = 500
SIGNATURE = b"PK\x03\x04"
_READ_BYTES = 64 * 1024


class WorkbookUnreadableError(Exception):
    """`code` is `broken_xlsx`, `unpacked_too_large` or `empty_file`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_workbook(content: bytes, *, max_rows: int, max_columns: int) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet with their numbers, empty ones left out, one more than `max_rows` at most.

    Raises WorkbookUnreadableError.
    """
    _check_archive(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and extensions that don't matter here
            book = openpyxl.load_workbook(
                io.BytesIO(content), read_only=True, data_only=True, keep_links=False
            )
            with closing(book):
                rows = list(islice(_read_rows(book.worksheets[0], max_columns), max_rows + 2))
    except WorkbookUnreadableError:
        raise
    except Exception as error:  # a broken file raises whatever the libraries met
        raise WorkbookUnreadableError("broken_xlsx") from error
    return rows


def _check_archive(content: bytes) -> None:
    """Before anything is unpacked: the sizes add up to something bearable, and no part defines entities."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise WorkbookUnreadableError("unpacked_too_large")
            for part in parts:
                with archive.open(part) as stream:
                    if b"<!DOCTYPE" in stream.read(_READ_BYTES):
                        raise WorkbookUnreadableError("broken_xlsx")
    except (BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise WorkbookUnreadableError("broken_xlsx") from error


def _read_rows(sheet: Any, max_columns: int) -> Iterator[tuple[int, list[str]]]:
    # A sheet may claim a million columns, or claim nothing at all: neither is believed.
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=max_columns + 1), start=1):
        cells = [_text(value) for value in row]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield number, cells


def _text(value: object) -> str:
    """As people write it; a whole number without ".0", a day without midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:%H:%M}" if isinstance(value, time) else str(value)
