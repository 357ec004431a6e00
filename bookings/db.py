"""The database: one engine, plain reads, and `transaction()` for use cases that write."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as BoundSession
from sqlalchemy import JSON, Connection, DateTime, Dialect, MetaData, Table, event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from bookings.domain.errors import NestedTransactionError
from bookings.settings import Settings
from bookings.turns import Turn

Call = ParamSpec("Call")
Result = TypeVar("Result")
# Serialization failure, deadlock, lock not available in time, and a statement out of time: on a busy machine
# it has waited for its turn.
_CONFLICT_STATES = ("40001", "40P01", "55P03", "57014")
_CONFLICT_RETRIES = 3
_LOCK_PART = 0.8
"""Of the time of a statement: whoever waits is told so, and not that the statement was slow."""
_LONGEST_QUEUE_SECONDS = 30  # as long as a request may take


_turns: WeakKeyDictionary[Engine, Turn] = WeakKeyDictionary()


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware going in, UTC coming out. A naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """Every table. Constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[str]: JSON}  # noqa: RUF012


class _OneDatabaseSession(BoundSession):
    """All tables live in one database: no statement has to look for the engine of its own."""

    def __init__(self, db: SQLAlchemy, **options: Any) -> None:
        super().__init__(db, **options)
        self._engine = db.engine

    def get_bind(self, *_places: Any, bind: Engine | Connection | None = None, **_more: Any) -> Any:
        return bind or self._engine


database = SQLAlchemy(metadata=Base.metadata, session_options={"class_": _OneDatabaseSession})


def table_of(model: type[Base]) -> Table:
    """For statements that every request costs: without the ORM around them they are several times cheaper."""
    return cast(Table, model.__table__)


def engine_options(settings: Settings) -> dict[str, Any]:
    """Time limits of connections; both databases wait for a lock only so long. Faults name no values."""
    limits = settings.database
    if settings.database_url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": limits.lock_timeout_seconds},
            "pool_size": limits.pool_size,
            # The last one used has its pages and statements at hand.
            "pool_use_lifo": True,
            "hide_parameters": True,
        }
    lock_seconds = min(limits.lock_timeout_seconds, limits.statement_timeout_seconds * _LOCK_PART)
    options = (
        f"-c statement_timeout={limits.statement_timeout_seconds * 1000}"
        f" -c lock_timeout={lock_seconds * 1000:.0f} -c timezone=UTC"
    )
    return {
        "connect_args": {"options": options},
        "pool_size": limits.pool_size,
        "pool_pre_ping": True,
        "hide_parameters": True,
    }


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: object, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    # SQLAlchemy's BEGIN has to be ours: the driver would begin deferred, behind our back.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    # Reads begin deferred (IMMEDIATE costs them eightfold); a use case takes the write lock at once,
    # because SQLite drops FOR UPDATE and a read turned into a write would double-book.
    options = connection.get_execution_options()
    driver = cast(sqlite3.Connection, connection.connection.driver_connection)
    if not options.get("writes", False):
        driver.execute("BEGIN")  # every request costs it, and it waits for nothing
        return
    driver.execute(f"PRAGMA synchronous={'FULL' if options.get('flushes', True) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def transaction(*, flushes: bool = True) -> Iterator[Session]:
    """The one transaction of a use case: commits at the end, rolls back on any error, never nests.

    Without `flushes` the commit outlives this process, but perhaps not a power cut.
    Raises NestedTransactionError when a use case calls another.
    """
    session = database.session()
    if session.info.get("in_use_case"):
        raise NestedTransactionError
    if session.in_transaction():
        session.rollback()  # ends the read that the request has begun
    session.info["in_use_case"] = True
    with _turn_to_write(database.engine, first=not flushes):
        try:
            connection = session.connection(execution_options={"writes": True, "flushes": flushes})
            if not flushes and connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise
        finally:
            session.info.pop("in_use_case", None)


@contextmanager
def _turn_to_write(engine: Engine, *, first: bool) -> Iterator[None]:
    """Threads of one process queue for SQLite's one write lock.

    SQLite itself lets waiters sleep and try again, and whoever is unlucky for some seconds is told that the
    database is locked. Other processes still wait that way. Whoever need not wait for the disk is soon done
    and goes `first`: a mail that waits to leave is then held up by one page at most, not by all of them.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    turn = _turn_of(engine)
    has_turn = turn.take(first=first, timeout=_LONGEST_QUEUE_SECONDS)
    try:
        yield
    finally:
        if has_turn:
            turn.pass_on()


def _turn_of(engine: Engine) -> Turn:
    return _turns.setdefault(engine, Turn())


def would_wait_to_write() -> bool:
    """Does another thread of this process hold SQLite's write lock? What can be put off, better is."""
    return database.engine.dialect.name == "sqlite" and _turn_of(database.engine).is_taken


def retry_conflicts(use_case: Callable[Call, Result]) -> Callable[Call, Result]:
    """Let a use case begin anew when PostgreSQL ended it because of another transaction.

    Waiters stand in a row, so whoever begins anew after a long wait lets the others go on meanwhile.
    """

    @wraps(use_case)
    def retrying(*args: Call.args, **kwargs: Call.kwargs) -> Result:
        for _attempt in range(_CONFLICT_RETRIES):
            try:
                return use_case(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.orig, "sqlstate", None) not in _CONFLICT_STATES:
                    raise
        return use_case(*args, **kwargs)

    return retrying


def scratch_session() -> Session:
    """A session of its own for what-if: close it, and nothing has happened."""
    return Session(database.engine, autoflush=False)


def read_session() -> Session:
    """The session that queries of this request or job read with."""
    return database.session()
