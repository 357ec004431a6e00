"""Staff's calendar: month, week and list, made on the server; every entry in the zone of its place."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.feeds import FeedKind
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.queries.calendar import list_stops
from bookings.queries.directory import load_directory
from bookings.queries.feeds import list_staff_feeds
from bookings.services.feeds import create_staff_feed, revoke_staff_feed
from bookings.services.outbox import site_url
from bookings.web.calendar.staff_days import (
    PLACE,
    SHOWN_ZONES,
    VIEWS,
    Sheet,
    build_sheet,
    short_day,
    weekday_name,
)
from bookings.web.clock import utc_now
from bookings.web.host_calendars import FreshAddress
from bookings.web.security import current_staff, signed_in, staff_gate
from bookings.web.texts import SLOT_STATES, Names

staff_calendar = Blueprint("staff_calendar", __name__, url_prefix="/staff/calendar")

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@staff_calendar.get("")
@staff_gate(StaffRole.READER)
def show() -> str:
    """A month unless a week or a list is asked for; what makes no sense in the address is left out."""
    return _render_page()


@staff_calendar.post("/address")
@staff_gate(StaffRole.READER)
def create_address() -> str:
    """The new secret address stands on this page once: only its hash is stored."""
    town = request.form.get("town", "")
    token = create_staff_feed(signed_in().staff_user_id, town=town, who=current_staff(), now=utc_now())
    return _render_page(fresh=FreshAddress(FeedKind.STAFF, site_url("calendar.feed", token=token)))


@staff_calendar.post("/address/stop")
@staff_gate(StaffRole.READER)
def revoke_address() -> ResponseReturnValue:
    town = request.form.get("town", "")
    revoke_staff_feed(signed_in().staff_user_id, town=town, who=current_staff(), now=utc_now())
    flash(_("The address does not work any more."), "success")
    return redirect(url_for("staff_calendar.show", _anchor="feed"), 303)


def _render_page(fresh: FreshAddress | None = None) -> str:
    session, today = read_session(), utc_now().date()
    directory = load_directory(session)
    sheet = _read_sheet(today)
    town = request.args.get("town", "")
    town = town if town in directory.places.by_slug else ""
    stops = list_stops(session, sheet.span, town=town)
    return render_template(
        "calendar/staff_calendar.html",
        sheet=sheet,
        days=sheet.build_days(stops),
        weeks=sheet.build_weeks(stops),
        today=today,
        town=town,
        towns=directory.places.partners,
        zones=SHOWN_ZONES,
        views=VIEWS,
        names=Names(directory),
        slot_states=SLOT_STATES,
        weekday_name=weekday_name,
        short_day=short_day,
        own_feeds=list_staff_feeds(session, signed_in().staff_user_id),
        fresh=fresh,
        address=lambda **changes: _address(sheet, town, **changes),
    )


def _read_sheet(today: date) -> Sheet:
    arguments = request.args
    view, zone = arguments.get("view", ""), arguments.get("zone", "")
    try:
        day = date.fromisoformat(arguments.get("date", ""))
    except ValueError:
        day = today
    if not _FIRST_YEAR <= day.year < _LAST_YEAR:
        day = today
    return build_sheet(view if view in VIEWS else "month", day, zone if zone in SHOWN_ZONES else PLACE)


def _address(sheet: Sheet, town: str, **changes: Any) -> str:
    values = {"view": sheet.view, "date": sheet.day.isoformat(), "zone": sheet.zone, "town": town, **changes}
    return url_for("staff_calendar.show", **{name: value for name, value in values.items() if value})
