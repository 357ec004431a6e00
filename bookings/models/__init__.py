"""Tables. Importing this package makes every table known to `Base.metadata`."""

from bookings.models import (
    audit,
    busy,
    calendar,
    directory,
    feeds,
    holds,
    hosts,
    inbox,
    limits,
    links,
    newsletter,
    offers,
    outbox,
    slots,
    staff,
    visits,
)

__all__ = [
    "audit",
    "busy",
    "calendar",
    "directory",
    "feeds",
    "holds",
    "hosts",
    "inbox",
    "limits",
    "links",
    "newsletter",
    "offers",
    "outbox",
    "slots",
    "staff",
    "visits",
]
