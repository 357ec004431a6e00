"""Copies of a PostgreSQL database, by the programs of PostgreSQL: pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from bookings.adapters.copies import Contents, CopyRefusedError

_BEGINS = re.compile(rb'COPY public\."?(\w+)"? \(')
_TABLES = text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_LONGEST_WORDS = 500


@dataclass(frozen=True)
class PostgresqlCopies:
    """A database on a server, copied by pg_dump in its custom format."""

    url: str

    def write(self, file: Path) -> None:
        """One moment of the database; whoever writes meanwhile is not held up."""
        self._call("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")

    def read(self, file: Path) -> Contents:
        """Every row of the file, unpacked and counted."""
        command = [_find("pg_restore"), "--data-only", "--file=-", str(file)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:  # noqa: S603
            assert child.stdout is not None
            assert child.stderr is not None
            found = _count_rows(child.stdout)
            words = child.stderr.read()
        if child.returncode != 0 or not found.migration:
            raise CopyRefusedError(f"{file} is no whole copy: {_shorten(words) or 'it holds no tables'}.")
        return found

    def fill(self, file: Path, *, replaces: bool) -> None:
        """One transaction of PostgreSQL."""
        with self._connect() as connection:
            if connection.execute(_OTHERS).scalar_one():
                raise CopyRefusedError(
                    "the database is in use: stop `bookings serve` and every worker first."
                )
            has_tables = connection.execute(_TABLES).first() is not None
        if has_tables and not replaces:
            raise CopyRefusedError("the database holds tables already: --replace puts the copy there.")
        options = ("--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges")
        clean = ("--clean", "--if-exists") if has_tables else ()
        self._call("pg_restore", *options, *clean, str(file))

    def look(self) -> Contents:
        """The database as it is now."""
        with self._connect() as connection:
            tables = set(connection.scalars(_TABLES)) - {"alembic_version"}
            migration = connection.scalar(text("SELECT version_num FROM alembic_version"))
            counts = {name: _count(connection, name) for name in sorted(tables)}
        return Contents(str(migration or ""), counts)

    @contextmanager
    def _connect(self) -> Iterator[Connection]:
        engine = create_engine(self.url, hide_parameters=True)
        try:
            with engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise CopyRefusedError(f"the database cannot be used ({type(error).__name__}).") from error
        finally:
            engine.dispose()

    def _call(self, program: str, *arguments: str) -> None:
        address = make_url(self.url).set(drivername="postgresql")
        # Everybody on the machine may read the arguments of a process; its environment is its own.
        environment = {**os.environ, "PGPASSWORD": address.password or ""}
        shown = address.set(password=None).render_as_string()
        command = [_find(program), f"--dbname={shown}", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603
        if done.returncode != 0:
            raise CopyRefusedError(f"{program} failed: {_shorten(done.stderr)}.")


def _find(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise CopyRefusedError(
            f"{program} is not on the PATH: install PostgreSQL's client programs, of the server's version"
            " (on Debian and Ubuntu postgresql-client)."
        )
    return found


def _shorten(words: bytes) -> str:
    return " ".join(words.decode(errors="replace").split())[:_LONGEST_WORDS].rstrip(".")


def _count_rows(script: IO[bytes]) -> Contents:
    """A row is a line between `COPY` and `\\.`: line ends inside of values are written otherwise."""
    counts: dict[str, int] = {}
    migration, table = "", ""
    for line in script:
        if table and line == b"\\.\n":
            table = ""
        elif table == "alembic_version":
            migration = line.decode().strip()
        elif table:
            counts[table] += 1
        elif begins := _BEGINS.match(line):
            table = begins[1].decode()
            if table != "alembic_version":
                counts[table] = 0
    return Contents(migration, counts)


def _count(connection: Connection, table: str) -> int:
    found: int = connection.scalar(text(f'SELECT count(*) FROM "{table}"')) or 0  # noqa: S608 (its own names)
    return found
