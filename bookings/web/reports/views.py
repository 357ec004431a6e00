"""How much hosts give: on a page, and as a file."""

from dataclasses import asdict

from flask import Blueprint, Response, render_template

from bookings.adapters.sheet_writer import write_csv
from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.queries.directory import load_directory
from bookings.queries.host_load import HostLoad, list_host_loads, list_town_loads
from bookings.services.reads import record_export
from bookings.web.clock import utc_now
from bookings.web.planning_texts import duration_words
from bookings.web.security import current_staff, signed_in, staff_gate, takes_data_out
from bookings.web.texts import Names

staff_reports = Blueprint("staff_reports", __name__, url_prefix="/staff/reports")
reader = staff_gate(StaffRole.READER)

_COLUMNS = ("slug", "name", "place", "visits", "hours", "asked", "yes", "no", "silent", "answer_hours")
_MINUTES = 60


@staff_reports.get("/hosts")
@reader
def hosts() -> str:
    session, now = read_session(), utc_now()
    return render_template(
        "reports/hosts.html",
        staff_page="reports",
        loads=list_host_loads(session, now=now),
        towns=list_town_loads(session, now=now),
        names=Names(load_directory(session)),
        answer_words=_answer_words,
    )


@staff_reports.get("/hosts.csv")
@reader
@takes_data_out
def hosts_file() -> Response:
    rows = [asdict(load) for load in list_host_loads(read_session(), now=utc_now())]
    person_id = signed_in().staff_user_id
    record_export("host_load", rows=len(rows), person_id=person_id, who=current_staff(), now=utc_now())
    content = write_csv(_COLUMNS, [{name: _cell(value) for name, value in row.items()} for row in rows])
    headers = {"Content-Disposition": 'attachment; filename="hosts.csv"'}
    return Response(content, mimetype="text/csv", headers=headers)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _answer_words(load: HostLoad) -> str:
    return "" if load.answer_hours is None else duration_words(round(load.answer_hours * _MINUTES))
