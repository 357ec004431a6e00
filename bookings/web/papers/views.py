"""Papers of an event for staff, and a person's own certificate. Taking lists out is written down."""

import logging

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.domain.papers import BadgeLayout, BadgeSize, ListKind
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import current_language, say
from bookings.i18n import gettext as _
from bookings.queries.doors import count_doors, find_door_event
from bookings.queries.papers import list_paper_people
from bookings.services.papers import (
    ListOrder,
    Order,
    PaperFile,
    PrintingError,
    make_list,
    print_badges,
    print_certificate,
    print_own_certificate,
)
from bookings.services.papers.badges import MOST_BADGES
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.security import current_staff, link_gate, signed_in, staff_gate, takes_data_out

staff_papers = Blueprint("staff_papers", __name__, url_prefix="/staff/events/<slug>/papers")
certificates = Blueprint("certificates", __name__, url_prefix="/registrations")
log = logging.getLogger("bookings.printing")
_coordinator = staff_gate(StaffRole.COORDINATOR)
_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_MOST_SHOWN = 200


@staff_papers.get("")
@staff_gate(StaffRole.READER)
def show(slug: str) -> str:
    session = read_session()
    event = find_door_event(session, slug=slug)
    people = list_paper_people(session, event)
    came = [person for person in people if person.arrived_at]
    missed = [person for person in people if not person.arrived_at]
    is_over = utc_now() >= event.ends_at
    if people:
        note_list("registration", len(people))
    return render_template(
        "papers/show.html",
        staff_page="events",
        event=event,
        title=say(event.title),
        counts=count_doors(session, event),
        came=came[:_MOST_SHOWN],
        missed=missed[:_MOST_SHOWN] if is_over else [],
        missed_count=len(missed),
        is_over=is_over,
        files=-(-len(people) // MOST_BADGES),
        can_act=has_role(signed_in().roles, StaffRole.COORDINATOR),
    )


@staff_papers.post("/badges")
@_coordinator
@takes_data_out
def badges(slug: str) -> ResponseReturnValue:
    size, layout = request.form.get("size", ""), request.form.get("layout", "")
    page = request.form.get("page", "1")
    try:
        made = print_badges(
            slug,
            BadgeSize(size) if size in list(BadgeSize) else BadgeSize.CARD,
            BadgeLayout(layout) if layout in list(BadgeLayout) else BadgeLayout.SHEET,
            _order(),
            page=int(page) if page.isascii() and page.isdigit() and 0 < len(page) < len("1000") else 1,
        )
    except PrintingError as error:
        return _not_printed(slug, error)
    return _answer(made)


@staff_papers.post("/list")
@_coordinator
@takes_data_out
def attendance(slug: str) -> ResponseReturnValue:
    kind, form = request.form.get("kind", ""), request.form.get("form", "")
    wanted = ListOrder(
        ListKind(kind) if kind in list(ListKind) else ListKind.CAME, form if form in _TYPES else "pdf"
    )
    try:
        made = make_list(slug, wanted, _order())
    except PrintingError as error:
        return _not_printed(slug, error)
    return _answer(made)


@staff_papers.post("/certificates/<int(max=2147483647):registration_id>")
@_coordinator
@takes_data_out
def certificate(slug: str, registration_id: int) -> ResponseReturnValue:
    try:
        made = print_certificate(slug, registration_id, _order())
    except PrintingError as error:
        return _not_printed(slug, error)
    return _answer(made)


@certificates.get("/<token>/certificate.pdf")
@link_gate(LinkPurpose.MANAGE_REGISTRATION)
def own(token: str) -> ResponseReturnValue:
    try:
        return _answer(print_own_certificate(token, now=utc_now()), disposition="inline")
    except PrintingError:
        log.exception("a certificate was not printed")
        abort(503)


def _order() -> Order:
    return Order(signed_in().staff_user_id, current_staff(), utc_now())


def _answer(made: PaperFile, *, disposition: str = "attachment") -> Response:
    answer = Response(made.content, content_type=_TYPES[made.name.rpartition(".")[2]])
    answer.headers["Content-Disposition"] = f'{disposition}; filename="{made.name}"'
    answer.headers["Content-Language"] = current_language()
    answer.headers["Cache-Control"] = "no-store"
    if made.sha256:
        answer.headers["X-List-SHA256"] = made.sha256
    return answer


def _not_printed(slug: str, error: PrintingError) -> ResponseReturnValue:
    log.error("a paper was not printed", exc_info=error)
    flash(_("The paper could not be set just now. Try again in a minute."), "error")
    return redirect(url_for("staff_papers.show", slug=slug), 303)
