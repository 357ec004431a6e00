"""Databases for tests: migrated once per test process, then copied for each test."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import make_url

from tests.support.apps import migrate

SERVER_VARIABLE = "BOOKINGS_TEST_POSTGRESQL"
MEMORY_FOLDER = Path("/dev/shm")
MEMORY_NEEDED = 2 * 1024**3


@dataclass
class SQLiteTemplate:
    """A migrated file that is copied for each test."""

    folder: Path

    def copy_into(self, folder: Path) -> str:
        """Address of a fresh, migrated database in `folder`."""
        template = self.folder / "template.sqlite3"
        if not template.exists():
            migrate(f"sqlite:///{template}", data_folder=self.folder)
            _fold_journal(template)
        return f"sqlite:///{shutil.copy(template, folder / 'bookings.sqlite3')}"


@dataclass
class PostgreSQLTemplate:
    """A migrated database on one server; tests get copies made by the server."""

    server_url: str
    folder: Path
    template: str = ""

    @contextmanager
    def copy(self) -> Iterator[str]:
        """Address of a fresh, migrated database, dropped at the end."""
        if not self.template:
            self.template = self._create(f"template_{uuid4().hex[:12]}")
            migrate(self._url(self.template), data_folder=self.folder)
        name = self._create(f"test_{uuid4().hex[:12]}", template=self.template)
        try:
            yield self._url(name)
        finally:
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Leave nothing behind on a server that outlives the tests."""
        if self.template:
            self._run(f'DROP DATABASE IF EXISTS "{self.template}" WITH (FORCE)')

    def _create(self, name: str, *, template: str = "template1") -> str:
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def _run(self, statement: str) -> None:
        address = make_url(self.server_url).set(drivername="postgresql")
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement.encode())

    def _url(self, name: str) -> str:
        url = make_url(self.server_url).set(drivername="postgresql+psycopg", database=name)
        return url.render_as_string(hide_password=False)


@dataclass(frozen=True)
class PostgreSQLServer:
    """A running server, and the way to stop it, where it is ours."""

    url: str
    embedded: Any = None

    def stop(self) -> None:
        """All connections end; new ones are refused."""
        self.embedded.stop()

    def start(self) -> None:
        """At the same address, with the same databases."""
        self.embedded.ensure_postgres_running()
        assert str(self.embedded.get_uri()) == self.url


@contextmanager
def postgresql_server(embedded: ModuleType | None) -> Iterator[PostgreSQLServer]:
    """The server that BOOKINGS_TEST_POSTGRESQL names, or an embedded one."""
    if named := os.environ.get(SERVER_VARIABLE):
        yield PostgreSQLServer(named)
    elif embedded is None:
        raise LookupError(f"no embedded PostgreSQL on this machine; name a server in {SERVER_VARIABLE}")
    else:
        with _embedded_server(embedded) as server:
            yield server


@contextmanager
def _embedded_server(embedded: ModuleType) -> Iterator[PostgreSQLServer]:
    # A short folder of its own: a socket's path may have 107 bytes only, and as root the server
    # runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="kvpg", dir=_quick_folder()))
    data = folder / "data"
    # Tests don't outlive a power cut; without fsync a test's database costs milliseconds.
    server = embedded.get_server(data, cleanup_mode="stop", start=False)
    try:
        server.ensure_pgdata_inited()
        with (data / "postgresql.conf").open("a") as conf:
            conf.write("fsync=off\nfull_page_writes=off\nsynchronous_commit=off\nmax_connections=200\n")
            conf.write("max_wal_size=256MB\n")
        server.start()
        yield PostgreSQLServer(str(server.get_uri()), server)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _quick_folder() -> Path | None:
    """Memory, where there is enough: a database has hundreds of files, and ext4 is slow to make new ones
    while others have just been deleted (0.7 s a database, 0.05 s in memory)."""
    if MEMORY_FOLDER.is_dir() and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_NEEDED:
        return MEMORY_FOLDER
    return None


def _fold_journal(path: Path) -> None:
    """A copy of the file alone must hold everything."""
    journal = path.with_name(path.name + "-wal")
    assert not journal.exists() or journal.stat().st_size == 0, "the template is still open"
