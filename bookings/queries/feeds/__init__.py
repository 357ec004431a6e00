"""Calendar feeds: secret addresses, the stops that they show, and what was rendered of these before."""

from bookings.queries.feeds.addresses import (
    FeedAddress,
    FeedScope,
    HostOfLink,
    find_feed_scope,
    find_host_of_link,
    list_host_feeds,
    list_staff_feeds,
)
from bookings.queries.feeds.people import PersonFeed, find_person_feed, find_person_feed_since
from bookings.queries.feeds.readers import (
    FeedReaders,
    WrittenStops,
    list_feed_readers,
    list_written_stops,
)
from bookings.queries.feeds.registrations import RegistrationFeed, find_feed_since, find_registration_feed
from bookings.queries.feeds.renderings import (
    list_missing_stops,
    list_renderings,
    list_stops,
    read_feed_version,
)
from bookings.queries.feeds.stops import FeedStop, find_slot_stop, list_visit_stops
from bookings.queries.feeds.visits import VisitFeed, load_visit_feed

__all__ = [
    "FeedAddress",
    "FeedReaders",
    "FeedScope",
    "FeedStop",
    "HostOfLink",
    "PersonFeed",
    "RegistrationFeed",
    "VisitFeed",
    "WrittenStops",
    "find_feed_scope",
    "find_feed_since",
    "find_host_of_link",
    "find_person_feed",
    "find_person_feed_since",
    "find_registration_feed",
    "find_slot_stop",
    "list_feed_readers",
    "list_host_feeds",
    "list_missing_stops",
    "list_renderings",
    "list_staff_feeds",
    "list_stops",
    "list_visit_stops",
    "list_written_stops",
    "load_visit_feed",
    "read_feed_version",
]
