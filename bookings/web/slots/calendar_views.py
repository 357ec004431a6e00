"""The host's own page for calendars: feeds of all visits to this host, and the own calendar that is read."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.audit import Who
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import Actor
from bookings.queries.feeds import HostOfLink, find_host_of_link
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
from bookings.web.security import link_gate
from bookings.web.slots.views import slots

__all__ = ["slots"]

_gate = link_gate(LinkPurpose.ANSWER_SLOT)


@slots.get("/slots/<token>/calendar")
@_gate
def calendars(token: str) -> str:
    return _page(token, _find(token))


@slots.post("/slots/<token>/calendar/<any(host,busy):kind>")
@_gate
def make_address(token: str, kind: str) -> str:
    """The new secret address stands on this page once: only its hash is stored."""
    host = _find(token)
    return _page(token, host, fresh=make_feed(host.contact_id, kind, who=_who(host)))


@slots.post("/slots/<token>/calendar/<any(host,busy):kind>/stop")
@_gate
def stop_address(token: str, kind: str) -> ResponseReturnValue:
    host = _find(token)
    stop_feed(host.contact_id, kind, who=_who(host))
    return _back(token)


@slots.post("/slots/<token>/calendar/own")
@_gate
def keep_calendar(token: str) -> ResponseReturnValue:
    host, form = _find(token), OwnCalendarForm()
    if keep_own_calendar(host.contact_id, form, who=_who(host)):
        return _back(token)
    return _page(token, host, form=form), 422


@slots.post("/slots/<token>/calendar/own/forget")
@_gate
def forget_calendar(token: str) -> ResponseReturnValue:
    host = _find(token)
    forget_own_calendar(host.contact_id, who=_who(host))
    return _back(token)


def _find(token: str) -> HostOfLink:
    return find_host_of_link(read_session(), token, now=utc_now())


def _who(host: HostOfLink) -> Who:
    return Who(Actor.HOST, host.name)


def _page(
    token: str, host: HostOfLink, *, fresh: FreshAddress | None = None, form: OwnCalendarForm | None = None
) -> str:
    return render_template(
        "slots/calendars.html",
        token=token,
        host=host,
        calendars=load_host_calendars(read_session(), [host.contact_id])[host.contact_id],
        form=form or OwnCalendarForm(formdata=None),
        has_errors=form is not None,
        fresh=fresh,
        way=lambda name, **values: url_for(WAYS[name].format("slots"), token=token, **values),
        fault_sentence=fault_sentence,
    )


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("slots.calendars", token=token), 303)
