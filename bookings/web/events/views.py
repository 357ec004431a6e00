"""Events for everybody: the list, a month, one event, and both as calendar files."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from bookings.db import read_session
from bookings.domain.events import Door, EventKind, EventState, is_past, list_days, read_door
from bookings.domain.time import home_day, is_time_zone
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory, load_directory
from bookings.queries.events import EventRow, EventView, find_event, list_public_events, load_event
from bookings.web.calendar_files import calendar_response
from bookings.web.clock import utc_now
from bookings.web.event_texts import (
    DOOR_TAGS,
    KINDS,
    PRESENCES,
    door_sentence,
    event_when,
    event_where,
    in_own_words,
    other_clock,
    places_sentence,
    text_language,
)
from bookings.web.events.calendars import build_calendar, google_link, outlook_link
from bookings.web.events.filters import build_filter, next_month, read_asked
from bookings.web.events.shown import build_days, build_structured_data, list_hosts, speaker_line
from bookings.web.security import public
from bookings.web.texts import month_name, weekday_and_day

events = Blueprint("events", __name__)

ZONES = (
    "Europe/Stockholm", "Europe/Helsinki", "Europe/London", "Europe/Berlin", "America/New_York",
    "America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata", "Australia/Sydney", "UTC",
)  # fmt: skip


@events.get("/events")
@public
def index() -> str:
    """What is to come, unless a month or the past is asked for."""
    session, now = read_session(), utc_now()
    directory = load_directory(session)
    asked = read_asked(request.args, directory, today=home_day(now))
    umbrella = find_event(session, asked.umbrella) if asked.umbrella else None
    if umbrella is not None and umbrella.state == EventState.DRAFT:
        umbrella = None
    umbrella_id = (umbrella.id if umbrella else 0) if asked.umbrella else None
    wanted = build_filter(asked, directory, umbrella_id=umbrella_id, now=now)
    rows = list_public_events(session, wanted)
    if asked.is_past:
        rows.reverse()
    return render_template(
        "events/index.html",
        asked=asked,
        cards=[_Card(row, directory) for row in rows],
        weeks=_build_weeks(asked.month, rows) if asked.month and asked.view == "month" else None,
        months=(next_month(asked.month, -1), next_month(asked.month, 1)) if asked.month else None,
        umbrella=umbrella,
        kinds=KINDS,
        towns=directory.places.partners,
        address=lambda **changes: _address(asked.parameters(**changes)),
        in_own_words=in_own_words,
        today=home_day(now),
        weekday_and_day=weekday_and_day,
        month_name=month_name,
    )


@events.get("/events.ics")
@public
def feed() -> Response:
    """The events to come as a calendar to subscribe to, narrowed as the list is."""
    session, now = read_session(), utc_now()
    directory = load_directory(session)
    asked = read_asked(request.args, directory, today=home_day(now))
    wanted = build_filter(asked, directory, umbrella_id=None, now=now)
    body = build_calendar(list_public_events(session, wanted), directory, name=_("Events – Kvarken Visits"))
    return calendar_response(body, name="events.ics")


@events.get("/events/<slug>")
@public
def show(slug: str) -> str:
    session, now = read_session(), utc_now()
    view = load_event(session, slug, is_public=True)
    return render_template("events/show.html", **page_values(view, now=now))


@events.get("/events/<slug>/event.ics")
@public
def entry(slug: str) -> Response:
    """One event as a file for a calendar."""
    session = read_session()
    view = load_event(session, slug, is_public=True)
    body = build_calendar([view.event], load_directory(session))
    return calendar_response(body, name=f"{slug}.ics")


def _address(parameters: dict[str, Any]) -> str:
    return url_for("events.index", **parameters)


def page_values(view: EventView, *, now: datetime, is_preview: bool = False) -> dict[str, Any]:
    """What the page of an event shows, for everybody and in staff's preview."""
    directory, event = load_directory(read_session()), view.event
    zone = request.args.get("zone", "")
    own_zone = zone if is_time_zone(zone) else event.time_zone
    door = read_door(view.door_facts, now=now)
    return {
        "view": view,
        "event": event,
        "is_preview": is_preview,
        "door": door,
        "door_words": door_sentence(view.door_facts, event.time_zone, now=now),
        "door_tag": DOOR_TAGS[door],
        "can_register": door in (Door.OPEN, Door.WAITING_LIST) and not is_preview,
        "register_url": _register_url(view),
        "is_past": is_past(event.ends_at, now=now),
        "when": event_when(event.starts_at, event.ends_at, event.time_zone),
        "when_other": other_clock(event.starts_at, event.ends_at, event.time_zone, own_zone),
        "where": event_where(event, directory, with_street=True),
        "days": build_days(view, directory, own_zone=own_zone),
        "hosts": list_hosts(view, directory),
        "directory": directory,
        "zones": ZONES,
        "own_zone": own_zone,
        "structured": build_structured_data(view, directory, now=now),
        "google": google_link(event, directory),
        "outlook": outlook_link(event, directory),
        "speaker_line": speaker_line,
        "places_sentence": places_sentence,
        "event_when": event_when,
        "in_own_words": in_own_words,
        "text_language": text_language,
        "kinds": KINDS,
        "presences": PRESENCES,
    }


def _register_url(view: EventView) -> str:
    """On advisory days one books a time with somebody, which registers, too."""
    is_advice = view.event.kind == EventKind.ADVISORY_DAY
    return url_for("advisers.index" if is_advice else "registrations.register", slug=view.event.slug)


class _Card:
    """One event of the list."""

    def __init__(self, row: EventRow, directory: Directory) -> None:
        now = utc_now()
        self.row = row
        self.title, self.summary = in_own_words(row.title), in_own_words(row.summary)
        self.language = text_language(row.title)
        self.when = event_when(row.starts_at, row.ends_at, row.time_zone)
        self.where = event_where(row, directory)
        self.kind = KINDS.get(row.kind, row.kind)  # type: ignore[call-overload]
        self.door = read_door(row.door_facts, now=now)
        self.words, self.tone = DOOR_TAGS[self.door]
        shows_places = self.door in (Door.OPEN, Door.SOON)
        self.places = places_sentence(row.places_left) if shows_places else ""


def _build_weeks(month: date, rows: list[EventRow]) -> list[list[tuple[date, list[EventRow]]]]:
    """The weeks of a month, each day with what is on then by the clocks of its place."""
    on_day: dict[date, list[EventRow]] = defaultdict(list)
    for row in rows:
        for day in list_days(row.starts_at, row.ends_at, row.time_zone):
            on_day[day].append(row)
    first = month - timedelta(days=month.weekday())
    count = (next_month(month, 1) - first).days
    days = [first + timedelta(days=number) for number in range(-(-count // 7) * 7)]
    return [[(day, on_day[day]) for day in days[start : start + 7]] for start in range(0, len(days), 7)]
