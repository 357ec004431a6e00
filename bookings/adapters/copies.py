"""Copies of the database: a file that is made whole or not at all, proved before it counts."""

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_MIGRATION_TABLE = "alembic_version"


class CopyRefusedError(Exception):
    """A copy cannot be made or taken; the text says why, for whoever sits at the terminal."""


@dataclass(frozen=True)
class Contents:
    """What a database holds: its migration and how many rows each table has."""

    migration: str
    counts: dict[str, int]


class Copies(Protocol):
    """How the database at hand is copied and filled."""

    def write(self, file: Path) -> None:
        """Put the database of one moment into the file while others write. Raises CopyRefusedError."""

    def read(self, file: Path) -> Contents:
        """What the file holds, read from its first octet to the last. Raises CopyRefusedError."""

    def fill(self, file: Path, *, replaces: bool) -> None:
        """Put the file in the place of the database, whole or not at all. Raises CopyRefusedError."""

    def look(self) -> Contents:
        """What the database holds now."""


@contextmanager
def new_file(path: Path, *, replaces: bool) -> Iterator[Path]:
    """A file beside `path` that takes its place when the block ends well; only its owner may read it.

    Raises CopyRefusedError when there is such a file already and it is not to be replaced.
    """
    if path.exists() and not replaces:
        raise CopyRefusedError(f"{path} exists already: name another file, or --force to replace it.")
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        beside.touch(mode=0o600, exist_ok=False)
        yield beside
        _flush(beside)
        # A link refuses what somebody put there meanwhile; a rename would not.
        beside.replace(path) if replaces else path.hardlink_to(beside)
        _flush(path.parent)
    except FileExistsError as error:
        raise CopyRefusedError(f"{path} exists already.") from error
    except OSError as error:
        raise CopyRefusedError(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


@dataclass(frozen=True)
class SqliteCopies:
    """A database in one file, copied by SQLite's online backup."""

    path: Path

    def write(self, file: Path) -> None:
        """One moment of the database; whoever writes meanwhile is not held up."""
        if not self.path.is_file():
            raise CopyRefusedError(f"there is no database at {self.path}.")
        try:
            with closing(_open(self.path)) as source, closing(sqlite3.connect(file)) as target:
                source.backup(target)
                # One file, without a journal beside it.
                target.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise CopyRefusedError(f"the database cannot be copied: {error}.") from error

    def read(self, file: Path) -> Contents:
        """The whole file, page by page and row by row."""
        try:
            with closing(_open(file, "?mode=ro&immutable=1")) as copy:
                return _examine(copy)
        except sqlite3.Error as error:
            raise CopyRefusedError(f"{file} is no whole database: {error}.") from error

    def fill(self, file: Path, *, replaces: bool) -> None:
        """One transaction of SQLite: who opens the database afterwards sees the copy, or all as it was."""
        try:
            with closing(sqlite3.connect(self.path, timeout=0, isolation_level=None)) as target:
                _lock_alone(target)
                if not replaces and _tables(target):
                    raise CopyRefusedError(
                        "the database holds tables already: --replace puts the copy there."
                    )
                with closing(_open(file, "?mode=ro&immutable=1")) as source:
                    source.backup(target)
        except sqlite3.Error as error:
            raise CopyRefusedError(f"the copy cannot be put in place: {error}.") from error
        self.path.chmod(0o600)

    def look(self) -> Contents:
        """The database as it is now."""
        with closing(_open(self.path)) as database:
            return _examine(database)


def _open(path: Path, options: str = "?mode=rw") -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}{options}", uri=True)


def _lock_alone(target: sqlite3.Connection) -> None:
    """With a journal of writes every connection holds the file for as long as it is open, also one that
    rests in a server's pool: the journal can be given up only by whoever is alone."""
    try:
        target.execute("PRAGMA journal_mode=DELETE")
        target.execute("PRAGMA locking_mode=EXCLUSIVE")
        target.execute("BEGIN EXCLUSIVE")
        target.execute("COMMIT")  # the lock stays with this connection
    except sqlite3.OperationalError as error:
        raise CopyRefusedError(
            "the database is in use: stop `bookings serve` and every worker first."
        ) from error


def _examine(database: sqlite3.Connection) -> Contents:
    damage = [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
    damage += [f"{row[0]}: a row points to nothing" for row in database.execute("PRAGMA foreign_key_check")]
    if damage:
        raise CopyRefusedError(f"the database is damaged: {'; '.join(damage[:3])}.")
    tables = _tables(database)
    counts = {name: _count(database, name) for name in tables if name != _MIGRATION_TABLE}
    if _MIGRATION_TABLE not in tables:
        raise CopyRefusedError("this is no database of Kvarken Visits.")
    found = database.execute(f"SELECT version_num FROM {_MIGRATION_TABLE}").fetchone()  # noqa: S608 (a constant)
    return Contents(found[0] if found else "", counts)


def _tables(database: sqlite3.Connection) -> Sequence[str]:
    found = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    )
    return [row[0] for row in found]


def _count(database: sqlite3.Connection, table: str) -> int:
    quoted = table.replace('"', '""')
    found: int = database.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608 (quoted)
    return found
