"""Visitors book an adviser's time, move and cancel it; adviser and staff can cancel it, too.

A booked time is a hold of the adviser from the first press on: until the address is proved, then for good.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.advisers import pad_for_adviser, take_time
from bookings.domain.answers import Partstat
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import AdviserTakenError, TimeHeldError
from bookings.domain.holds import ResourceKind
from bookings.domain.links import LinkPurpose
from bookings.domain.meetings import STANDING_MEETINGS, MeetingState
from bookings.domain.registrations import LIVE_STATES, Application, Outcome, RegistrationState
from bookings.domain.time import Interval
from bookings.domain.visits import Actor
from bookings.i18n import MAIL_LANGUAGE, in_language
from bookings.models.meetings import Adviser, Meeting, MeetingPerson
from bookings.models.registrations import Registration
from bookings.queries.advisers import AdviserCard, load_adviser
from bookings.queries.links import find_link
from bookings.services.advisers.telling import (
    load_facts,
    queue_advice_verification,
    tell_booked,
    tell_cancelled,
)
from bookings.services.audit import add_audit
from bookings.services.holds import lock_resources
from bookings.services.meeting_holds import free_times, hold_times
from bookings.services.outbox import site_url
from bookings.services.registrations.links import add_page_link
from bookings.services.registrations.registering import take_form
from bookings.services.registrations.rows import REGISTRANT, close, set_state
from bookings.services.registrations.seats import free_seats, open_group

_NEXT_SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class AdviceWish:
    """A form that was sent: who comes, to whom, when (UTC) and about what."""

    adviser_id: int
    starts_at: datetime
    subject: str
    application: Application


@retry_conflicts
def book_advice(wish: AdviceWish, *, now: datetime) -> Outcome:
    """Keep the time, and send the mail that proves the address. The same form sent again changes nothing.

    Raises AdviserTakenError, AdviceTimeError, NotFoundError, or what registering for an event refuses.
    """
    with transaction() as session:
        adviser = _lock_adviser(session, wish.adviser_id, now=now)
        outcome = take_form(session, wish.application, now=now, send_first=queue_advice_verification)
        if outcome.registration_id is None or _is_booked(session, outcome.registration_id):
            return outcome
        _add_meeting(session, adviser, wish, outcome.registration_id, now=now)
        return outcome


@retry_conflicts
def verify_advice(token: str, *, now: datetime) -> str | None:
    """The address is proved: the meeting stands, and both calendars hear of it.

    Returns the token of the visitor's page; None when it was proved before. Raises LinkNotFoundError,
    LinkExpiredError or NotFoundError (the time is not kept any more).
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.VERIFY_REGISTRATION, now=now)
        room, group = open_group(session, link.subject_id, alone=True)
        person = group.leader
        if person.verified_at is not None:
            return None
        meeting = _find_meeting(session, Meeting.first_id == person.id)
        set_state([person], RegistrationState.REGISTERED, respond_by=None)
        person.verified_at = person.registered_at = now
        person.told_version = room.event.version
        meeting.state = MeetingState.AGREED
        meeting.version += 1
        _audit(session, "agree", meeting, who=REGISTRANT, now=now)
        page_token = add_page_link(session, group, person, now=now)
        _tell_both(session, meeting, page_token, now=now)
        return page_token


@retry_conflicts
def move_advice(token: str, *, starts_at: datetime, now: datetime) -> None:
    """Another time with the same adviser: the same entry in both calendars, SEQUENCE + 1.

    Raises AdviserTakenError, AdviceTimeError, LinkNotFoundError, LinkExpiredError or NotFoundError.
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        meeting = _find_meeting(session, Meeting.first_id == link.subject_id)
        card = _lock_adviser(session, meeting.adviser_id or 0, now=now)
        time = take_time(card.day, starts_at, now=now)
        before = meeting.starts_at
        meeting.starts_at, meeting.ends_at = time.start, time.end
        meeting.version += 1
        session.flush()
        _hold(session, card, meeting, now=now)
        _audit(session, "move", meeting, who=REGISTRANT, now=now, before=before.isoformat())
        _tell_both(session, meeting, token, now=now)


@retry_conflicts
def cancel_advice(token: str, *, reason: str, now: datetime) -> None:
    """The visitor doesn't come; somebody else can have the time. Pressing twice is harmless.

    Raises LinkNotFoundError or LinkExpiredError.
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        meeting = session.scalar(
            _standing().where(Meeting.first_id == link.subject_id, Meeting.starts_at > now)
        )
        if meeting is not None:
            _cancel(session, meeting, who=REGISTRANT, reason=reason, now=now)


@retry_conflicts
def cancel_advice_by_adviser(token: str, meeting_id: int, *, reason: str, now: datetime) -> None:
    """The adviser cannot. Raises LinkNotFoundError, LinkExpiredError or NotFoundError."""
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.ADVISER_PAGE, now=now)
        adviser = session.get_one(Adviser, link.subject_id)
        is_theirs = (Meeting.id == meeting_id) & (Meeting.adviser_id == adviser.id)
        meeting = _find_meeting(session, is_theirs & (Meeting.starts_at > now))
        _cancel(session, meeting, who=Who(Actor.HOST, adviser.name), reason=reason, now=now)


@retry_conflicts
def cancel_advice_by_staff(meeting_id: int, *, event_id: int, reason: str, who: Who, now: datetime) -> None:
    """Staff call a meeting off; both are told. Raises NotFoundError."""
    with transaction() as session:
        is_meant = (Meeting.id == meeting_id) & (Meeting.event_id == event_id)
        meeting = _find_meeting(session, is_meant & (Meeting.starts_at > now))
        _cancel(session, meeting, who=who, reason=reason, now=now)


