"""Calendar feeds: secret addresses that calendar programs read."""

from http import HTTPStatus

from flask import Blueprint, Response

from bookings.db import read_session
from bookings.domain.feeds import FeedKind
from bookings.domain.links import LinkPurpose
from bookings.services.feeds import build_feed, open_feed
from bookings.services.reads import record_feed_read
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
    answer = feed_response(found.etag, lambda: build_feed(session, found))
    # Hosts and visitors read what is theirs; staff's own addresses show the visits of everybody.
    is_of_staff = getattr(found.source, "kind", None) == FeedKind.STAFF
    if is_of_staff and answer.status_code == HTTPStatus.OK:
        record_feed_read(token, now=utc_now())
    return answer
