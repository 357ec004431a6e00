"""Staff: what waits for me, for my town, for all of us."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from bookings.db import read_session
from bookings.domain.staff import StaffRole, has_role, zone_of_town
from bookings.domain.time import local_day
from bookings.domain.today import Scope, ScopeName, WaitKind
from bookings.i18n import lazy_gettext as _l
from bookings.queries.tasks import HOME_ZONE
from bookings.queries.today import Moment, WaitingList, list_waiting
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.security import signed_in, staff_gate
from bookings.web.today.lines import TITLES, Line, build_line

staff_today = Blueprint("staff_today", __name__, url_prefix="/staff")
reader = staff_gate(StaffRole.READER)

_SHOWN = 5
_PER_PAGE = 25
_MOST_PAGES = 10_000
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
    found = [list_waiting(session, kind, scope, at, limit=_SHOWN) for kind in WaitKind]
    sections = [_build(one, at) for one in found if one.total]
    note_list("today", sum(len(one.rows) for one in found))
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
    page = min(max(request.args.get("page", 1, type=int), 1), _MOST_PAGES)
    session = read_session()
    found = list_waiting(session, wanted, scope, at, limit=_PER_PAGE, offset=(page - 1) * _PER_PAGE)
    if not found.total and page > 1:
        page, found = 1, list_waiting(session, wanted, scope, at, limit=_PER_PAGE)
    note_list("today", len(found.rows))
    return render_template(
        "today/list.html",
        section=_build(found, at),
        page=Pages(page, -(-found.total // _PER_PAGE), found.total),
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


def _build(found: WaitingList, at: Moment) -> Section:
    today = local_day(at.now, HOME_ZONE)
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
