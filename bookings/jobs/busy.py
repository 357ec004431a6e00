"""Reading hosts' own calendars: one after the other, each at most once an hour, none for long."""

import logging
from datetime import datetime

from bookings.adapters.busy_reader import CalendarUnreadableError, read_busy_times
from bookings.adapters.foreign_calendar import INTERNET, CalendarFetchError, Network, fetch_calendar
from bookings.domain.busy import LOOK_AHEAD, merge_times
from bookings.domain.time import Interval
from bookings.services.busy import (
    CalendarToRead,
    claim_calendar,
    record_busy_times,
    record_calendar_fault,
    record_unchanged,
)
from bookings.settings import current_settings

log = logging.getLogger("bookings.jobs")

_AT_ONCE = 5
"""Mails wait meanwhile: five slow servers cost them half a minute at most."""


def read_calendars(*, now: datetime, network: Network = INTERNET) -> int:
    """Read those whose turn it is, a few at a time; returns how many."""
    for number in range(_AT_ONCE):
        calendar = claim_calendar(now=now)
        if calendar is None:
            return number
        _read(calendar, now=now, network=network)
    return _AT_ONCE


def _read(calendar: CalendarToRead, *, now: datetime, network: Network) -> None:
    try:
        fetched = fetch_calendar(
            calendar.address, etag=calendar.etag, last_modified=calendar.last_modified, network=network
        )
        if fetched.content is None:
            return record_unchanged(calendar, now=now)
        times = read_busy_times(
            fetched.content,
            zone=calendar.time_zone,
            span=Interval(now, now + LOOK_AHEAD),
            own_domain=current_settings().mail.domain,
        )
    except (CalendarFetchError, CalendarUnreadableError) as error:
        log.info("calendar of host contact %d: %s", calendar.contact_id, error)
        return record_calendar_fault(calendar, str(error), now=now)
    return record_busy_times(
        calendar, merge_times(times), etag=fetched.etag, last_modified=fetched.last_modified, now=now
    )
