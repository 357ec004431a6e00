"""A host's own calendars, behind each link that a host has: feeds, and the calendar that is read."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.audit import Who
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import Actor
from bookings.queries.feeds import HostOfLink
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


@dataclass(frozen=True)
class OwnPages:
    """Where the pages hang: the link that opens them, where it leads else, and whose it is."""

    blueprint: Blueprint
    path: str
    purpose: LinkPurpose
    home: str
    find: Callable[[str], HostOfLink]


def add_own_calendars(pages: OwnPages) -> None:
    """Five routes: the page, addresses of feeds made and stopped, the own calendar named and taken back."""
    blueprint, path, find, gate = pages.blueprint, pages.path, pages.find, link_gate(pages.purpose)

    @blueprint.get(path)
    @gate
    def calendars(token: str) -> str:
        return _page(pages, token)

    @blueprint.post(f"{path}/<any(host,busy):kind>")
    @gate
    def make_address(token: str, kind: str) -> str:
        """The new secret address stands on this page once: only its hash is stored."""
        host = find(token)
        return _page(pages, token, fresh=make_feed(host.contact_id, kind, who=_who(host)))

    @blueprint.post(f"{path}/<any(host,busy):kind>/stop")
    @gate
    def stop_address(token: str, kind: str) -> ResponseReturnValue:
        host = find(token)
        stop_feed(host.contact_id, kind, who=_who(host))
        return _back(pages, token)

    @blueprint.post(f"{path}/own")
    @gate
    def keep_calendar(token: str) -> ResponseReturnValue:
        host, form = find(token), OwnCalendarForm()
        if keep_own_calendar(host.contact_id, form, who=_who(host)):
            return _back(pages, token)
        return _page(pages, token, form=form), 422

    @blueprint.post(f"{path}/own/forget")
    @gate
    def forget_calendar(token: str) -> ResponseReturnValue:
        host = find(token)
        forget_own_calendar(host.contact_id, who=_who(host))
        return _back(pages, token)


def _who(host: HostOfLink) -> Who:
    return Who(Actor.HOST, host.name)


def _page(
    pages: OwnPages, token: str, *, fresh: FreshAddress | None = None, form: OwnCalendarForm | None = None
) -> str:
    host = pages.find(token)
    return render_template(
        "calendar/own.html",
        host=host,
        back=url_for(pages.home, token=token),
        calendars=load_host_calendars(read_session(), [host.contact_id])[host.contact_id],
        form=form or OwnCalendarForm(formdata=None),
        has_errors=form is not None,
        fresh=fresh,
        way=lambda name, **values: url_for(WAYS[name].format(pages.blueprint.name), token=token, **values),
        fault_sentence=fault_sentence,
    )


def _back(pages: OwnPages, token: str) -> ResponseReturnValue:
    return redirect(url_for(f"{pages.blueprint.name}.calendars", token=token), 303)
