"""Rows of text as CSV or XLSX that no program takes for formulas."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from bookings.domain.cells import guard_cell
from bookings.late import LateModule

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = LateModule("xlsxwriter")

_SHEET_NAME_LENGTH = 31

Rows = Iterable[Mapping[str, str]]


def write_csv(columns: Sequence[str], rows: Rows) -> bytes:
    """CSV in UTF-8 with a mark that spreadsheets need; steering cells begin with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guard_cell(row.get(column, "")) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def write_xlsx(title: str, columns: Sequence[str], rows: Rows) -> bytes:
    """A workbook of one sheet in which every cell is text."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(title[:_SHEET_NAME_LENGTH])
        bold, plain = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        for index, column in enumerate(columns):
            sheet.write_string(0, index, column, bold)
        for number, row in enumerate(rows, start=1):
            for index, column in enumerate(columns):
                sheet.write_string(number, index, row.get(column, ""), plain)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, max(0, len(columns) - 1), 20)
    return target.getvalue()
