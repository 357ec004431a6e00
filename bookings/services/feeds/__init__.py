"""Calendar feeds: secret addresses, and what feeds and files to download hold."""

from bookings.services.feeds.addresses import (
    create_host_feed,
    create_staff_feed,
    revoke_host_feed,
    revoke_staff_feed,
)
from bookings.services.feeds.entries import build_host_file, build_programme_file
from bookings.services.feeds.reading import Feed, build_feed, open_feed
from bookings.services.feeds.storing import render_ahead

__all__ = [
    "Feed",
    "build_feed",
    "build_host_file",
    "build_programme_file",
    "create_host_feed",
    "create_staff_feed",
    "open_feed",
    "render_ahead",
    "revoke_host_feed",
    "revoke_staff_feed",
]
