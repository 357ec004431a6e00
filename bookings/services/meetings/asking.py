"""Participants ask each other and answer. Until it is accepted a request takes nobody's time; it lapses."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import (
    MatchMode,
    MatchPhase,
    MeetingRequestState,
    MeetingState,
    WishStrength,
    find_reminder_time,
    find_request_end,
)
from bookings.domain.time import local_day
from bookings.models.meetings import MeetingRequest
from bookings.queries.meetings.day import Day, is_open, load_day
from bookings.queries.meetings.own import list_own_wishes, open_own
from bookings.queries.meetings.wishes import is_unwanted
from bookings.services.audit import add_audit
from bookings.services.meetings.calendar import announce
from bookings.services.meetings.letters import Desk, tell_asked, tell_refused
from bookings.services.meetings.profiles import find_other
from bookings.services.meetings.seating import (
    PARTICIPANT,
    check_pair,
    choose_slot,
    find_place,
    list_common_slots,
    lock_people,
    seat,
)

_MOST_OPEN = 30
_MOST_A_DAY = 2
_A_DAY = timedelta(days=1)


@retry_conflicts
def ask_for_meeting(
    token: str, reference: str, *, slot_id: int | None = None, message: str = "", now: datetime
) -> int:
    """Ask another participant. Who never wants to meet the asker hears nothing, and the asker sees a request
    that lapses like any other. Returns its id. Raises NotFoundError or MeetingNotPossibleError."""
    with transaction() as session:
        own = open_own(session, token, now=now)
        other_id = find_other(session, own, reference)
        day = load_day(session, own.event_id)
        _check_may_ask(session, day, (own.registration_id, other_id), now=now)
        request = MeetingRequest(
            event_id=own.event_id,
            asker_id=own.registration_id,
            asked_id=other_id,
            slot_id=slot_id if slot_id in day.slot_by_id else None,
            message=message,
            is_walk_in=local_day(now, day.view.time_zone)
            >= local_day(day.view.starts_at, day.view.time_zone),
            asked_at=now,
            expires_at=find_request_end(
                now, starts_at=day.view.starts_at, ends_at=day.view.ends_at, zone=day.view.time_zone
            ),
        )
        try:
            with session.begin_nested():
                session.add(request)
        except IntegrityError as error:
            raise MeetingNotPossibleError("open") from error
        if not is_unwanted(session, own.registration_id, other_id):
            tell_asked(
                Desk(session, day, now), day.people[own.registration_id], day.people[other_id], request
            )
        return request.id


def _check_may_ask(session: Session, day: Day, pair: tuple[int, int], *, now: datetime) -> None:
    if pair[0] not in day.people:
        raise MeetingNotPossibleError("profile")
    if not is_open(day, now):
        raise MeetingNotPossibleError("past")
    if day.view.mode is MatchMode.SOLVER and day.view.phase is not MatchPhase.FINAL:
        raise MeetingNotPossibleError("phase")
    if list_own_wishes(session, pair[0]).get(pair[1]) == WishStrength.NEVER:
        raise MeetingNotPossibleError("own_never")
    check_pair(day, pair)
    if not list_common_slots(day, pair, now=now):
        raise MeetingNotPossibleError("no_time")
    lately = select(func.count()).where(
        MeetingRequest.asker_id == pair[0],
        MeetingRequest.asked_id == pair[1],
        MeetingRequest.asked_at > now - _A_DAY,
    )
    if session.scalars(lately).one() >= _MOST_A_DAY:
        raise MeetingNotPossibleError("many")
    waiting = select(func.count()).where(
        MeetingRequest.asker_id == pair[0], MeetingRequest.state == MeetingRequestState.OPEN
    )
    if session.scalars(waiting).one() >= _MOST_OPEN:
        raise MeetingNotPossibleError("many")


@retry_conflicts
def accept_request(token: str, request_id: int, *, slot_id: int | None = None, now: datetime) -> int:
    """The two meet: at the wanted time if it is free for both, else at the first one that is. Returns the
    meeting's id. Raises NotFoundError, MeetingNotPossibleError or TimeHeldError."""
    with transaction() as session:
        own = open_own(session, token, now=now)
        request = _open_request(session, request_id, asked_id=own.registration_id, now=now)
        pair = request.asker_id, request.asked_id
        day = lock_people(session, own.event_id, pair)
        if not is_open(day, now):
            raise MeetingNotPossibleError("past")
        if is_unwanted(session, *pair):
            raise MeetingNotPossibleError("closed")
        check_pair(day, pair)
        slots = list_common_slots(day, pair, now=now)
        if slots and slot_id is not None and slot_id not in {slot.id for slot in slots}:
            raise MeetingNotPossibleError("gone")
        slot = choose_slot(slots, (slot_id, request.slot_id))
        place = find_place(day, pair, slot)
        meeting_id = seat(session, day, pair, place, state=MeetingState.AGREED, now=now).id
        request.state, request.answered_at = MeetingRequestState.ACCEPTED, now
        add_audit(session, PARTICIPANT, "agree_meeting", noun="meeting", subject_id=meeting_id, now=now)
        session.flush()
        tell_of_meeting(session, own.event_id, meeting_id, now=now)
        return meeting_id


