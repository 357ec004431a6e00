"""Staff's page of an organisation: all that is known of it as a host, each part with its form."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.host_files import load_host_file
from bookings.services.hosts import StaffDoor, send_host_page
from bookings.web.clock import utc_now
from bookings.web.hosts.editing import (
    STAFF_FORMS,
    EditedHost,
    edit_page,
    remove_part,
    show_offer_again,
)
from bookings.web.hosts.facts import build_page
from bookings.web.security import current_staff, signed_in, staff_gate

staff_hosts = Blueprint("staff_hosts", __name__, url_prefix="/staff/directory/<slug>")
_coordinator = staff_gate(StaffRole.COORDINATOR)
_KIND = "<any(organisation,terms,contacts,sites,closures,offers,blackouts,exclusions):kind>"
_ROW = "<int(max=2147483647):row_id>"


@staff_hosts.get("")
@staff_gate(StaffRole.READER)
def show(slug: str) -> str:
    session, now = read_session(), utc_now()
    file = load_host_file(session, slug, now=now)
    return render_template(
        "hosts/staff_show.html",
        file=file,
        page=build_page(file, load_directory(session), now=now),
        can_edit=has_role(signed_in().roles, StaffRole.COORDINATOR),
    )


@staff_hosts.route(f"/{_KIND}/new", methods=["GET", "POST"])
@_coordinator
def new(slug: str, kind: str) -> ResponseReturnValue:
    return edit_page(_open(slug), kind, 0)


@staff_hosts.route(f"/{_KIND}/{_ROW}", methods=["GET", "POST"])
@_coordinator
def edit(slug: str, kind: str, row_id: int) -> ResponseReturnValue:
    return edit_page(_open(slug), kind, row_id)


@staff_hosts.post(f"/{_KIND}/{_ROW}/remove")
@_coordinator
def remove(slug: str, kind: str, row_id: int) -> ResponseReturnValue:
    return remove_part(_open(slug), kind, row_id)


@staff_hosts.post(f"/offers/{_ROW}/show")
@_coordinator
def show_offer(slug: str, row_id: int) -> ResponseReturnValue:
    return show_offer_again(_open(slug), row_id)


@staff_hosts.post(f"/contacts/{_ROW}/page")
@_coordinator
def send_page(slug: str, row_id: int) -> ResponseReturnValue:
    send_host_page(StaffDoor(slug, current_staff()), row_id, now=utc_now())
    flash(_("The link to the host's own page is on its way."), "success")
    return redirect(url_for("staff_hosts.show", slug=slug), 303)


def _open(slug: str) -> EditedHost:
    now = utc_now()
    return EditedHost(
        door=StaffDoor(slug, current_staff()),
        file=load_host_file(read_session(), slug, now=now),
        layout="staff_base.html",
        back=url_for("staff_hosts.show", slug=slug),
        forms=STAFF_FORMS,
        now=now,
    )
