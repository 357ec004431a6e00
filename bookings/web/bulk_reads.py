"""Pages with the data of many people say so; it is written down when the answer has left.

Whoever reads a list does not wait for whoever writes: the line is written by the same thread, but after the
last octet. A stop of the server waits for such threads; a line that the database refuses is named in the log.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from bookings.domain.audit import Who
from bookings.services.reads import record_list
from bookings.web.clock import utc_now
from bookings.web.security import current_staff, signed_in

log = logging.getLogger("bookings.web")
_GOOD = 200


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """Who saw how much of what, and when."""

    what: str
    rows: int
    person_id: int
    who: Who
    at: datetime


def note_list(what: str, rows: int) -> None:
    """This answer shows so many rows of `what` to the signed-in person."""
    g.list_read = (what, rows)


def init_bulk_reads(app: Flask) -> None:
    """Every answer that was noted leaves its line behind when it is closed."""

    def remember(response: Response) -> Response:
        noted = g.pop("list_read", None)
        if noted and response.status_code == _GOOD and request.method == "GET":
            what, rows = noted
            reading = _Reading(
                what=what, rows=rows, person_id=signed_in().staff_user_id, who=current_staff(), at=utc_now()
            )
            response.call_on_close(_build_writer(app, reading))
        return response

    app.after_request(remember)


def _build_writer(app: Flask, reading: _Reading) -> Callable[[], None]:
    def write() -> None:
        # The request is over by then, and with it its session of the database.
        with app.app_context():
            try:
                record_list(
                    reading.what, rows=reading.rows, person_id=reading.person_id, who=reading.who,
                    now=reading.at,
                )  # fmt: skip
            except SQLAlchemyError:
                log.exception(
                    "The trail lacks a line: account %d read %d rows of %s at %s",
                    reading.person_id, reading.rows, reading.what, reading.at.isoformat(),
                )  # fmt: skip

    return write
