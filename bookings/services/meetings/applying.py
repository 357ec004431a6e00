"""What the solver found becomes meetings: provisional, then with everybody's word, then final."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.holds import ResourceKind
from bookings.domain.meeting_pairs import Pair, list_nevers, order_pair
from bookings.domain.meetings import FEEDBACK_TIME, MatchPhase, MatchRunState, MeetingState
from bookings.domain.registrations import RegistrationState
from bookings.models.meetings import Matchmaking, MatchRun, Meeting, MeetingPerson, Participant
from bookings.models.registrations import Registration
from bookings.queries.meetings.day import Day, find_event_id, is_open, is_over, load_day, slots_as_stored
from bookings.queries.meetings.own import open_own
from bookings.queries.meetings.runs import has_tables
from bookings.queries.meetings.wishes import list_wishes
from bookings.services.audit import add_audit
from bookings.services.holds import lock_resources
from bookings.services.meeting_holds import free_times
from bookings.services.meetings.announcing import AT_ONCE, announce_some, owe_schedules, tell_some
from bookings.services.meetings.calendar import announce
from bookings.services.meetings.laying import lay_meetings
from bookings.services.meetings.letters import Desk
from bookings.services.meetings.matching import is_fixed
from bookings.services.meetings.seating import (
    end_meeting,
    find_seat,
    forget_stand_ins,
    hold_seats,
    open_meeting,
    seat,
)
from bookings.services.meetings.solving import Seats, mend


@dataclass(frozen=True)
class AppliedMatch:
    """What a schedule changed."""

    placed: int
    moved: int
    removed: int


@retry_conflicts
def apply_match(run_id: int, *, who: Who, now: datetime) -> AppliedMatch:
    """Lay the meetings of a run. Agreed and pinned ones stay; nobody is told before it is released.

    Raises NotFoundError or MeetingNotPossibleError (phase: it is final, or nothing was found; older; stale).
    """
    with transaction() as session:
        run = session.get(MatchRun, run_id, with_for_update=True)
        if run is None:
            raise NotFoundError("match_run", str(run_id))
        if run.state != MatchRunState.DONE or "meetings" not in run.result:
            raise MeetingNotPossibleError("phase")
        if not has_tables(run):
            raise MeetingNotPossibleError("older")
        wanted = {order_pair(one, other): (slot, table) for one, other, slot, table in run.result["meetings"]}
        day = _lock_day(session, run.event_id)
        if day.view.phase is MatchPhase.FINAL:
            raise MeetingNotPossibleError("phase")
        if run.result.get("slots") != slots_as_stored(day):
            raise MeetingNotPossibleError("stale")
        done = _lay(session, day, _keep_possible(session, day, wanted), now=now)
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
    people = session.scalars(
        select(Participant.registration_id)
        .join(Registration, Registration.id == Participant.registration_id)
        .where(Participant.event_id == event_id, Registration.state == RegistrationState.REGISTERED)
    )
    lock_resources(session, [(ResourceKind.PERSON, person) for person in people])
    return load_day(session, event_id)


def _keep_possible(session: Session, day: Day, wanted: Seats) -> Seats:
    """Somebody may have left, or have said "not then" or "never", since the solver began."""
    nevers = list_nevers(list_wishes(session, day.view.event_id))
    can = {person: day.open_slots(person) for person in day.people}
    return {
        pair: (slot, table)
        for pair, (slot, table) in wanted.items()
        if pair not in nevers
        and set(pair) <= day.people.keys()
        and slot in day.slot_by_id
        and all(slot in can[one] for one in pair)
    }


def _lay(session: Session, day: Day, wanted: Seats, *, now: datetime) -> AppliedMatch:
    """Provisional meetings become what is wanted: gone ones first, then everything takes its new seat."""
    standing = {order_pair(*one.people): one for one in day.meetings}
    loose = {pair: one for pair, one in standing.items() if not is_fixed(day, one)}
    gone = [pair for pair in loose if pair not in wanted]
    changed = {pair for pair, one in loose.items() if wanted.get(pair, one.seat) != one.seat}
    moved = [pair for pair in changed if wanted[pair][0] != loose[pair].slot_id]
    removed = [loose[pair].id for pair in (*gone, *changed)]
    # Nobody has an entry of a provisional meeting in a calendar: taken out, it leaves nothing behind.
    free_times(session, removed)
    session.execute(delete(MeetingPerson).where(MeetingPerson.meeting_id.in_(removed)))
    session.execute(delete(Meeting).where(Meeting.id.in_(removed)))
    session.expire_all()
    new = {pair: seat for pair, seat in wanted.items() if pair not in standing or pair in changed}
    lay_meetings(session, day, new, now=now)
    return AppliedMatch(len(new) - len(changed), len(moved), len(gone))


def release_provisional(slug: str, *, who: Who, now: datetime) -> int:
    """Everybody sees their schedule and has two days to say what has to change.

    Returns how many; the mails of many are the worker's.
    """
    released = _release_provisional(slug, who=who, now=now)
    tell_some(released.event_id, now=now, most=AT_ONCE)
    return released.people


@dataclass(frozen=True)
class _Released:
    event_id: int
    people: int
    meetings: int


@retry_conflicts
def _release_provisional(slug: str, *, who: Who, now: datetime) -> _Released:
    with transaction() as session:
        day, row = _open_release(session, slug, now=now)
        row.phase, row.feedback_by = MatchPhase.PROVISIONAL, min(now + FEEDBACK_TIME, day.view.starts_at)
        row.version += 1
        add_audit(session, who, "release_provisional", noun="event", subject_id=row.event_id, now=now)
        return _close_release(session, day)


def _open_release(session: Session, slug: str, *, now: datetime) -> tuple[Day, Matchmaking]:
    """The locked day, without meetings of those who left. Raises MeetingNotPossibleError (past, phase)."""
    day = _lock_day(session, find_event_id(session, slug))
    if not is_open(day, now):
        raise MeetingNotPossibleError("past")
    if day.view.phase is MatchPhase.FINAL or not day.meetings:
        raise MeetingNotPossibleError("phase")
    drop_leavers(session, day, now=now)
    return day, session.get_one(Matchmaking, day.view.event_id)


def _close_release(session: Session, day: Day) -> _Released:
    people = [person.id for person in day.people.values() if person.is_complete]
    owe_schedules(session, people)
    meetings = sum(day.has_both(one) for one in day.meetings)
    return _Released(day.view.event_id, len(people), meetings)


def drop_leavers(session: Session, day: Day, *, now: datetime) -> None:
    """Meetings of people who are not registered any more end before anybody is told of them."""
    for view in day.meetings:
        if not day.has_both(view) and not is_over(view):
            row = open_meeting(session, day.view.event_id, view.id)
            staying = set(view.people) & day.people.keys()
            whys = dict.fromkeys(staying, "left") if row.state == MeetingState.AGREED else {}
            end_meeting(Desk(session, day, now), row, who=SYSTEM, whys=whys)


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


def release_final(slug: str, *, who: Who, now: datetime) -> int:
    """The meetings stand: calendars get an entry for each, of many days the worker sends the later ones.

    Returns how many meetings there are.
    """
    released = _release_final(slug, who=who, now=now)
    announce_some(released.event_id, now=now, most=AT_ONCE)
    tell_some(released.event_id, now=now, most=AT_ONCE)
    return released.meetings


@retry_conflicts
def _release_final(slug: str, *, who: Who, now: datetime) -> _Released:
    with transaction() as session:
        day, row = _open_release(session, slug, now=now)
        row.phase = MatchPhase.FINAL
        row.version += 1
        is_loose = (Meeting.event_id == row.event_id) & (Meeting.state == MeetingState.PROVISIONAL)
        session.execute(
            update(Meeting).where(is_loose).values(state=MeetingState.AGREED),
            execution_options={"synchronize_session": False},
        )
        add_audit(session, who, "release_final", noun="event", subject_id=row.event_id, now=now)
        return _close_release(session, day)


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
    _reseat(session, day, {pair: found.seats[pair] for pair in found.moved})
    fresh = load_day(session, event_id)
    for pair in found.placed:
        view = seat(session, day, pair, find_seat(fresh, *found.seats[pair]), state=state, now=now)
        fresh = replace(fresh, meetings=(*fresh.meetings, view))
    concerned = {*found.placed, *found.moved}
    if state is MeetingState.AGREED:
        desk = Desk(session, fresh, now)
        for view in fresh.meetings:
            if order_pair(*view.people) in concerned:
                announce(desk, view)
    return Replanned(_names(day, found.placed), _names(day, found.moved))


def _reseat(session: Session, day: Day, seats: Seats) -> None:
    """Several meetings change places: all leave their seats before the first one sits down again."""
    views = {order_pair(*one.people): one for one in day.meetings}
    rows = {pair: open_meeting(session, day.view.event_id, views[pair].id) for pair in seats}
    free_times(session, [row.id for row in rows.values()])
    for pair, row in rows.items():
        slot, table = day.slot_by_id[seats[pair][0]], day.table_by_id[seats[pair][1]]
        row.slot_id, row.starts_at, row.ends_at = slot.id, slot.starts_at, slot.ends_at
        row.version += 1
        forget_stand_ins(session, row)
        hold_seats(session, row, slot, [table])
    session.flush()


def _names(day: Day, pairs: Iterable[Pair]) -> tuple[tuple[str, str], ...]:
    return tuple((day.people[one].name, day.people[other].name) for one, other in pairs)
