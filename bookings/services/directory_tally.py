"""What an import did, row by row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bookings.db import Base

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""


@dataclass(frozen=True)
class ImportResult:
    """How many rows were new, changed, or stood there already."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def be_silent(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def apply_changes(row: Base, values: Mapping[str, object]) -> bool:
    """Writes what differs; True when anything did."""
    different = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in different.items():
        setattr(row, name, value)
    return bool(different)


def build_result(*, total: int, new: int, changed: int) -> ImportResult:
    """The rest of the rows stood there already."""
    return ImportResult(new, changed, total - new - changed)