def follow_calendar_of_advice(
    session: Session, entry_id: int, partstat: str | None, *, now: datetime
) -> None:
    """The visitor's or the adviser's calendar said no: it is off. Part of the inbox's use case."""
    if partstat != Partstat.DECLINED:
        return
    side = session.scalar(
        select(MeetingPerson)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(
            MeetingPerson.calendar_entry_id == entry_id,
            Meeting.adviser_id.is_not(None),
            Meeting.state.in_(STANDING_MEETINGS),
            Meeting.starts_at > now,
        )
    )
    if side is None:
        return
    who = REGISTRANT if side.adviser_id is None else Who(Actor.HOST, "adviser")
    _cancel(session, session.get_one(Meeting, side.meeting_id), who=who, reason="", now=now)


def follow_visitors(*, now: datetime) -> int:
    """Meetings of visitors whose registration has ended by itself or elsewhere end, too; returns how many."""
    with transaction() as session:
        ended = session.scalars(
            _standing()
            .join(Registration, Registration.id == Meeting.first_id)
            .where(Meeting.starts_at > now, Registration.state.not_in(LIVE_STATES))
            .limit(100)
        ).all()
        for meeting in ended:
            _cancel(session, meeting, who=SYSTEM, reason="", now=now)
        return len(ended)


def _add_meeting(
    session: Session, card: AdviserCard, wish: AdviceWish, registration_id: int, *, now: datetime
) -> None:
    time = take_time(card.day, wish.starts_at, now=now)
    meeting = Meeting(
        event_id=session.get_one(Registration, registration_id).event_id,
        first_id=registration_id,
        adviser_id=card.id,
        starts_at=time.start,
        ends_at=time.end,
        time_zone=card.place_time_zone,
        state=MeetingState.PROVISIONAL,
        subject=wish.subject,
        created_at=now,
        people=[MeetingPerson(registration_id=registration_id), MeetingPerson(adviser_id=card.id)],
    )
    session.add(meeting)
    session.flush()
    _hold(session, card, meeting, now=now)
    _audit(session, "book", meeting, who=REGISTRANT, now=now, starts_at=time.start.isoformat())


def _hold(session: Session, card: AdviserCard, meeting: Meeting, *, now: datetime) -> None:
    time = Interval(meeting.starts_at, meeting.ends_at)
    times = {
        (ResourceKind.ADVISER, card.id): pad_for_adviser(time, card.day),
        (ResourceKind.PERSON, meeting.first_id): time,
    }
    try:
        hold_times(session, meeting.id, times)
    except TimeHeldError as refusal:
        free = card.list_free(now=now)
        starts = [one.start for one in free if one.start != meeting.starts_at]
        near = sorted(starts, key=lambda start: (abs(start - meeting.starts_at), start))[:_NEXT_SHOWN]
        raise AdviserTakenError(meeting.starts_at, card.place_time_zone, tuple(sorted(near))) from refusal


def _lock_adviser(session: Session, adviser_id: int, *, now: datetime) -> AdviserCard:
    """The adviser's time is locked, and what nobody confirmed in time is free again."""
    lock_resources(session, [(ResourceKind.ADVISER, adviser_id)])
    late = (
        _standing()
        .join(Registration, Registration.id == Meeting.first_id)
        .where(
            Meeting.adviser_id == adviser_id,
            or_(
                Registration.state.not_in(LIVE_STATES),
                (Registration.state == RegistrationState.UNVERIFIED) & (Registration.respond_by <= now),
            ),
        )
    )
    for meeting in session.scalars(late).all():
        _end(session, meeting, who=SYSTEM, now=now)
    return load_adviser(session, adviser_id)


def _cancel(session: Session, meeting: Meeting, *, who: Who, reason: str, now: datetime) -> None:
    facts = load_facts(session, meeting)
    _end(session, meeting, who=who, now=now)
    with in_language(facts.visitor.language):
        url = site_url("advisers.index", slug=facts.event.slug, **{MAIL_LANGUAGE: facts.visitor.language})
    tell_cancelled(session, facts, by=who.kind, reason=reason, visitor_url=url, now=now)
    _room, group = open_group(session, meeting.first_id, alone=True)
    if group.leader.state in LIVE_STATES:
        free_seats(session, group.people)
        close(group.people, RegistrationState.CANCELLED, by=who.kind, reason=reason, now=now)


def _end(session: Session, meeting: Meeting, *, who: Who, now: datetime) -> None:
    meeting.state, meeting.closed_at, meeting.closed_by = MeetingState.CANCELLED, now, who.kind
    meeting.version += 1
    free_times(session, [meeting.id])
    _audit(session, "cancel", meeting, who=who, now=now)


def _tell_both(session: Session, meeting: Meeting, page_token: str, *, now: datetime) -> None:
    facts = load_facts(session, meeting)
    language = {MAIL_LANGUAGE: facts.visitor.language}
    url = site_url("advisers.show", token=page_token, **language)
    tell_booked(session, facts, visitor_url=url, now=now)


def _is_booked(session: Session, registration_id: int) -> bool:
    return session.scalar(_standing().where(Meeting.first_id == registration_id)) is not None


def _find_meeting(session: Session, condition: ColumnElement[bool]) -> Meeting:
    meeting = session.scalar(_standing().where(condition).with_for_update())
    if meeting is None:
        raise NotFoundError("meeting", "")
    return meeting


def _standing() -> Select[Meeting]:
    return select(Meeting).where(Meeting.adviser_id.is_not(None), Meeting.state.in_(STANDING_MEETINGS))


def _audit(
    session: Session, action: str, meeting: Meeting, *, who: Who, now: datetime, **detail: Any
) -> None:
    add_audit(session, who, action, noun="meeting", subject_id=meeting.id, now=now, **detail)
