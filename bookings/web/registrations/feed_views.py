"""The own days and meetings at an event in a calendar that reads them from the internet."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.events import choose_text
from bookings.domain.links import LinkPurpose
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.feeds import find_feed_since
from bookings.queries.registrations.person_page import find_person_page
from bookings.services.outbox import site_url
from bookings.services.registrations import create_own_feed, revoke_own_feed
from bookings.web.clock import utc_now
from bookings.web.registrations.views import registrations
from bookings.web.security import link_gate

_gate = link_gate(LinkPurpose.MANAGE_REGISTRATION)


@registrations.get("/registrations/<token>/calendar")
@_gate
def calendar(token: str) -> str:
    """Since when there is an address."""
    return _page(token)


@registrations.post("/registrations/<token>/calendar")
@_gate
def make_address(token: str) -> str:
    """The new address stands on this page once: only its hash is stored."""
    fresh = create_own_feed(token, now=utc_now())
    read_session().rollback()
    return _page(token, fresh=site_url("calendar.feed", token=fresh))


@registrations.post("/registrations/<token>/calendar/stop")
@_gate
def stop_address(token: str) -> ResponseReturnValue:
    """Calendars that read it find nothing any more."""
    revoke_own_feed(token, now=utc_now())
    flash(_("The address does not work any more."), "success")
    return redirect(url_for("registrations.calendar", token=token), 303)


def _page(token: str, *, fresh: str = "") -> str:
    session, now = read_session(), utc_now()
    page = find_person_page(session, token, now=now)
    return render_template(
        "registrations/calendar.html",
        page=page,
        token=token,
        title=choose_text(page.event.title, current_language()),
        since=find_feed_since(session, page.registration.id, now=now),
        fresh={"url": fresh, "webcal": f"webcal{fresh[fresh.index(':') :]}"} if fresh else None,
    )
