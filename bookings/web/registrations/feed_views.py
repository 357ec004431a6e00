"""What somebody is registered for in a calendar that reads it from the internet: all of it, or one event."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.events import choose_text
from bookings.domain.links import LinkPurpose
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.feeds import find_feed_since, find_person_feed_since
from bookings.queries.registrations.person_page import find_person_page
from bookings.services.outbox import site_url
from bookings.services.registrations import (
    create_own_feed,
    create_person_feed,
    revoke_own_feed,
    revoke_person_feed,
)
from bookings.web.clock import utc_now
from bookings.web.registrations.views import registrations
from bookings.web.security import link_gate

_gate = link_gate(LinkPurpose.MANAGE_REGISTRATION)


@registrations.get("/registrations/<token>/calendar")
@_gate
def calendar(token: str) -> str:
    """Since when there are addresses."""
    return _page(token)


@registrations.post("/registrations/<token>/calendar")
@_gate
def make_address(token: str) -> str:
    """The new address of this event stands on this page once: only its hash is stored."""
    return _page_with(token, create_own_feed(token, now=utc_now()))


@registrations.post("/registrations/<token>/calendar/stop")
@_gate
def stop_address(token: str) -> ResponseReturnValue:
    """Calendars that read it find nothing any more."""
    revoke_own_feed(token, now=utc_now())
    return _say_stopped(token)


@registrations.post("/registrations/<token>/calendar/all")
@_gate
def make_person_address(token: str) -> str:
    """The new address of everything, as that of one event."""
    return _page_with(token, create_person_feed(token, now=utc_now()), shows_all=True)


@registrations.post("/registrations/<token>/calendar/all/stop")
@_gate
def stop_person_address(token: str) -> ResponseReturnValue:
    """As that of one event, from the page of any event."""
    revoke_person_feed(token, now=utc_now())
    return _say_stopped(token)


def _say_stopped(token: str) -> ResponseReturnValue:
    flash(_("The address does not work any more."), "success")
    return redirect(url_for("registrations.calendar", token=token), 303)


def _page_with(token: str, feed_token: str, *, shows_all: bool = False) -> str:
    read_session().rollback()
    url = site_url("calendar.feed", token=feed_token)
    fresh = {"url": url, "webcal": f"webcal{url[url.index(':') :]}", "shows_all": shows_all}
    return _page(token, fresh=fresh)


def _page(token: str, *, fresh: dict[str, Any] | None = None) -> str:
    session, now = read_session(), utc_now()
    page = find_person_page(session, token, now=now)
    return render_template(
        "registrations/calendar.html",
        page=page,
        token=token,
        title=choose_text(page.event.title, current_language()),
        since=find_feed_since(session, page.registration.id, now=now),
        all_since=find_person_feed_since(session, page.registration.email),
        fresh=fresh,
    )
