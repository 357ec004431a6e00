"""Calendar feeds: secret addresses that calendar programs read."""

from flask import Blueprint, Response

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.services.feeds import build_feed, open_feed
from bookings.settings import current_settings
from bookings.web.calendar_files import feed_response
from bookings.web.clock import utc_now
from bookings.web.security import link_gate

calendar = Blueprint("calendar", __name__)


@calendar.get("/calendar/<token>.ics")
@link_gate(LinkPurpose.CALENDAR_FEED)
def feed(token: str) -> Response:
    session = read_session()
    found = open_feed(session, token, app_name=current_settings().app.name, now=utc_now())
    return feed_response(found.etag, lambda: build_feed(session, found))
