"""How much hosts give: on a page, and as a file."""

from dataclasses import asdict, dataclass

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bookings.adapters.sheet_writer import write_csv
from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.queries.directory import load_directory
from bookings.queries.host_load import HostLoad, load_host_loads
from bookings.services.reads import record_export
from bookings.web.clock import utc_now
from bookings.web.downloads import file_response
from bookings.web.forms import whole_number
from bookings.web.planning_texts import duration_words
from bookings.web.security import current_staff, signed_in, staff_gate, takes_data_out
from bookings.web.texts import Names

staff_reports = Blueprint("staff_reports", __name__, url_prefix="/staff/reports")
reader = staff_gate(StaffRole.READER)

_COLUMNS = ("slug", "name", "place", "visits", "hours", "asked", "yes", "no", "silent", "answer_hours")
_MINUTES = 60
_PER_PAGE = 20


@dataclass(frozen=True)
class Pages:
    """Where in the list of hosts."""

    page: int
    pages: int
    total: int


@staff_reports.get("")
@reader
def start() -> AnyResponse:
    """The address that people keep: leads to the one report there is."""
    return redirect(url_for("staff_reports.hosts"))


@staff_reports.get("/hosts")
@reader
def hosts() -> str:
    session = read_session()
    loads = load_host_loads(session, now=utc_now())
    pages = max(1, -(-len(loads.hosts) // _PER_PAGE))
    page = min(max(request.args.get("page", 1, type=whole_number), 1), pages)
    return render_template(
        "reports/hosts.html",
        staff_page="reports",
        loads=loads.hosts[(page - 1) * _PER_PAGE : page * _PER_PAGE],
        towns=loads.towns,
        page=Pages(page, pages, len(loads.hosts)),
        page_url=lambda number: url_for("staff_reports.hosts", page=number, _anchor="hosts"),
        names=Names(load_directory(session)),
        answer_words=_answer_words,
    )


@staff_reports.get("/hosts.csv")
@reader
@takes_data_out
def hosts_file() -> Response:
    rows = [asdict(load) for load in load_host_loads(read_session(), now=utc_now()).hosts]
    person_id = signed_in().staff_user_id
    record_export("host_load", rows=len(rows), person_id=person_id, who=current_staff(), now=utc_now())
    content = write_csv(_COLUMNS, [{name: _cell(value) for name, value in row.items()} for row in rows])
    return file_response(content, "hosts.csv")


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _answer_words(load: HostLoad) -> str:
    return "" if load.answer_hours is None else duration_words(round(load.answer_hours * _MINUTES))
