"""Staff's calendar: month, week, day, list and rows, made on the server; the board is an enhancement."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bookings.db import read_session
from bookings.domain.feeds import FeedKind
from bookings.domain.staff import StaffRole, has_role, zone_of_town
from bookings.domain.time import local_day
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.calendar import KINDS, NO_OWNER, STATES, Mark, list_marks, load_stops
from bookings.queries.calendar_beside import find_days_beside
from bookings.queries.calendar_events import EventOnCalendar, list_events_on_calendar
from bookings.queries.directory import Directory, load_directory
from bookings.queries.feeds import list_staff_feeds
from bookings.queries.planned import list_times_of_plans
from bookings.queries.visits import Colleague, list_colleagues
from bookings.services.feeds import create_staff_feed, revoke_staff_feed
from bookings.services.outbox import site_url
from bookings.web.bulk_reads import note_list
from bookings.web.calendar.asking import Asked, read_asked
from bookings.web.calendar.entries import Entries
from bookings.web.calendar.grid import Grid, build_grid, build_heads
from bookings.web.calendar.sheets import (
    ROWS,
    SHOWN_ZONES,
    VIEWS,
    day_and_month,
    short_day,
    weekday_name,
)
from bookings.web.calendar.suggested import Suggested, load_suggested
from bookings.web.clock import utc_now
from bookings.web.event_texts import KINDS as EVENT_KINDS
from bookings.web.host_calendars import FreshAddress
from bookings.web.planning_texts import reason_sentence
from bookings.web.security import current_staff, find_changeable, signed_in, staff_gate, takes_data_out
from bookings.web.texts import SLOT_STATES, Names

staff_calendar = Blueprint("staff_calendar", __name__, url_prefix="/staff/calendar")

_ROWS_A_PAGE = 25


@dataclass(frozen=True)
class Row:
    """One row of the resource view."""

    id: int
    name: str
    about: str


@staff_calendar.get("")
@staff_gate(StaffRole.READER)
def show() -> str:
    """A month unless another view is asked for; what makes no sense in the address is left out."""
    return _render_page()


@staff_calendar.post("/address")
@staff_gate(StaffRole.READER)
@takes_data_out
def create_address() -> str:
    """The new secret address stands on this page once: only its hash is stored."""
    town = request.form.get("town", "")
    token = create_staff_feed(signed_in().staff_user_id, town=town, who=current_staff(), now=utc_now())
    return _render_page(fresh=FreshAddress(FeedKind.STAFF, site_url("calendar.feed", token=token)))


@staff_calendar.post("/address/stop")
@staff_gate(StaffRole.READER)
def revoke_address() -> ResponseReturnValue:
    town = request.form.get("town", "")
    revoke_staff_feed(signed_in().staff_user_id, town=town, who=current_staff(), now=utc_now())
    flash(_("The address does not work any more."), "success")
    return redirect(url_for("staff_calendar.show", _anchor="feed"), 303)


def _render_page(fresh: FreshAddress | None = None) -> str:
    session, now, person = read_session(), utc_now(), signed_in()
    directory, today = load_directory(session), local_day(now, zone_of_town(person.town))
    is_of_visit = bool(request.args.get("visit"))
    colleagues = () if is_of_visit and request.args.get("view") != "rows" else list_colleagues(session)
    asked = read_asked(request.args, directory, owners={one.id for one in colleagues}, today=today)
    whose = asked.sheet.view == "rows" or bool(asked.wanted.visit)
    marks = list_marks(session, asked.sheet.span, asked.wanted, whose=whose)
    events = list_events_on_calendar(session, asked.sheet.span, asked.wanted, now=now)
    grid = build_grid(asked.sheet, _in_order(marks, events), moved=asked.moved)
    beside = None if grid.total else find_days_beside(session, asked.sheet.noon, asked.wanted, now=utc_now())
    grid, rows, page, pages = _turn_to_page(asked, grid, _name_rows(grid, directory, colleagues))
    may_change = has_role(person.roles, StaffRole.COORDINATOR)
    names = Names(directory)
    entries = _load_entries(session, asked, grid, events, may_change=may_change)
    note_list("calendar", entries.count)
    return render_template(
        "calendar/staff_calendar.html",
        asked=asked,
        sheet=asked.sheet,
        grid=grid,
        heads=build_heads(asked.sheet),
        rows=rows,
        page=page,
        pages=pages,
        entries=entries,
        beside=beside,
        today=today,
        may_change=may_change,
        choices=_Choices(directory, colleagues),
        names=names,
        places=_PlaceNames(names),
        slot_states={state: str(words) for state, words in SLOT_STATES.items()},
        weekday_name=weekday_name,
        short_day=short_day,
        day_and_month=day_and_month,
        suggested=_suggest(session, asked, marks, directory)
        if may_change and asked.sheet.view != "rows"
        else None,
        reason_sentence=reason_sentence,
        own_feeds=() if is_of_visit else list_staff_feeds(session, person.staff_user_id),
        fresh=fresh,
        towns=directory.places.partners,
        event_kinds=EVENT_KINDS,
    )


def _in_order(marks: list[Mark], events: tuple[EventOnCalendar, ...]) -> list[Mark]:
    """Stops and events by their times, as each of both is already."""
    if not events:
        return marks
    return sorted([*(event.mark for event in events), *marks], key=lambda mark: mark.starts_at)


def _suggest(session: Session, asked: Asked, marks: list[Mark], directory: Directory) -> Suggested | None:
    """Hosts for the visit that is asked for, without those that are in its programme."""
    reference = asked.wanted.visit
    if not reference or not find_changeable({reference}):
        return None
    ids = {mark.organisation_id for mark in marks}
    planned = {slug for slug, company in directory.companies.items() if company.id in ids}
    return load_suggested(session, reference, planned_hosts=planned, now=utc_now())


class _Choices:
    """What can be chosen above the calendar."""

    views, kinds, zones, rows, states, no_owner = VIEWS, KINDS, SHOWN_ZONES, ROWS, tuple(STATES), NO_OWNER

    def __init__(self, directory: Directory, colleagues: tuple[Colleague, ...]) -> None:
        self.towns = directory.places.partners
        self.colleagues = colleagues
        language = current_language()
        self.interests = [
            (area.label(language), [(one.slug, one.label(language)) for one in (area, *area.topics)])
            for area in directory.interests.areas
        ]


def _turn_to_page(asked: Asked, grid: Grid, rows: list[Row]) -> tuple[Grid, list[Row], int, int]:
    """What stands on the page of a long list or of many rows, its number, and how many there are."""
    if asked.sheet.view in ("day", "list"):
        grid, page, pages = grid.turn_to(asked.page)
        return grid, rows, page, pages
    pages = max(1, -(-len(rows) // _ROWS_A_PAGE))
    page = min(asked.page, pages)
    rows = rows[(page - 1) * _ROWS_A_PAGE : page * _ROWS_A_PAGE]
    return grid.keep(row.id for row in rows), rows, page, pages


class _PlaceNames(dict[str, str]):
    """Names of places in the reader's language, each looked up once: many stops are in one town."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def __missing__(self, slug: str) -> str:
        found = self[slug] = self._names.place(slug)
        return found


