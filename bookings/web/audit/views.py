"""Admins see who read, took out and changed what, and take the list out as a file."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, url_for

from bookings.adapters.sheet_writer import write_csv
from bookings.db import read_session
from bookings.domain.staff import StaffRole, zone_of_town
from bookings.i18n import lazy_gettext as _l
from bookings.queries.audit import TrailFilter, TrailKind, TrailRow, count_trail, list_actors, list_trail
from bookings.services.reads import record_export
from bookings.web.audit.words import act_words, detail_words, subject_words
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.downloads import file_response
from bookings.web.forms import YEARS, whole_number
from bookings.web.security import current_staff, signed_in, staff_gate, takes_data_out

staff_audit = Blueprint("staff_audit", __name__, url_prefix="/staff/audit")
admin = staff_gate(StaffRole.ADMIN)
_PER_PAGE = 50
_MOST_ROWS = 20_000
_LONGEST_PAGE = 100_000
_COLUMNS = ("when", "who", "kind", "action", "what", "id", "rows", "detail")
_KINDS = {
    TrailKind.READS: _l("Read and taken out"),
    TrailKind.PEOPLE: _l("People and signing in"),
    TrailKind.ALL: _l("Everything"),
}


class Page(NamedTuple):
    """Where one is in a long list."""

    page: int
    pages: int
    total: int


@staff_audit.get("")
@admin
def index() -> str:
    """The newest first; by default what was read in bulk."""
    session, wanted = read_session(), _read_filter(request.args.to_dict())
    total = count_trail(session, wanted)
    pages = max(1, -(-total // _PER_PAGE))
    number = min(max(1, request.args.get("page", 1, type=whole_number)), pages, _LONGEST_PAGE)
    rows = list_trail(session, wanted, page=number, per_page=_PER_PAGE)
    note_list("audit", len(rows))
    asked: dict[str, Any] = {name: request.args.get(name, "") for name in ("kind", "name", "since", "until")}
    return render_template(
        "audit/index.html",
        staff_page="people",
        rows=rows,
        page=Page(number, pages, total),
        page_url=lambda target: url_for("staff_audit.index", **asked, page=target),
        kinds=_KINDS,
        actors=list_actors(session),
        wanted=wanted,
        asked=asked,
        time_zone=_zone(),
        act_words=act_words,
        subject_words=subject_words,
        detail_words=detail_words,
    )


@staff_audit.post("/export")
@admin
@takes_data_out
def export() -> Response:
    """The same acts as a file; this is written down too."""
    session, wanted = read_session(), _read_filter(request.form.to_dict())
    rows = [_cells(row) for row in list_trail(session, wanted, page=1, per_page=_MOST_ROWS)]
    now = utc_now()
    record_export("audit", rows=len(rows), person_id=signed_in().staff_user_id, who=current_staff(), now=now)
    return file_response(write_csv(_COLUMNS, rows), f"audit-{now:%Y-%m-%d}.csv")


def _cells(row: TrailRow) -> dict[str, str]:
    return {
        "when": row.happened_at.isoformat(timespec="seconds"),
        "who": row.actor_name,
        "kind": row.actor_kind,
        "action": row.action,
        "what": row.noun,
        "id": str(row.subject_id),
        "rows": str(row.detail.get("rows", "")),
        "detail": detail_words(row),
    }


def _read_filter(asked: dict[str, Any]) -> TrailFilter:
    """What makes no sense in the address is left out."""
    kind = asked.get("kind", "")
    until = _read_day(asked.get("until", ""))
    return TrailFilter(
        kind=TrailKind(kind) if kind in set(TrailKind) else TrailKind.READS,
        name=asked.get("name", "").replace("\0", ""),
        since=_read_day(asked.get("since", "")),
        until=until + timedelta(days=1) if until else None,
    )


def _read_day(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text).date()
    except ValueError:
        return None
    if found.year not in YEARS:
        return None
    return datetime.combine(found, time.min, ZoneInfo(_zone())).astimezone(UTC)


def _zone() -> str:
    return zone_of_town(signed_in().town)
