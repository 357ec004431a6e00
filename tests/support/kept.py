"""What one test has made ready, for the tests after it in this process: compiled templates and statements.

Each test has an application and a database of its own; without these, compiling would be half of its time.
"""

from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

from bookings.db import database
from bookings.i18n import current_language


class KeptTemplates(BytecodeCache):
    """Templates, compiled once for each language by the first test that shows them."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return f"{current_language()} {name} {filename}"

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_TEMPLATES = KeptTemplates()
_STATEMENTS: dict[Any, Any] = {}


def keep_compiled(app: Flask) -> None:
    """Let this application use what others have compiled."""
    app.jinja_env.bytecode_cache = _TEMPLATES
    with app.app_context():
        for engine in database.engines.values():
            engine.update_execution_options(compiled_cache=_STATEMENTS)


def _hash_by_kind(dialect: Any) -> int:
    return hash(type(dialect))


def _is_of_one_kind(dialect: Any, other: object) -> bool:
    return type(dialect) is type(other)


# SQLAlchemy keeps a statement for the dialect it was compiled in, and each engine has a dialect of its own:
# two engines of one kind speak the same here.
for _kind in (PGDialect_psycopg, SQLiteDialect_pysqlite):
    _kind.__hash__ = _hash_by_kind  # type: ignore[method-assign, assignment]
    _kind.__eq__ = _is_of_one_kind  # type: ignore[method-assign]