def _load_entries(
    session: Session, asked: Asked, grid: Grid, events: tuple[EventOnCalendar, ...], *, may_change: bool
) -> Entries:
    ids = grid.slot_ids
    stops = load_stops(session, ids)
    changeable = find_changeable({stop.reference for stop in stops.values()}) if may_change else frozenset()
    return Entries(
        asked.sheet,
        stops,
        {event.id: event for event in events},
        plans=list_times_of_plans(session, sorted(ids)),
        changeable=changeable,
        now=utc_now(),
    )


def _name_rows(grid: Grid, directory: Directory, colleagues: tuple[Colleague, ...]) -> list[Row]:
    """The rows of the page by name; the other views have one without a name."""
    if grid.sheet.view != "rows":
        return [Row(0, "", "")]
    known = {
        "host": lambda: {
            one.id: Row(one.id, one.name, one.place_slug) for one in directory.companies.values()
        },
        "site": lambda: {
            site.id: Row(site.id, site.name, company.name)
            for company in directory.companies.values()
            for site in company.sites
        },
        "owner": lambda: {one.id: Row(one.id, one.name, "") for one in colleagues},
    }[grid.sheet.rows]()
    by_owner = grid.sheet.rows == "owner"
    nobody = Row(0, _("Nobody yet") if by_owner else _("At no host"), "")
    found = [known.get(id_) or (Row(id_, _("Others"), "") if id_ else nobody) for id_ in grid.found]
    return sorted(found, key=lambda row: (row.id == 0, row.name.casefold(), row.id))
