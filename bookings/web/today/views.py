"""Staff: what waits for me, for my town, for all of us."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from bookings.db import read_session
from bookings.domain.staff import StaffRole, has_role, zone_of_town
from bookings.domain.time import home_day
from bookings.domain.today import EVENT_KINDS, Scope, ScopeName, WaitKind
from bookings.i18n import lazy_gettext as _l
from bookings.queries.today import Moment, Waiting, WaitingList, list_waiting
from bookings.queries.today_events import WaitingEvent, list_waiting_events
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.security import signed_in, staff_gate
from bookings.web.today.event_lines import build_event_line
from bookings.web.today.lines import TITLES, Line, build_line

staff_today = Blueprint("staff_today", __name__, url_prefix="/staff")
reader = staff_gate(StaffRole.READER)

_SHOWN = 5
_PER_PAGE = 10
_MOST_PAGES = 10_000
_OF_VISITS = tuple(kind for kind in WaitKind if kind not in EVENT_KINDS)
SCOPES = {ScopeName.MINE: _l("Mine"), ScopeName.TOWN: _l("My town"), ScopeName.ALL: _l("All")}


@dataclass(frozen=True)
class Section:
    """Things of one kind under their heading."""

    kind: WaitKind
    title: str
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True)
class Pages:
    """Where in a long list."""

    page: int
    pages: int
    total: int


@staff_today.get("/")
@reader
def show() -> str:
    """The first things of each kind with the number of all of them."""
    scope, at = _read_scope(), _moment()
    session = read_session()
    sections = [
        *(_build(list_waiting(session, kind, scope, at, limit=_SHOWN), at) for kind in _OF_VISITS),
        *(
            _build_of_events(found, at)
            for found in list_waiting_events(session, EVENT_KINDS, scope, at, limit=_SHOWN)
        ),
    ]
    note_list("today", sum(len(one.lines) for one in sections))
    order = list(WaitKind)
    sections = sorted((one for one in sections if one.total), key=lambda one: order.index(one.kind))
    return render_template(
        "today/index.html", sections=sections, tabs=_tabs(scope, "staff_today.show"), **_common(scope)
    )


@staff_today.get("/today/<kind>")
@reader
def waiting(kind: str) -> str:
    """All things of one kind, from the same statement as their number."""
    if kind not in set(WaitKind):
        abort(404)
    scope, at, wanted = _read_scope(), _moment(), WaitKind(kind)
    page = min(max(request.args.get("page", 1, type=whole_number), 1), _MOST_PAGES)
    section = _read_section(wanted, scope, at, page)
    if not section.total and page > 1:
        page, section = 1, _read_section(wanted, scope, at, 1)
    note_list("today", len(section.lines))
    return render_template(
        "today/list.html",
        section=section,
        page=Pages(page, -(-section.total // _PER_PAGE), section.total),
        page_url=lambda number: url_for("staff_today.waiting", kind=kind, scope=scope.name, page=number),
        tabs=_tabs(scope, "staff_today.waiting", kind=kind),
        **_common(scope),
    )


def _read_scope() -> Scope:
    person, name = signed_in(), request.args.get("scope", "")
    towns = tuple(sorted(person.towns or {person.town} - {""}))
    return Scope(ScopeName(name) if name in set(ScopeName) else ScopeName.MINE, person.staff_user_id, towns)


def _moment() -> Moment:
    return Moment(utc_now(), zone_of_town(signed_in().town))


def _read_section(kind: WaitKind, scope: Scope, at: Moment, page: int) -> Section:
    session, start = read_session(), (page - 1) * _PER_PAGE
    if kind in EVENT_KINDS:
        found = list_waiting_events(session, (kind,), scope, at, limit=_PER_PAGE, offset=start)
        return _build_of_events(found[0], at)
    return _build(list_waiting(session, kind, scope, at, limit=_PER_PAGE, offset=start), at)


def _build_of_events(found: WaitingList[WaitingEvent], at: Moment) -> Section:
    lines = tuple(build_event_line(found.kind, row, at) for row in found.rows)
    return Section(found.kind, str(TITLES[found.kind]), lines, found.total)


def _build(found: WaitingList[Waiting], at: Moment) -> Section:
    today = home_day(at.now)
    lines = tuple(build_line(found.kind, row, at, today=today) for row in found.rows)
    return Section(found.kind, str(TITLES[found.kind]), lines, found.total)


def _tabs(scope: Scope, endpoint: str, **values: Any) -> list[dict[str, object]]:
    return [
        {
            "label": str(label),
            "url": url_for(endpoint, scope=name, **values),
            "is_current": name is scope.name,
        }
        for name, label in SCOPES.items()
    ]


def _common(scope: Scope) -> dict[str, object]:
    return {"scope": scope, "can_act": has_role(set(signed_in().roles), StaffRole.COORDINATOR)}
