"""Staff's pages of a matchmaking day: set up, watch the solver, see tables and people, the day itself."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.events import EventKind, choose_text
from bookings.domain.meeting_pairs import order_pair
from bookings.domain.meetings import MatchMode, MatchPhase
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.history import load_history
from bookings.queries.meetings.day import Day, MeetingView, SlotView, load_day
from bookings.queries.meetings.people import MatchEvent, count_registered, find_match_event
from bookings.queries.meetings.runs import find_newest_match
from bookings.queries.meetings.trail import of_matchmaking, of_meeting
from bookings.queries.meetings.wishes import count_coverage, list_wishes
from bookings.services.meetings import set_up_meetings
from bookings.services.meetings.letters import place_of
from bookings.services.meetings.seating import list_common_slots
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.meetings.forms import SetupForm, fill_in_setup
from bookings.web.meetings.shown import count_unmet, find_slot, show_schedule, slot_words
from bookings.web.security import current_staff, signed_in, staff_gate
from bookings.web.texts import language_names
from bookings.web.trail_texts import audit_sentence

staff_meetings = Blueprint("staff_meetings", __name__, url_prefix="/staff/events/<slug>/meetings")
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)
_REFRESH_SECONDS = "2"
_BOARD_SECONDS = "30"
ID = "<int(max=2147483647):"


@staff_meetings.get("")
@reader
def show(slug: str) -> ResponseReturnValue:
    event, day = open_day(slug)
    if day is None:
        return redirect(url_for("staff_meetings.setup", slug=slug), 303)
    run = find_newest_match(read_session(), event.id)
    wishes = list_wishes(read_session(), event.id)
    pairs = {order_pair(*one.people) for one in day.meetings}
    found = {order_pair(*pair) for pair in run.pairs} if run else set()
    response = make_response(
        page(
            "show",
            slug,
            day,
            run=run,
            coverage=count_coverage(wishes, pairs),
            of_run=count_coverage(wishes, found) if run else None,
            stands=bool(found) and found == pairs,
            counts=_count(day),
            registered=count_registered(read_session(), event.id),
            is_solver=day.view.mode is MatchMode.SOLVER,
            changes=_list_changes(day),
            unmet=count_unmet(day, wishes) if day.meetings else [],
            trail=load_history(read_session(), of_matchmaking(event.id)).entries,
        )
    )
    if run is not None and run.is_open:
        # No script needed: the page comes again until the run has ended.
        response.headers["Refresh"] = _REFRESH_SECONDS
    return response


def _count(day: Day) -> dict[str, int]:
    numbers = [len(day.schedules.get(one.id, ())) for one in day.people.values() if one.is_complete]
    return {
        "meetings": len(day.meetings),
        "room": len(day.slots) * len(day.tables),
        "least": min(numbers, default=0),
        "most": max(numbers, default=0),
        "without": numbers.count(0),
        "pinned": sum(one.is_pinned for one in day.meetings),
    }


def _list_changes(day: Day) -> list[MeetingView]:
    """Provisional meetings that do not suit somebody."""
    return [one for one in day.meetings if "change" in one.feedback.values()]


@staff_meetings.get("/setup")
@coordinator
def setup(slug: str) -> str:
    event, day = open_day(slug)
    return _setup_page(slug, event, day, SetupForm(formdata=None, **fill_in_setup(day)))


@staff_meetings.post("/setup")
@coordinator
def save_setup(slug: str) -> ResponseReturnValue:
    event, day = open_day(slug)
    form = SetupForm()
    if not form.validate():
        return _setup_page(slug, event, day, form), 422
    text = form.version.data or ""
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    try:
        set_up_meetings(
            slug, form.build_plan(event.time_zone), version=version, who=current_staff(), now=utc_now()
        )
    except (MeetingNotPossibleError, RecordChangedError) as error:
        form.form_errors.append(refusal_sentence(error))
        return _setup_page(slug, event, day, form), 409 if isinstance(error, RecordChangedError) else 422
    flash(_("The slots and tables are laid."), "success")
    return back(slug)


def _setup_page(slug: str, event: MatchEvent, day: Day | None, form: SetupForm) -> str:
    return render_template(
        "meetings/staff_setup.html",
        staff_page="events",
        slug=slug,
        event_title=choose_text(event.title, current_language()),
        event=event,
        day=day,
        form=form,
        has_errors=bool(form.errors or form.form_errors),
    )


@staff_meetings.get("/people")
@reader
def people(slug: str) -> str:
    day = need_day(slug)
    search = request.args.get("q", "").strip()[:100].casefold()
    found = [one for one in day.people.values() if search in f"{one.name} {one.organisation}".casefold()]
    rows = [(one, len(day.schedules.get(one.id, ())), len(day.open_slots(one.id))) for one in found]
    note_list("participants", len(rows))
    return page("people", slug, day, rows=rows, search=search)


@staff_meetings.get(f"/people/{ID}person_id>")
@reader
def person(slug: str, person_id: int) -> str:
    day = need_day(slug)
    found = day.people.get(person_id)
    if found is None:
        raise NotFoundError("participant", str(person_id))
    schedule = show_schedule(day, person_id, day.view.time_zone)
    languages = language_names(list(found.profile.languages))
    return page("person", slug, day, person=found, schedule=schedule, languages=languages)


@staff_meetings.get("/tables")
@reader
def tables(slug: str) -> str:
    """Who sits where, slot by slot: to be read on the page and printed."""
    day = need_day(slug)
    plan = [_show_slot(day, slot) for slot in day.slots]
    return page("tables", slug, day, plan=plan, places=_places(day, day.meetings))


@staff_meetings.get(f"/{ID}meeting_id>")
@reader
def meeting(slug: str, meeting_id: int) -> str:
    """One meeting, with what each step would do and who would be told."""
    day = need_day(slug)
    found = next((one for one in day.meetings if one.id == meeting_id), None)
    if found is None:
        raise NotFoundError("meeting", str(meeting_id))
    slots = (
        list_common_slots(day, found.people, now=utc_now(), moving=found)
        if set(found.people) <= day.people.keys()
        else []
    )
    return page(
        "meeting",
        slug,
        day,
        meeting=found,
        when=slot_words(day, found, day.view.time_zone),
        where=place_of(day, found.table_id),
        slots=[(slot.id, slot_words(day, slot, day.view.time_zone)) for slot in slots],
        is_told=found.state == "agreed" or day.view.phase is not MatchPhase.OPEN,
        has_begun=utc_now() >= found.starts_at,
        is_solver=day.view.mode is MatchMode.SOLVER,
        trail=load_history(read_session(), of_meeting(meeting_id)).entries,
    )


@staff_meetings.get("/board")
@reader
def board(slug: str) -> ResponseReturnValue:
    """The day itself: the slot that runs and the next one, who is here, who is late, what fell out."""
    day, now = need_day(slug), utc_now()
    running, following = find_slot(day, now)
    parts = [_show_slot(day, slot) for slot in (running, following) if slot is not None]
    here = sum(one.arrived_at is not None for one in day.people.values())
    response = make_response(
        page("board", slug, day, parts=parts, running=running, now=now, here=here,
             places=_places(day, [one for part in parts for one in part[2]]))
    )  # fmt: skip
    response.headers["Refresh"] = _BOARD_SECONDS
    return response


def _show_slot(day: Day, slot: SlotView) -> tuple[SlotView, str, list[MeetingView]]:
    meetings = [one for one in day.meetings if one.slot_id == slot.id]
    return slot, slot_words(day, slot, day.view.time_zone), meetings


def _places(day: Day, found: Iterable[MeetingView]) -> dict[int, str]:
    return {one.id: place_of(day, one.table_id) for one in found}


def open_day(slug: str) -> tuple[MatchEvent, Day | None]:
    """The event, and its day once meetings were set up. Raises NotFoundError."""
    event = find_match_event(read_session(), slug)
    if event.kind != EventKind.MATCHMAKING_DAY:
        raise NotFoundError("event", slug)
    return event, load_day(read_session(), event.id) if event.is_set_up else None


def need_day(slug: str) -> Day:
    """The day. Raises NotFoundError where no meetings were set up."""
    _event, day = open_day(slug)
    if day is None:
        raise NotFoundError("matchmaking", slug)
    return day


def page(name: str, slug: str, day: Day, **values: object) -> str:
    """A page with what all of them read."""
    return render_template(
        f"meetings/staff_{name}.html",
        staff_page="events",
        slug=slug,
        day=day,
        event_title=choose_text(day.view.title, current_language()),
        audit_sentence=audit_sentence,
        can_act=has_role(signed_in().roles, StaffRole.COORDINATOR),
        **values,
    )


def back(slug: str, endpoint: str = "show", **values: Any) -> ResponseReturnValue:
    """To a page, after something was done."""
    return redirect(url_for(f"staff_meetings.{endpoint}", slug=slug, **values), 303)
