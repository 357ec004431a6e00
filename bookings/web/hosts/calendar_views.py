"""Feeds and the own calendar of a host, on the host's own page."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.audit import Who
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import Actor
from bookings.queries.host_files import HostFile, load_own_file
from bookings.web.clock import utc_now
from bookings.web.host_calendars import (
    WAYS,
    FreshAddress,
    OwnCalendarForm,
    fault_sentence,
    forget_own_calendar,
    keep_own_calendar,
    load_host_calendars,
    make_feed,
    stop_feed,
)
from bookings.web.hosts.views import host_page
from bookings.web.security import link_gate

__all__ = ["host_page"]

_gate = link_gate(LinkPurpose.HOST_PAGE)


@host_page.get("/calendar")
@_gate
def calendars(token: str) -> str:
    return _page(token, _find(token))


@host_page.post("/calendar/<any(host,busy):kind>")
@_gate
def make_address(token: str, kind: str) -> str:
    """The new secret address stands on this page once: only its hash is stored."""
    file = _find(token)
    return _page(token, file, fresh=make_feed(file.contact_id, kind, who=_who(file)))


@host_page.post("/calendar/<any(host,busy):kind>/stop")
@_gate
def stop_address(token: str, kind: str) -> ResponseReturnValue:
    file = _find(token)
    stop_feed(file.contact_id, kind, who=_who(file))
    return _back(token)


@host_page.post("/calendar/own")
@_gate
def keep_calendar(token: str) -> ResponseReturnValue:
    file, form = _find(token), OwnCalendarForm()
    if keep_own_calendar(file.contact_id, form, who=_who(file)):
        return _back(token)
    return _page(token, file, form=form), 422


@host_page.post("/calendar/own/forget")
@_gate
def forget_calendar(token: str) -> ResponseReturnValue:
    file = _find(token)
    forget_own_calendar(file.contact_id, who=_who(file))
    return _back(token)


def _find(token: str) -> HostFile:
    return load_own_file(read_session(), token, now=utc_now())


def _who(file: HostFile) -> Who:
    return Who(Actor.HOST, file.find_contact(file.contact_id).name)


def _page(
    token: str, file: HostFile, *, fresh: FreshAddress | None = None, form: OwnCalendarForm | None = None
) -> str:
    return render_template(
        "hosts/calendars.html",
        token=token,
        file=file,
        calendars=load_host_calendars(read_session(), [file.contact_id])[file.contact_id],
        form=form or OwnCalendarForm(formdata=None),
        has_errors=form is not None,
        fresh=fresh,
        way=lambda name, **values: url_for(WAYS[name].format("host_page"), token=token, **values),
        fault_sentence=fault_sentence,
    )


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("host_page.calendars", token=token), 303)
