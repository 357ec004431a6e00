"""The one way in by mail: three doors lead to `receive_mail`; what is not certain waits for staff."""

from bookings.adapters.sandbox import ReaderNotAvailableError
from bookings.services.inbox.decisions import (
    accept_alias,
    accept_deputy,
    count_message,
    ignore_message,
    reply_to_message,
)
from bookings.services.inbox.receiving import Received, receive_mail
from bookings.services.inbox.upkeep import prune_inbox, record_position

__all__ = [
    "ReaderNotAvailableError",
    "Received",
    "accept_alias",
    "accept_deputy",
    "count_message",
    "ignore_message",
    "prune_inbox",
    "receive_mail",
    "record_position",
    "reply_to_message",
]
