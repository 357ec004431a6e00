"""A database that is locked, full, restarted or gone: come back in a moment, and nothing is lost."""

import logging

from flask import Flask
from sqlalchemy.exc import DataError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bookings.i18n import gettext as _
from bookings.web.errors import Page, error_page, http_texts, tell_fault
from bookings.web.typed import list_typed

log = logging.getLogger("bookings.web")

# A full disk, by SQLite's name and PostgreSQL's state.
_FULL = ("SQLITE_FULL", "SQLITE_IOERR_WRITE", "53100")


def init_outages(app: Flask) -> None:
    """Faults of the database become pages that keep what was typed."""
    app.register_error_handler(DBAPIError, _tell_database_fault)
    app.register_error_handler(PoolTimeoutError, _tell_busy)


def _tell_database_fault(error: DBAPIError) -> Page:
    """A locked, full or restarted database is an outside failure: come back in a moment.

    PostgreSQL takes no NUL in a text. Fields that one types into refuse it before; it only comes in others.
    """
    if isinstance(error, DataError) and "NUL (0x00)" in str(error.orig):
        title, message = http_texts(400)
        return error_page(400, title=title, message=message)
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return _tell_busy(error)
    return tell_fault(error)


def _tell_busy(error: DBAPIError | PoolTimeoutError) -> Page:
    """All connections in use is busy, too. A full disk is told apart: waiting alone does not mend it."""
    cause = getattr(error, "orig", None) or error
    name = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None)
    log.warning("database not available: %s %s", type(cause).__name__, name or "")
    title, message = http_texts(503)
    if name in _FULL:
        title = _("Nothing can be stored at the moment")
        message = _("Our storage is full. What was stored before is safe; nothing new can be taken yet.")
    return error_page(503, title=title, message=message, typed=list_typed())
