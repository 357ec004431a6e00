"""The day of an event for staff: who is there, letting people in, links for those who help at the doors."""

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.adapters.qr import draw_qr_address
from bookings.db import read_session
from bookings.domain.doors import LINK_LASTS
from bookings.domain.events import EventState
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import gettext as _
from bookings.queries.doors import find_door_event, list_doors
from bookings.services.doors import close_door, open_door, record_check_ins
from bookings.services.outbox import site_url
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.doors.page import build_door_page, flash_answer, kept_of_form
from bookings.web.doors.scans import read_form_scan
from bookings.web.doors.walk_ins import answer_walk_in
from bookings.web.security import current_staff, signed_in, staff_gate

staff_doors = Blueprint("staff_doors", __name__, url_prefix="/staff/events/<slug>/door")
_coordinator = staff_gate(StaffRole.COORDINATOR)


@staff_doors.get("")
@staff_gate(StaffRole.READER)
def show(slug: str) -> str:
    return _draw(slug)


@staff_doors.post("/check-in")
@_coordinator
def check_in(slug: str) -> ResponseReturnValue:
    now = utc_now()
    event = find_door_event(read_session(), slug=slug)
    scan = read_form_scan(request.form, now=now)
    answer = record_check_ins(slug, [scan], who=current_staff(), now=now)[0] if scan else None
    flash_answer(answer, event, _("Type the code of a badge, or look for a name."))
    return redirect(url_for("staff_doors.show", slug=slug, **kept_of_form()), 303)


@staff_doors.route("/walk-in", methods=["GET", "POST"])
@_coordinator
def walk_in(slug: str) -> ResponseReturnValue:
    now = utc_now()
    return answer_walk_in(
        find_door_event(read_session(), slug=slug),
        who=current_staff(),
        now=now,
        back=url_for("staff_doors.show", slug=slug),
        let_in=partial(record_check_ins, slug, who=current_staff(), now=now),
    )


@staff_doors.post("/links")
@_coordinator
def open_link(slug: str) -> ResponseReturnValue:
    """The answer itself shows the link: only its hash is kept, so it is shown once and never again."""
    token = open_door(slug, who=current_staff(), now=utc_now())
    read_session().rollback()
    return _draw(slug, new_link=site_url("doors.show", token=token))


@staff_doors.post("/links/<int(max=2147483647):link_id>/close")
@_coordinator
def close_link(slug: str, link_id: int) -> ResponseReturnValue:
    close_door(slug, link_id, who=current_staff(), now=utc_now())
    flash(_("The link works no longer. Devices remove their lists when they next have a network."), "success")
    return redirect(url_for("staff_doors.show", slug=slug) + "#links", 303)


def _draw(slug: str, *, new_link: str = "") -> str:
    session = read_session()
    event = find_door_event(session, slug=slug)
    page, now = build_door_page(event), utc_now()
    can_act = has_role(signed_in().roles, StaffRole.COORDINATOR)
    if page.people:
        note_list("registration", len(page.people))
    return render_template(
        "doors/staff.html",
        staff_page="events",
        page=page,
        links=list_doors(session, event.id, now=now),
        new_link=new_link,
        new_link_code=draw_qr_address(new_link) if new_link else "",
        can_act=can_act,
        can_open=can_act and event.state == EventState.PUBLISHED and now < event.ends_at + LINK_LASTS,
    )
