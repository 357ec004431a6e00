"""Calendar feeds: secret addresses that calendar programs read."""

from flask import Blueprint, Response

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.queries.feeds import load_feed
from bookings.services.feeds import build_feed
from bookings.settings import current_settings
from bookings.web.calendar_files import calendar_response
from bookings.web.clock import utc_now
from bookings.web.security import link_gate

calendar = Blueprint("calendar", __name__)


@calendar.get("/calendar/<token>.ics")
@link_gate(LinkPurpose.CALENDAR_FEED)
def feed(token: str) -> Response:
    found = load_feed(read_session(), token, now=utc_now())
    body = build_feed(found, name=current_settings().app.name)
    return calendar_response(body, name="visits.ics")
