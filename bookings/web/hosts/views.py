"""A host's own page, by a link in a mail: is this still right? One press, or change it. No account."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.domain.time import home_day
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.host_files import load_own_file
from bookings.queries.host_load import find_host_load
from bookings.services.hosts import HostDoor, confirm_host
from bookings.web.clock import utc_now
from bookings.web.hosts.editing import (
    HOST_FORMS,
    EditedHost,
    edit_page,
    remove_part,
    show_offer_again,
)
from bookings.web.hosts.facts import build_page
from bookings.web.planning_texts import duration_words
from bookings.web.security import link_gate

host_page = Blueprint("host_page", __name__, url_prefix="/hosts/<token>")
_gate = link_gate(LinkPurpose.HOST_PAGE)
_KIND = "<any(terms,contacts,sites,offers,blackouts,exclusions):kind>"
_ROW = "<int(max=2147483647):row_id>"


@host_page.get("")
@_gate
def show(token: str) -> str:
    session, now = read_session(), utc_now()
    file = load_own_file(session, token, now=now)
    page = build_page(file, load_directory(session), now=now)
    return render_template(
        "hosts/show.html",
        file=file,
        page=page,
        token=token,
        today=home_day(now),
        load=find_host_load(session, file.company.id, now=now),
        duration_words=duration_words,
    )


@host_page.post("/confirm")
@_gate
def confirm(token: str) -> ResponseReturnValue:
    confirm_host(token, now=utc_now())
    flash(_("Thank you. We have noted that all of this is still right."), "success")
    return _back(token)


@host_page.route(f"/{_KIND}/new", methods=["GET", "POST"])
@_gate
def new(token: str, kind: str) -> ResponseReturnValue:
    return edit_page(_open(token), kind, 0)


@host_page.route(f"/{_KIND}/{_ROW}", methods=["GET", "POST"])
@_gate
def edit(token: str, kind: str, row_id: int) -> ResponseReturnValue:
    return edit_page(_open(token), kind, row_id)


@host_page.post(f"/{_KIND}/{_ROW}/remove")
@_gate
def remove(token: str, kind: str, row_id: int) -> ResponseReturnValue:
    return remove_part(_open(token), kind, row_id)


@host_page.post(f"/offers/{_ROW}/show")
@_gate
def show_offer(token: str, row_id: int) -> ResponseReturnValue:
    return show_offer_again(_open(token), row_id)


def _open(token: str) -> EditedHost:
    now = utc_now()
    return EditedHost(
        door=HostDoor(token),
        file=load_own_file(read_session(), token, now=now),
        layout="base.html",
        back=url_for("host_page.show", token=token),
        forms=HOST_FORMS,
        now=now,
    )


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("host_page.show", token=token), 303)
