"""Events as calendar files, and the links that put one into a calendar on the web."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from bookings.adapters.ical.build import build_publish
from bookings.adapters.ical.values import EntryStatus, InvitationEntry
from bookings.domain.events import EventState
from bookings.queries.directory import Directory
from bookings.services.outbox import site_url
from bookings.settings import current_settings
from bookings.web.event_texts import event_where, in_own_words


def build_calendar(rows: Iterable[Any], directory: Directory, *, name: str = "") -> bytes:
    """A file with these events, in the reader's language; nobody is invited by it."""
    return build_publish((_entry(row, directory) for row in rows), name=name)


def _entry(row: Any, directory: Directory) -> InvitationEntry:
    return InvitationEntry(
        uid=f"event-{row.slug}@{current_settings().mail.domain}",
        sequence=row.version,
        dtstamp=row.starts_at,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=row.time_zone,
        summary=in_own_words(row.title),
        description=in_own_words(row.summary),
        location=event_where(row, directory, with_street=True),
        url=site_url("events.show", slug=row.slug),
        status=EntryStatus.CANCELLED if row.state == EventState.CANCELLED else EntryStatus.CONFIRMED,
        is_busy=False,
    )


def google_link(event: Any, directory: Directory) -> str:
    """The form of Google's calendar, filled in."""
    parameters = {
        "action": "TEMPLATE",
        "text": in_own_words(event.title),
        "dates": f"{_stamp(event.starts_at)}/{_stamp(event.ends_at)}",
        "ctz": event.time_zone,
        "details": f"{in_own_words(event.summary)}\n{site_url('events.show', slug=event.slug)}",
        "location": event_where(event, directory, with_street=True),
    }
    return f"https://calendar.google.com/calendar/render?{urlencode(parameters)}"


def outlook_link(event: Any, directory: Directory) -> str:
    """The form of Outlook on the web, filled in."""
    parameters = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": in_own_words(event.title),
        "startdt": event.starts_at.isoformat(),
        "enddt": event.ends_at.isoformat(),
        "body": f"{in_own_words(event.summary)} {site_url('events.show', slug=event.slug)}",
        "location": event_where(event, directory, with_street=True),
    }
    return f"https://outlook.office.com/calendar/0/deeplink/compose?{urlencode(parameters)}"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")
