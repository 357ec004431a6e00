"""Importing a file in steps: which column is which, what a look at it found, and what may happen next."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from bookings.domain.directory import RowProblem
from bookings.domain.import_columns import COLUMNS, WORDS
from bookings.domain.text import fold

KEPT = timedelta(hours=24)
LEASE = timedelta(minutes=15)
AT_ONCE_ROWS = 300
"""Larger files are the worker's."""
SHOWN_CHANGES = 200
SHOWN_PROBLEMS = 200


class ImportTable(StrEnum):
    """What staff can bring in by a page."""

    ORGANISATIONS = "organisations"
    OFFERS = "offers"
    REGISTRATIONS = "registrations"


OF_THE_DIRECTORY = (ImportTable.ORGANISATIONS, ImportTable.OFFERS)


class ImportState(StrEnum):
    UPLOADED = "uploaded"
    """The columns have to be named."""
    CHECKING = "checking"
    CHECKED = "checked"
    """What would happen can be looked at, and carried out."""
    REFUSED = "refused"
    """Rows are wrong; nothing was changed."""
    IMPORTING = "importing"
    DONE = "done"


WAITING = (ImportState.CHECKING, ImportState.IMPORTING)


def hash_header(columns: Sequence[str]) -> bytes:
    """The same header in another file is known again by this."""
    return sha256("\x1f".join(fold(column) for column in columns).encode()).digest()


def guess_mapping(table: str, columns: Sequence[str]) -> dict[str, str]:
    """The file's columns that are ours by name, else by a word of any of our languages; each of ours once."""
    said = {_bare(word): ours for ours, words in WORDS[table].items() for word in words}
    known = {**said, **{_bare(ours): ours for ours in WORDS[table]}}
    found: dict[str, str] = {}
    for column in columns:
        ours = known.get(_bare(column))
        if ours and ours not in found.values():
            found[column] = ours
    return found


def check_mapping(table: str, mapping: Mapping[str, str]) -> tuple[RowProblem, ...]:
    """What hinders: a required column that none of the file's is, one of ours named twice."""
    chosen = list(mapping.values())
    required, _optional = COLUMNS[table]
    missing = [RowProblem(ours, "missing_column", "", ours) for ours in required if ours not in chosen]
    twice = [
        RowProblem(theirs, "double_column", ours, ours)
        for theirs, ours in mapping.items()
        if chosen.count(ours) > 1
    ]
    return (*missing, *twice)


def list_changes(
    before: Mapping[tuple[str, ...], Mapping[str, str]], after: Mapping[tuple[str, ...], Mapping[str, str]]
) -> list[dict[str, Any]]:
    """The rows that are new or differ, with each cell that differs: its column, old and new."""
    found = []
    organisations = {key[0] for key, row in before.items() if "slug" in row}
    for key, row in after.items():
        old = before.get(key, {})
        cells = [
            [column, old.get(column, ""), row.get(column, "")]
            for column in {**row, **old}
            if old.get(column, "") != row.get(column, "")
        ]
        if cells:
            name = row.get("name") or row.get("title_en") or row.get("title_sv") or row.get("title_fi", "")
            is_new = key not in before and key[0] not in organisations
            found.append({"key": " / ".join(key), "name": name, "is_new": is_new, "cells": cells})
    return found


def read_map_option(pairs: Sequence[str]) -> dict[str, str]:
    """`ours=theirs` of the command line as theirs → ours. Raises ValueError with the part that is none."""
    found = {}
    for pair in pairs:
        ours, sign, theirs = pair.partition("=")
        if not (sign and ours.strip() and theirs.strip()):
            raise ValueError(pair)
        found[theirs.strip()] = ours.strip()
    return found


def _bare(name: str) -> str:
    return "".join(c for c in fold(name) if c.isalnum())
