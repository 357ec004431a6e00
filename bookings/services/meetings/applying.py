"""What the solver found becomes meetings: provisional, then with everybody's word, then final."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.holds import ResourceKind
from bookings.domain.meeting_pairs import Pair, list_nevers, order_pair
from bookings.domain.meetings import FEEDBACK_TIME, MatchPhase, MatchRunState, MeetingState
from bookings.domain.visits import Actor
from bookings.models.meetings import Matchmaking, MatchRun, Meeting, MeetingPerson
from bookings.queries.meetings.day import Day, find_event_id, is_over, load_day, slots_as_stored
from bookings.queries.meetings.own import open_own
from bookings.queries.meetings.wishes import list_wishes
from bookings.services.audit import add_audit
from bookings.services.holds import lock_resources
from bookings.services.meeting_holds import free_times
from bookings.services.meetings.calendar import announce
from bookings.services.meetings.letters import Desk, tell_schedule
from bookings.services.meetings.seating import end_meeting, hold_seats, open_meeting, seat
from bookings.services.meetings.solving import is_fixed, mend


@dataclass(frozen=True)
class AppliedMatch:
    """What a schedule changed."""

    placed: int
    moved: int
    removed: int


@retry_conflicts
def apply_match(run_id: int, *, who: Who, now: datetime) -> AppliedMatch:
    """Lay the meetings of a run. Agreed and pinned ones stay; nobody is told before it is released.

    Raises NotFoundError or MeetingNotPossibleError (phase: it is final, or nothing was found).
    """
    with transaction() as session:
        run = session.get(MatchRun, run_id, with_for_update=True)
        if run is None:
            raise NotFoundError("match_run", str(run_id))
        if run.state != MatchRunState.DONE or "meetings" not in run.result:
            raise MeetingNotPossibleError("phase")
        wanted = {order_pair(one, other): slot for one, other, slot in run.result["meetings"]}
        day = _lock_day(session, run.event_id)
        if day.view.phase is MatchPhase.FINAL:
            raise MeetingNotPossibleError("phase")
        if run.result.get("slots") != slots_as_stored(day):
            raise MeetingNotPossibleError("stale")
        wanted = _keep_possible(day, wanted)
        done = _lay(session, day, wanted, now=now)
        add_audit(
            session, who, "apply_schedule", noun="event", subject_id=run.event_id, now=now,
            placed=done.placed, moved=done.moved, removed=done.removed,
        )  # fmt: skip
        return done


def _lock_day(session: Session, event_id: int) -> Day:
    """Everybody's time is locked while a whole day is laid."""
    row = session.get(Matchmaking, event_id, with_for_update=True)
    if row is None:
        raise NotFoundError("matchmaking", str(event_id))
    day = load_day(session, event_id)
    lock_resources(session, [(ResourceKind.PERSON, person) for person in day.people])
    return load_day(session, event_id)


def _keep_possible(day: Day, wanted: Mapping[Pair, int]) -> dict[Pair, int]:
    """Somebody may have left, or have said "not then", since the solver began."""
    return {
        pair: slot
        for pair, slot in wanted.items()
        if set(pair) <= day.people.keys()
        and slot in day.slot_by_id
        and all(slot in day.open_slots(one) for one in pair)
    }


def _lay(session: Session, day: Day, wanted: Mapping[Pair, int], *, now: datetime) -> AppliedMatch:
    """Provisional meetings become what is wanted: gone ones first, then everything takes its new seat."""
    unwanted = {pair for pair in _nevers(session, day) if pair in wanted}
    standing = {order_pair(*one.people): one for one in day.meetings}
    loose = {pair: one for pair, one in standing.items() if not is_fixed(day, one)}
    gone = [one.id for pair, one in loose.items() if pair not in wanted]
    moved = [pair for pair, one in loose.items() if wanted.get(pair, one.slot_id) != one.slot_id]
    removed = [*gone, *(loose[pair].id for pair in moved)]
    # Nobody has an entry of a provisional meeting in a calendar: taken out, it leaves nothing behind.
    free_times(session, removed)
    session.execute(delete(MeetingPerson).where(MeetingPerson.meeting_id.in_(removed)))
    session.execute(delete(Meeting).where(Meeting.id.in_(removed)))
    session.expire_all()
    rest = tuple(one for one in day.meetings if one.id not in set(removed))
    day, placed = replace(day, meetings=rest), 0
    for pair, slot_id in sorted(wanted.items(), key=lambda item: (item[1], item[0])):
        is_there = pair in standing and pair not in moved
        if (
            is_there
            or pair in unwanted
            or slot_id not in day.slot_by_id
            or not set(pair) <= day.people.keys()
        ):
            continue
        view = seat(session, day, pair, day.slot_by_id[slot_id], state=MeetingState.PROVISIONAL, now=now)
        day, placed = replace(day, meetings=(*day.meetings, view)), placed + 1
    return AppliedMatch(placed - len(moved), len(moved), len(gone))


def _nevers(session: Session, day: Day) -> Iterable[Pair]:
    """Somebody may have said never since the solver began."""
    return list_nevers(list_wishes(session, day.view.event_id))


@retry_conflicts
def release_provisional(slug: str, *, who: Who, now: datetime) -> int:
    """Everybody sees their schedule and has two days to say what has to change. Returns how many."""
    with transaction() as session:
        day = _lock_day(session, find_event_id(session, slug))
        if day.view.phase is MatchPhase.FINAL or not day.meetings:
            raise MeetingNotPossibleError("phase")
        drop_leavers(session, day, now=now)
        row = session.get_one(Matchmaking, day.view.event_id)
        row.phase, row.feedback_by = MatchPhase.PROVISIONAL, min(now + FEEDBACK_TIME, day.view.starts_at)
        row.version += 1
        session.flush()
        add_audit(session, who, "release_provisional", noun="event", subject_id=row.event_id, now=now)
        return _tell_all(session, row.event_id, occasion=f"{row.version}", now=now)


