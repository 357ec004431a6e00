"""Pages of events: everybody's, and those of staff."""

from collections.abc import Iterator
from datetime import timedelta

from bookings.cli.demo_events import add_example_events
from bookings.db import read_session
from bookings.queries.events import find_event
from bookings.services.events import cancel_event
from tests.support.adviser_pages import add_advice, list_advice_addresses
from tests.support.clock import NOW
from tests.support.door_pages import FILES, add_days, list_day_addresses
from tests.support.events import STAFF, an_event
from tests.support.meeting_pages import MEETING_FILES, add_meetings, list_meeting_addresses
from tests.support.registration_pages import (
    REGISTRATION_FILES,
    add_registrations,
    list_registration_addresses,
)

FAIR, SEMINAR = "kvarken-energy-week", "grids-for-the-green-transition"

# Routes with GET that answer with a file.
EVENT_FILES = {"events.entry", "events.feed", *FILES, *MEETING_FILES, *REGISTRATION_FILES}


def add_events() -> None:
    """The demo's events, one that does not take place, and one that is full."""
    add_example_events(now=NOW)
    an_event("Hydrogen day", minimum=4, decides_at=NOW + timedelta(days=20), capacity=9)
    an_event("Full day", capacity=0)
    add_days()
    add_meetings()
    add_registrations()
    add_advice()
    cancel_event(an_event("Cancelled day").slug, reason="The hall burnt down.", who=STAFF, now=NOW)


def list_event_addresses() -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each page."""
    month = (NOW + timedelta(weeks=10)).strftime("%Y-%m")
    for query in ("", f"?view=month&month={month}", "?q=nothing-like-this", "?past=1"):
        yield "events.index", f"/events{query}", "nobody"
    for name in (FAIR, SEMINAR, "hydrogen-day", "full-day", "cancelled-day"):
        yield "events.show", f"/events/{name}?zone=Asia/Tokyo", "nobody"
    yield from _staff_addresses()
    yield from list_day_addresses()
    yield from list_registration_addresses()
    yield from list_meeting_addresses()
    yield from list_advice_addresses()


def _staff_addresses() -> Iterator[tuple[str, str, str]]:
    home = "/staff/events"
    fair, seminar = (find_event(read_session(), name) for name in (FAIR, SEMINAR))
    assert fair
    assert seminar
    yield "staff_events.index", f"{home}?show=all", "coordinator"
    yield "staff_events.index", f"{home}?show=past", "reader"
    yield "staff_events.new", f"{home}/new", "coordinator"
    for name in (FAIR, "batteries-in-the-north", "hydrogen-day", "cancelled-day"):
        yield "staff_events.show", f"{home}/{name}", "coordinator"
    yield "staff_events.preview", f"{home}/batteries-in-the-north/preview", "reader"
    for act in ("edit", "sites", "cancel", "copy", "series"):
        yield f"staff_events.{act}", f"{home}/{FAIR}/{act}", "coordinator"
    yield "staff_events.no_go", f"{home}/hydrogen-day/no-go", "coordinator"
    for kind in ("part", "ticket", "speaker"):
        yield f"staff_event_parts.new_{kind}", f"{home}/{FAIR}/{kind}s/new", "coordinator"
    yield "staff_event_parts.part", f"{home}/{FAIR}/parts/{fair.parts[1].id}", "coordinator"
    yield "staff_event_parts.ticket", f"{home}/{FAIR}/tickets/{fair.tickets[1].id}", "coordinator"
    yield "staff_event_parts.speaker", f"{home}/{SEMINAR}/speakers/1", "coordinator"