def tell_of_meeting(session: Session, event_id: int, meeting_id: int, *, now: datetime) -> None:
    """Both hear of a meeting as it stands now."""
    day = load_day(session, event_id)
    view = next(one for one in day.meetings if one.id == meeting_id)
    announce(Desk(session, day, now), view)


@retry_conflicts
def decline_request(token: str, request_id: int, *, now: datetime) -> None:
    """No, and the asker hears of it. Raises NotFoundError or MeetingNotPossibleError."""
    with transaction() as session:
        own = open_own(session, token, now=now)
        request = _open_request(session, request_id, asked_id=own.registration_id, now=now)
        request.state, request.answered_at = MeetingRequestState.DECLINED, now
        day = load_day(session, own.event_id)
        asker, asked = day.people.get(request.asker_id), day.people.get(request.asked_id)
        if asker is not None and asked is not None:
            tell_refused(Desk(session, day, now), asker, asked, request)


@retry_conflicts
def withdraw_request(token: str, request_id: int, *, now: datetime) -> None:
    """The asker takes it back. Raises NotFoundError or MeetingNotPossibleError."""
    with transaction() as session:
        own = open_own(session, token, now=now)
        request = _open_request(session, request_id, asker_id=own.registration_id, now=now)
        request.state, request.answered_at = MeetingRequestState.WITHDRAWN, now


def expire_requests(*, now: datetime) -> None:
    """Requests whose time is over lapse; at half of it the asked one is reminded."""
    for request_id in _find_due(now):
        _look_at(request_id, now=now)


@retry_conflicts
def _look_at(request_id: int, *, now: datetime) -> None:
    with transaction() as session:
        request = session.get(MeetingRequest, request_id, with_for_update=True, populate_existing=True)
        if request is None or request.state != MeetingRequestState.OPEN:
            return
        if now >= request.expires_at:
            request.state, request.answered_at = MeetingRequestState.EXPIRED, now
        elif request.reminded_at is None:
            request.reminded_at = now
            _remind(session, request, now=now)


def _find_due(now: datetime) -> list[int]:
    columns = (
        MeetingRequest.id,
        MeetingRequest.asked_at,
        MeetingRequest.expires_at,
        MeetingRequest.reminded_at,
    )
    query = select(*columns).where(MeetingRequest.state == MeetingRequestState.OPEN)
    rows = read_session().execute(query.order_by(MeetingRequest.expires_at)).all()
    return [
        row.id
        for row in rows
        if now >= row.expires_at
        or (row.reminded_at is None and now >= find_reminder_time(row.asked_at, row.expires_at))
    ]


def _remind(session: Session, request: MeetingRequest, *, now: datetime) -> None:
    day = load_day(session, request.event_id)
    asker, asked = day.people.get(request.asker_id), day.people.get(request.asked_id)
    if asker and asked and not is_unwanted(session, asker.id, asked.id):
        tell_asked(Desk(session, day, now), asker, asked, request, is_reminder=True)


def _open_request(
    session: Session,
    request_id: int,
    *,
    asked_id: int | None = None,
    asker_id: int | None = None,
    now: datetime,
) -> MeetingRequest:
    row = session.get(MeetingRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None or (asked_id or row.asked_id, asker_id or row.asker_id) != (row.asked_id, row.asker_id):
        raise NotFoundError("meeting_request", str(request_id))
    if row.state != MeetingRequestState.OPEN or now >= row.expires_at:
        raise MeetingNotPossibleError("closed")
    return row