def drop_leavers(session: Session, day: Day, *, now: datetime) -> None:
    """Meetings of people who are not registered any more end before anybody is told of them."""
    for view in day.meetings:
        if not set(view.people) <= day.people.keys() and not is_over(view):
            row = open_meeting(session, day.view.event_id, view.id)
            staying = set(view.people) & day.people.keys()
            whys = dict.fromkeys(staying, "left") if row.state == MeetingState.AGREED else {}
            end_meeting(Desk(session, day, now), row, by=Actor.SYSTEM, whys=whys)


def _tell_all(session: Session, event_id: int, *, occasion: str, now: datetime) -> int:
    day = load_day(session, event_id)
    desk = Desk(session, day, now)
    people = [person for person in day.people.values() if person.is_complete]
    for person in people:
        tell_schedule(desk, person, occasion=occasion)
    return len(people)


@retry_conflicts
def give_feedback(token: str, meeting_id: int, feedback: str, *, now: datetime) -> None:
    """Keep, or change: what somebody says of a provisional meeting until the time for it is over.

    Raises NotFoundError or MeetingNotPossibleError (phase, closed).
    """
    with transaction() as session:
        own = open_own(session, token, now=now)
        row = open_meeting(session, own.event_id, meeting_id)
        side = session.scalars(
            select(MeetingPerson).where(
                MeetingPerson.meeting_id == row.id, MeetingPerson.registration_id == own.registration_id
            )
        ).one_or_none()
        if side is None:
            raise NotFoundError("meeting", str(meeting_id))
        settings = session.get_one(Matchmaking, own.event_id)
        if settings.phase != MatchPhase.PROVISIONAL or row.state != MeetingState.PROVISIONAL:
            raise MeetingNotPossibleError("phase")
        if settings.feedback_by is not None and now >= settings.feedback_by:
            raise MeetingNotPossibleError("closed")
        side.feedback = feedback if feedback in ("keep", "change") else ""


@retry_conflicts
def release_final(slug: str, *, who: Who, now: datetime) -> int:
    """The meetings stand: calendars get an entry for each. Returns how many meetings there are."""
    with transaction() as session:
        day = _lock_day(session, find_event_id(session, slug))
        if day.view.phase is MatchPhase.FINAL or not day.meetings:
            raise MeetingNotPossibleError("phase")
        drop_leavers(session, day, now=now)
        row = session.get_one(Matchmaking, day.view.event_id)
        row.phase = MatchPhase.FINAL
        row.version += 1
        query = select(Meeting).where(
            Meeting.event_id == row.event_id, Meeting.state == MeetingState.PROVISIONAL
        )
        for meeting in session.scalars(query.execution_options(populate_existing=True)):
            meeting.state = MeetingState.AGREED
        session.flush()
        fresh = load_day(session, row.event_id)
        desk = Desk(session, fresh, now)
        for view in fresh.meetings:
            announce(desk, view)
        add_audit(session, who, "release_final", noun="event", subject_id=row.event_id, now=now)
        _tell_all(session, row.event_id, occasion=f"{row.version}", now=now)
        return len(fresh.meetings)


@dataclass(frozen=True)
class Replanned:
    """New meetings, and those that got another time for them: names of both sides."""

    placed: tuple[tuple[str, str], ...]
    moved: tuple[tuple[str, str], ...]


def replan_people(
    session: Session, event_id: int, people: Iterable[int], *, state: MeetingState, now: datetime
) -> Replanned:
    """Meet wishes of people who lost a meeting, moving as few others as can be, and tell those concerned."""
    day = _lock_day(session, event_id)
    found = mend(day, list_wishes(session, event_id), people=people, now=now)
    if not found.placed:
        return Replanned((), ())
    standing = {order_pair(*one.people): one for one in day.meetings}
    _reseat(session, day, {pair: found.slots[pair] for pair in found.moved}, now=now)
    for pair in found.placed:
        slot = day.slot_by_id[found.slots[pair]]
        seat(session, load_day(session, event_id), pair, slot, state=state, now=now)
    fresh = load_day(session, event_id)
    concerned = {*found.placed, *found.moved}
    if state is MeetingState.AGREED:
        desk = Desk(session, fresh, now)
        for view in fresh.meetings:
            if order_pair(*view.people) in concerned:
                announce(desk, view)
    return Replanned(_names(day, found.placed), _names(day, [p for p in found.moved if p in standing]))


def _reseat(session: Session, day: Day, slots: Mapping[Pair, int], *, now: datetime) -> None:
    """Several meetings change places: all leave their seats before the first one sits down again."""
    views = {order_pair(*one.people): one for one in day.meetings}
    rows = {pair: open_meeting(session, day.view.event_id, views[pair].id) for pair in slots}
    free_times(session, [row.id for row in rows.values()])
    taken = {(one.slot_id, one.table_id) for pair, one in views.items() if pair not in slots}
    for pair, row in rows.items():
        slot = day.slot_by_id[slots[pair]]
        free = [table for table in day.tables if (slot.id, table.id) not in taken]
        row.slot_id, row.starts_at, row.ends_at = slot.id, slot.starts_at, slot.ends_at
        row.version += 1
        hold_seats(session, row, slot, free)
        taken.add((slot.id, row.table_id or 0))
    session.flush()


def _names(day: Day, pairs: Iterable[Pair]) -> tuple[tuple[str, str], ...]:
    return tuple((day.people[one].name, day.people[other].name) for one, other in pairs)
