"""Meetings come to stand, change their time, and end. Parts of use cases, and what staff do with one meeting.

Whoever changes a meeting locks its people first and then reads the day: of two who want the same person in
the same slot one finds it taken, and the database's own guard stands behind that.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import MeetingNotPossibleError, TimeHeldError
from bookings.domain.holds import ResourceKind
from bookings.domain.meeting_pairs import Pair
from bookings.domain.meetings import STANDING_MEETINGS, MeetingState, build_pair_key, keeps_break
from bookings.domain.time import Interval
from bookings.domain.visits import Actor
from bookings.models.meetings import Meeting, MeetingPerson
from bookings.queries.meetings.day import Day, MeetingView, SlotView, TableView, load_day
from bookings.services.audit import add_audit
from bookings.services.holds import lock_resources
from bookings.services.meeting_holds import free_times, hold_times
from bookings.services.meetings.calendar import call_off
from bookings.services.meetings.letters import Desk

PARTICIPANT = Who(Actor.VISITOR, "participant")


def lock_people(session: Session, event_id: int, people: Iterable[int]) -> Day:
    """The day as it is once nobody else can seat these people."""
    lock_resources(session, [(ResourceKind.PERSON, person) for person in people])
    return load_day(session, event_id)


def check_pair(day: Day, pair: Pair) -> None:
    """Can the two have one more meeting, with each other? Raises MeetingNotPossibleError."""
    if not set(pair) <= day.people.keys():
        raise MeetingNotPossibleError("cancelled")
    keys = {pair_key(day, meeting.people) for meeting in day.meetings} - {""}
    if pair_key(day, pair) in keys or any(set(meeting.people) == set(pair) for meeting in day.meetings):
        raise MeetingNotPossibleError("again")
    if any(day.is_full(person) for person in pair):
        raise MeetingNotPossibleError("full")


def pair_key(day: Day, pair: Pair) -> str:
    """The organisations of a pair, in order."""
    return build_pair_key(*(day.people[one].organisation_key if one in day.people else "" for one in pair))


def list_common_slots(
    day: Day, pair: Pair, *, now: datetime, moving: MeetingView | None = None
) -> list[SlotView]:
    """When both are free, keep a break in each half of the day, and a table is."""
    one, other = (free_with_break(day, person, moving) for person in pair)
    return [
        slot
        for slot in day.slots
        if slot.id in one & other and slot.starts_at > now and day.free_tables(slot.id)
    ]


def free_with_break(day: Day, person: int, moving: MeetingView | None = None) -> set[int]:
    """Slots at which the person could have one more meeting, and keeps a break in each half of the day."""
    taken = day.taken(person) - ({moving.slot_id} if moving else set())
    busy = taken | (set(day.slot_by_id) - day.open_slots(person))
    return {slot for slot in day.free_slots(person) if keeps_break(day.halves, busy | {slot})}


def choose_slot(slots: list[SlotView], wanted: Iterable[int | None]) -> SlotView:
    """The first wanted slot that is possible, or the first of all. Raises MeetingNotPossibleError."""
    by_id = {slot.id: slot for slot in slots}
    for slot_id in wanted:
        if slot_id in by_id:
            return by_id[slot_id]
    if not slots:
        raise MeetingNotPossibleError("no_time")
    return slots[0]


@dataclass(frozen=True)
class Place:
    """A slot and the free tables of it, the best one first."""

    slot: SlotView
    tables: list[TableView]


def find_place(day: Day, pair: Pair, slot: SlotView) -> Place:
    """Where the two would sit in this slot."""
    return Place(slot, order_tables(day, pair, slot))


def find_seat(day: Day, slot_id: int, table_id: int) -> Place:
    """A seat that the planner chose; whoever takes it holds the time of everybody of the day."""
    free = day.free_tables(slot_id)
    return Place(day.slot_by_id[slot_id], sorted(free, key=lambda table: table.id != table_id))


def seat(
    session: Session, day: Day, pair: Pair, place: Place, *, state: MeetingState, now: datetime
) -> MeetingView:
    """A new meeting at a free table. Raises MeetingNotPossibleError or TimeHeldError."""
    slot, tables = place.slot, place.tables
    if not tables:
        raise MeetingNotPossibleError("no_table")
    first, second = sorted(pair)
    meeting = Meeting(
        event_id=day.view.event_id,
        first_id=first,
        second_id=second,
        organisation_pair=pair_key(day, pair),
        table_id=tables[0].id,
        slot_id=slot.id,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=day.view.time_zone,
        state=state,
        created_at=now,
        people=[MeetingPerson(registration_id=person) for person in (first, second)],
    )
    try:
        with session.begin_nested():
            session.add(meeting)
    except IntegrityError as error:
        raise MeetingNotPossibleError("again") from error
    hold_seats(session, meeting, slot, tables)
    return MeetingView(
        id=meeting.id,
        state=state,
        first_id=first,
        second_id=second,
        slot_id=slot.id,
        table_id=meeting.table_id or 0,
        is_pinned=False,
        version=1,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        feedback={},
    )


def order_tables(day: Day, pair: Pair, slot: SlotView) -> list[TableView]:
    """Tables that are free then; where one of the two sits just before or after, nobody has to walk."""
    near = {
        meeting.table_id
        for person in pair
        for meeting in day.schedules.get(person, ())
        if abs(day.slot_by_id[meeting.slot_id].number - slot.number) == 1
    }
    free = day.free_tables(slot.id)
    start = next((table for table in free if table.id in near), None)
    # Ascending from there: nobody who waits for a table holds one that comes later.
    return [table for table in free if start is None or table.number >= start.number]


def hold_seats(session: Session, meeting: Meeting, slot: SlotView, tables: list[TableView]) -> None:
    """The time of both and the first table that nobody is quicker at. Raises TimeHeldError."""
    interval = Interval(slot.starts_at, slot.ends_at)
    people = {(ResourceKind.PERSON, one): interval for one in (meeting.first_id, meeting.second_id or 0)}
    for number, table in enumerate(tables, start=1):
        meeting.table_id = table.id
        try:
            hold_times(session, meeting.id, {**people, (ResourceKind.TABLE, table.id): interval})
        except TimeHeldError as error:
            if error.kind != ResourceKind.TABLE or number == len(tables):
                raise
        else:
            session.flush()
            return


def open_meeting(session: Session, event_id: int, meeting_id: int, *, version: int | None = None) -> Meeting:
    """The meeting, locked. Raises NotFoundError, RecordChangedError, or MeetingNotPossibleError when it is
    over or off."""
    query = select(Meeting).where(Meeting.id == meeting_id, Meeting.event_id == event_id)
    query = query.with_for_update().execution_options(populate_existing=True)
    row: Meeting | None = session.scalars(query).one_or_none()
    if row is None or row.second_id is None:
        raise NotFoundError("meeting", str(meeting_id))
    if row.state not in (MeetingState.PROVISIONAL, MeetingState.AGREED):
        raise MeetingNotPossibleError("past" if row.state in STANDING_MEETINGS else "cancelled")
    if version is not None and row.version != version:
        raise RecordChangedError("meeting")
    return row


def people_of(row: Meeting) -> Pair:
    """Both sides."""
    return row.first_id, row.second_id or 0


def move(session: Session, day: Day, row: Meeting, slot: SlotView) -> None:
    """Another slot for the meeting, with a table. Raises MeetingNotPossibleError or TimeHeldError."""
    tables = order_tables(day, people_of(row), slot)
    if not tables:
        raise MeetingNotPossibleError("no_table")
    row.slot_id, row.starts_at, row.ends_at = slot.id, slot.starts_at, slot.ends_at
    row.version += 1
    session.flush()
    forget_stand_ins(session, row)
    hold_seats(session, row, slot, tables)


def forget_stand_ins(session: Session, row: Meeting) -> None:
    """The meeting has another time: whoever could not come at the old one comes now."""
    session.execute(
        update(MeetingPerson).where(MeetingPerson.meeting_id == row.id).values(stand_in=""),
        execution_options={"synchronize_session": False},
    )


def end_meeting(desk: Desk, row: Meeting, *, who: Who, whys: dict[int, str]) -> None:
    """The meeting is off: its time is free, calendars are told, and each one in `whys` reads why."""
    view = next((one for one in desk.day.meetings if one.id == row.id), None)
    row.state, row.closed_at, row.closed_by = MeetingState.CANCELLED, desk.now, who.kind
    row.version += 1
    free_times(desk.session, [row.id])
    if view is not None:
        call_off(desk, view, whys)
    add_audit(desk.session, who, "cancel_meeting", noun="meeting", subject_id=row.id, now=desk.now)
    desk.session.flush()
