"""An event once more on another day, or many times: everything but its people."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.events import PartPlan, TicketPlan, list_series_days, move_days, move_event
from bookings.domain.time import local_day
from bookings.models.events import Event, EventPart, EventSite, Question, Speaker, TicketKind
from bookings.models.meetings import Matchmaking, MeetingSlot, MeetingTable
from bookings.services.events.opening import note_event, open_event, read_event
from bookings.services.events.plans import plan_of, plan_of_part, plan_of_ticket
from bookings.services.events.writing import add_event

_KEY_BYTES = 8
_QUESTION = (
    "position", "key", "kind", "label", "hint", "options", "is_required", "shown_if_key", "shown_if_values",
    "is_sensitive",
)  # fmt: skip

_MATCHMAKING = ("mode", "slot_minutes", "gap_minutes", "most_meetings")
_TABLE = ("number", "label", "online_url")


@retry_conflicts
def copy_event(slug: str, first_day: date, *, who: Who, now: datetime) -> str:
    """A draft like this event that begins on another local day; returns its slug. Raises NotFoundError."""
    with transaction() as session:
        event = read_event(session, slug)
        copy = _copy(session, event, first_day, now=now)
        note_event(session, copy, "copy_event", who=who, now=now, of=event.id)
        return copy.slug


@retry_conflicts
def make_series(slug: str, *, every_days: int, count: int, who: Who, now: datetime) -> tuple[str, ...]:
    """This event becomes the first of a series; returns the slugs of the drafts that follow it.

    The clocks of the place show the same time each time, summer or winter. Raises NotFoundError,
    EventNotUsableError.
    """
    with transaction() as session:
        event = open_event(session, slug, None)
        first = local_day(event.starts_at, event.time_zone)
        days = list_series_days(first, every_days=every_days, count=count)[1:]
        event.series_key = event.series_key or secrets.token_hex(_KEY_BYTES)
        copies = [_copy(session, event, day, now=now, series_key=event.series_key) for day in days]
        note_event(session, event, "make_series", who=who, now=now, count=count)
        return tuple(copy.slug for copy in copies)


def _copy(
    session: Session, event: Event, first_day: date, *, now: datetime, series_key: str | None = None
) -> Event:
    days = (first_day - local_day(event.starts_at, event.time_zone)).days
    sites = session.scalars(select(EventSite.site_id).where(EventSite.event_id == event.id))
    plan = move_event(plan_of(event, sites), days)
    copy = add_event(
        session,
        plan,
        parts=[_moved_part(part, event.time_zone, days) for part in event.parts],
        tickets=[_moved_ticket(ticket, days) for ticket in event.tickets],
        now=now,
        series_key=series_key,
    )
    _copy_speakers(session, event, copy)
    _copy_questions(session, event, copy)
    _copy_meetings(session, event, copy, days)
    return copy


def _moved_part(part: EventPart, zone: str, days: int) -> PartPlan:
    plan = plan_of_part(part)
    return replace(
        plan,
        starts_at=move_days(plan.starts_at, zone, days),
        ends_at=move_days(plan.ends_at, zone, days),
    )


def _moved_ticket(ticket: TicketKind, days: int) -> TicketPlan:
    plan = plan_of_ticket(ticket)
    return plan if plan.valid_on is None else replace(plan, valid_on=plan.valid_on + timedelta(days=days))


def _copy_speakers(session: Session, event: Event, copy: Event) -> None:
    new_parts = _pair_parts(event.parts, copy.parts)
    for speaker in event.speakers:
        session.add(
            Speaker(
                event_id=copy.id,
                part_id=new_parts.get(speaker.part_id or 0),
                position=speaker.position,
                name=speaker.name,
                role=speaker.role,
                organisation_name=speaker.organisation_name,
                organisation_id=speaker.organisation_id,
            )
        )


def _pair_parts(old: Sequence[EventPart], new: Sequence[EventPart]) -> dict[int, int]:
    return {before.id: after.id for before, after in zip(old, new, strict=True)}


def _copy_questions(session: Session, event: Event, copy: Event) -> None:
    query = select(Question).where(Question.event_id == event.id).order_by(Question.position)
    for question in session.scalars(query):
        columns = {name: getattr(question, name) for name in _QUESTION}
        session.add(Question(event_id=copy.id, **columns))


def _copy_meetings(session: Session, event: Event, copy: Event, days: int) -> None:
    """The rules, times and tables of a matchmaking day, open for wishes: what was chosen stays behind."""

    def move(at: datetime) -> datetime:
        return move_days(at, event.time_zone, days)

    rules = session.get(Matchmaking, event.id)
    if rules is None:
        return
    kept = {name: getattr(rules, name) for name in _MATCHMAKING}
    wishes_by = move(rules.wishes_by) if rules.wishes_by else None
    session.add(Matchmaking(event_id=copy.id, wishes_by=wishes_by, **kept))
    for slot in session.scalars(select(MeetingSlot).where(MeetingSlot.event_id == event.id)):
        starts_at, ends_at = move(slot.starts_at), move(slot.ends_at)
        session.add(MeetingSlot(event_id=copy.id, half=slot.half, starts_at=starts_at, ends_at=ends_at))
    for table in session.scalars(select(MeetingTable).where(MeetingTable.event_id == event.id)):
        session.add(MeetingTable(event_id=copy.id, **{name: getattr(table, name) for name in _TABLE}))
