"""Tables. Importing this package makes every table known to `Base.metadata`."""

from bookings.models import (
    audit,
    calendar,
    directory,
    holds,
    inbox,
    limits,
    links,
    newsletter,
    outbox,
    slots,
    staff,
    visits,
)

__all__ = [
    "audit",
    "calendar",
    "directory",
    "holds",
    "inbox",
    "limits",
    "links",
    "newsletter",
    "outbox",
    "slots",
    "staff",
    "visits",
]
