"""Staff: find everything by a few letters."""

from dataclasses import asdict, dataclass

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from bookings.db import read_session
from bookings.domain.errors import TextNotAllowedError
from bookings.domain.staff import StaffRole
from bookings.domain.text import clean_line, fold
from bookings.i18n import gettext as _
from bookings.queries.find import find_hosts, find_visits
from bookings.web.bulk_reads import note_list
from bookings.web.security import staff_gate
from bookings.web.staff_links import list_staff_links

staff_find = Blueprint("staff_find", __name__, url_prefix="/staff")
reader = staff_gate(StaffRole.READER)

_LONGEST = 100
_SHORTEST = 2
_MOST = 20
_MOST_IN_PALETTE = 8


@dataclass(frozen=True)
class Found:
    """One result: what kind of thing, its name, more about it, and where it is."""

    kind: str
    label: str
    detail: str
    url: str


@staff_find.get("/find")
@reader
def show() -> str:
    """The results as a page."""
    text = _read_text()
    return render_template("find/index.html", text=text, results=_find(text, _MOST), shortest=_SHORTEST)


@staff_find.get("/find.json")
@reader
def answer() -> Response:
    """The results for the palette, which knows the pages already."""
    results = [asdict(one) for one in _find(_read_text(), _MOST_IN_PALETTE) if one.kind != _("Page")]
    return jsonify(results=results)


def _read_text() -> str:
    try:
        return clean_line(request.args.get("q", "")[:_LONGEST], max_length=_LONGEST)
    except TextNotAllowedError:
        return ""


def _find(text: str, most: int) -> list[Found]:
    pages = [
        Found(_("Page"), link["label"], "", link["url"])
        for link in list_staff_links()
        if not text or fold(text) in fold(link["label"])
    ]
    if len(text) < _SHORTEST:
        return pages
    session = read_session()
    visits = [
        Found(
            _("Visit"),
            one.organisation,
            f"{one.reference} · {one.contact_name}",
            url_for("staff_visits.show", reference=one.reference),
        )
        for one in find_visits(session, text, limit=most)
    ]
    if visits:
        note_list("found", len(visits))
    hosts = [
        Found(_("Company"), one.name, "", url_for("staff_hosts.show", slug=one.slug))
        for one in find_hosts(session, text, limit=most)
    ]
    return [*visits, *hosts, *pages]
