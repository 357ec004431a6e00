"""Staff's calendar: month, week, day, list and rows, made on the server; the board is an enhancement."""

from collections.abc import Set
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from bookings.db import read_session
from bookings.domain.feeds import FeedKind
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.calendar import NO_OWNER, STATES, Mark, Stop, list_marks, load_stops
from bookings.queries.directory import Directory, load_directory
from bookings.queries.events import EventFilter, list_events
from bookings.queries.feeds import list_staff_feeds
from bookings.queries.planned import TimeOfPlan, list_times_of_plans
from bookings.queries.visits import Colleague, list_colleagues
from bookings.services.feeds import create_staff_feed, revoke_staff_feed
from bookings.services.outbox import site_url
from bookings.web.bulk_reads import note_list
from bookings.web.calendar.asking import Asked, read_asked
from bookings.web.calendar.grid import Cell, Entry, Grid, build_entry, build_grid, build_heads
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
from bookings.web.event_texts import event_when
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
    session, today = read_session(), utc_now().date()
    directory, person = load_directory(session), signed_in()
    is_of_visit = bool(request.args.get("visit"))
    colleagues = () if is_of_visit and request.args.get("view") != "rows" else list_colleagues(session)
    asked = read_asked(request.args, directory, owners={one.id for one in colleagues}, today=today)
    marks = list_marks(session, asked.sheet.span, asked.wanted)
    grid = build_grid(asked.sheet, marks, moved=asked.moved)
    grid, rows, page, pages = _turn_to_page(asked, grid, _name_rows(grid, directory, colleagues))
    may_change = has_role(person.roles, StaffRole.COORDINATOR)
    names = Names(directory)
    entries = _load_entries(session, asked, grid, may_change=may_change)
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
        events=() if is_of_visit else list_events(session, EventFilter(span=asked.sheet.span)),
        event_when=event_when,
    )


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

    views, zones, rows, states, no_owner = VIEWS, SHOWN_ZONES, ROWS, tuple(STATES), NO_OWNER

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


def _load_entries(session: Session, asked: Asked, grid: Grid, *, may_change: bool) -> "_Entries":
    ids = grid.slot_ids
    stops = load_stops(session, ids)
    changeable = find_changeable({stop.reference for stop in stops.values()}) if may_change else frozenset()
    return _Entries(asked, stops, list_times_of_plans(session, sorted(ids)), changeable)


class _Entries:
    """The entries of a cell, each made when it is asked for."""

    def __init__(
        self, asked: Asked, stops: dict[int, Stop], plans: dict[int, TimeOfPlan], changeable: Set[str]
    ) -> None:
        self._asked, self._stops, self._plans, self._changeable = asked, stops, plans, changeable

    @property
    def count(self) -> int:
        """How many stops are on the page."""
        return len(self._stops)

    def of(self, cell: Cell) -> list[Entry]:
        """In the order of their times."""
        found = (self._stops[slot_id] for slot_id in cell.slot_ids if slot_id in self._stops)
        return [
            build_entry(
                stop, self._asked.sheet, cell.day, self._plans.get(stop.slot_id),
                moves=stop.reference in self._changeable,
            )
            for stop in found
        ]  # fmt: skip


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
    nobody = Row(0, _("Nobody yet"), "")
    found = [known.get(id_, Row(id_, _("Others"), "") if id_ else nobody) for id_ in grid.found]
    return sorted(found, key=lambda row: (row.id == 0, row.name.casefold(), row.id))
