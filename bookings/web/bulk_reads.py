"""Pages with the data of many people say so; it is written down when the answer is ready."""

from flask import Flask, Response, g, request

from bookings.services.reads import record_list
from bookings.web.clock import utc_now
from bookings.web.security import current_staff, signed_in

_GOOD = 200


def note_list(what: str, rows: int) -> None:
    """This answer shows so many rows of `what` to the signed-in person."""
    g.list_read = (what, rows)


def init_bulk_reads(app: Flask) -> None:
    """After the view: its own reads are over by then."""
    app.after_request(_write_down)


def _write_down(response: Response) -> Response:
    noted = g.pop("list_read", None)
    if noted and response.status_code == _GOOD and request.method == "GET":
        what, rows = noted
        person_id = signed_in().staff_user_id
        record_list(what, rows=rows, person_id=person_id, who=current_staff(), now=utc_now())
    return response
