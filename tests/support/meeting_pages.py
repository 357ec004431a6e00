"""Pages of a matchmaking day: solved and provisional, agreed by its people, on its day, rated, not set up."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from bookings.db import database
from bookings.domain.events import EventKind
from bookings.domain.links import LinkPurpose
from bookings.domain.meetings import MatchMode
from bookings.domain.registrations import SurveyStage
from bookings.jobs.meetings import match_waiting
from bookings.models.events import Event
from bookings.models.meetings import Meeting, MeetingRating
from bookings.models.registrations import Registration
from bookings.services.meetings import (
    accept_request,
    apply_match,
    ask_for_meeting,
    ask_for_schedule,
    release_provisional,
    set_wish,
)
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event
from tests.support.meetings import a_guest, a_match_day, row_of, wish
from tests.support.own_pages import a_link

SOLVED, ASKED, TODAY, EMPTY = "solved-day", "asking-day", "meeting-today", "not-set-up"
LONG_AGO = "half-a-year-ago"
MEETING_FILES = {"meetings.file"}


def add_meetings() -> None:
    """One day of each kind with six people."""
    solved = a_match_day(slug=SOLVED)
    people = [a_guest(solved, f"Solved {number}") for number in range(6)]
    for one in people[1:]:
        wish(people[0], one)
    run_id = ask_for_schedule(SOLVED, seconds=1, who=STAFF, now=NOW)
    match_waiting(clock=lambda: NOW)
    apply_match(run_id, who=STAFF, now=NOW)
    release_provisional(SOLVED, who=STAFF, now=NOW)
    _add_asking(ASKED)
    times = {"starts_at": NOW - timedelta(hours=2), "ends_at": NOW + timedelta(hours=9)}
    _add_asking(TODAY, now=NOW - timedelta(days=3), **times)
    _add_rated(LONG_AGO)
    an_event("Not set up", kind=EventKind.MATCHMAKING_DAY)


def _add_rated(slug: str) -> None:
    """Its people have said twice what they think of their meeting."""
    starts_at = NOW - timedelta(days=200)
    before = starts_at - timedelta(days=9)
    _add_asking(slug, before, now=before, starts_at=starts_at, ends_at=starts_at + timedelta(hours=9))
    event_id = database.session.scalars(select(Event.id).where(Event.slug == slug)).one()
    meeting = database.session.scalars(select(Meeting).where(Meeting.event_id == event_id)).one()
    for number, stage in enumerate(SurveyStage):
        database.session.add(
            MeetingRating(
                meeting_id=meeting.id, registration_id=meeting.first_id, stage=stage, score=2 + number,
                outcomes=["contact"][:number], comment="We met again", rated_at=NOW,
            )
        )  # fmt: skip
    database.session.commit()


def _add_asking(slug: str, at: datetime = NOW, **times: object) -> None:
    event = a_match_day(slug=slug, mode=MatchMode.ASK, **times)
    people = [a_guest(event, f"Asker {number}") for number in range(4)]
    accept_request(people[1], ask_for_meeting(people[0], row_of(people[1]).reference, now=at), now=at)
    ask_for_meeting(people[0], row_of(people[2]).reference, message="Shall we talk of heat?", now=at)
    set_wish(people[0], row_of(people[3]).reference, None, now=NOW)
    a_guest(event, "Without Profile", with_profile=False)


def list_meeting_addresses() -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each page."""
    for slug in (SOLVED, ASKED, TODAY, LONG_AGO):
        yield from _staff_addresses(slug)
        yield from _own_addresses(slug)
    yield "staff_meetings.setup", f"/staff/events/{EMPTY}/meetings/setup", "coordinator"


def _staff_addresses(slug: str) -> Iterator[tuple[str, str, str]]:
    home = f"/staff/events/{slug}/meetings"
    event_id = database.session.scalars(select(Event.id).where(Event.slug == slug)).one()
    meeting = database.session.scalars(select(Meeting).where(Meeting.event_id == event_id)).first()
    assert meeting
    yield "staff_meetings.show", home, "coordinator"
    for name in ("people", "tables", "board", "ratings"):
        yield f"staff_meetings.{name}", f"{home}/{name}", "coordinator"
    yield "staff_meetings.setup", f"{home}/setup", "coordinator"
    yield "staff_meetings.person", f"{home}/people/{meeting.first_id}", "coordinator"
    yield "staff_meetings.meeting", f"{home}/{meeting.id}", "coordinator"
    yield "staff_meetings.meeting", f"{home}/{meeting.id}", "reader"


def _own_addresses(slug: str) -> Iterator[tuple[str, str, str]]:
    event_id = database.session.scalars(select(Event.id).where(Event.slug == slug)).one()
    query = select(Registration).where(Registration.event_id == event_id).order_by(Registration.id)
    people = list(database.session.scalars(query))
    own = [f"/registrations/{a_link(LinkPurpose.MANAGE_REGISTRATION, one.id)}/meetings" for one in people[:5]]
    references = [one.reference for one in database.session.scalars(query)]
    meeting = database.session.scalars(select(Meeting.id).where(Meeting.event_id == event_id)).first()
    for home in (own[0], own[2], own[4]):
        yield "meetings.show", home, "nobody"
    for name in ("profile", "others", "clock", "rate"):
        yield f"meetings.{name}", f"{own[0]}/{name}", "nobody"
    yield "meetings.others", f"{own[0]}/others?q=nothing-like-this", "nobody"
    for reference in references[1:4]:
        yield "meetings.other", f"{own[0]}/others/{reference}", "nobody"
    yield "meetings.ask_to_cancel", f"{own[0]}/{meeting}/cancel", "nobody"
    yield "meetings.stand_in", f"{own[0]}/{meeting}/stand-in", "nobody"
