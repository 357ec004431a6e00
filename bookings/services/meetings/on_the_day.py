"""On the day: who is here, who is late, who was missing; and how the meetings were, at once and later."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import LATE_MINUTES, STANDING_MEETINGS, MeetingState
from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import BEST_SCORE, Opinion, find_stage
from bookings.models.events import Event
from bookings.models.meetings import Meeting, MeetingPerson, MeetingRating, Participant
from bookings.models.registrations import Registration
from bookings.queries.meetings.day import find_event_id
from bookings.queries.meetings.own import open_own
from bookings.services.audit import add_audit
from bookings.services.meetings.seating import open_meeting
from bookings.settings import current_settings


@retry_conflicts
def say_here(token: str, *, late_minutes: int = 0, now: datetime) -> None:
    """Here, or late by some minutes for the next meeting, or for the one that runs.

    Raises NotFoundError or MeetingNotPossibleError (profile).
    """
    with transaction() as session:
        own = open_own(session, token, now=now)
        _note(session, own.registration_id, late_minutes=late_minutes, now=now)


@retry_conflicts
def say_here_by_staff(slug: str, registration_id: int, *, who: Who, now: datetime) -> None:
    """Staff see somebody at the door. Raises NotFoundError or MeetingNotPossibleError (profile)."""
    with transaction() as session:
        event_id = find_event_id(session, slug)
        registration = session.get(Registration, registration_id)
        if registration is None or registration.event_id != event_id:
            raise NotFoundError("registration", str(registration_id))
        _note(session, registration_id, late_minutes=0, now=now)
        add_audit(session, who, "mark_here", noun="registration", subject_id=registration_id, now=now)


def _note(session: Session, registration_id: int, *, late_minutes: int, now: datetime) -> None:
    participant = session.get(Participant, registration_id, with_for_update=True)
    if participant is None:
        raise MeetingNotPossibleError("profile")
    if late_minutes in LATE_MINUTES:
        starts_at = _find_next_start(session, registration_id, now=now)
        participant.late_until = max(now, starts_at or now) + timedelta(minutes=late_minutes)
    else:
        participant.arrived_at, participant.late_until = participant.arrived_at or now, None
    participant.left_at = None


def _find_next_start(session: Session, registration_id: int, *, now: datetime) -> datetime | None:
    """When the meeting begins, or began, that somebody is late for."""
    return session.scalar(
        select(func.min(Meeting.starts_at))
        .join(MeetingPerson, MeetingPerson.meeting_id == Meeting.id)
        .where(
            MeetingPerson.registration_id == registration_id,
            Meeting.state.in_(STANDING_MEETINGS),
            Meeting.ends_at > now,
        )
    )


@retry_conflicts
def settle_meeting(slug: str, meeting_id: int, *, was_held: bool, who: Who, now: datetime) -> None:
    """Staff say whether it took place. Raises NotFoundError or MeetingNotPossibleError (early)."""
    with transaction() as session:
        row = open_meeting(session, find_event_id(session, slug), meeting_id)
        if now < row.starts_at:
            raise MeetingNotPossibleError("early")
        row.state = MeetingState.HELD if was_held else MeetingState.MISSED
        add_audit(session, who, "settle_meeting", noun="meeting", subject_id=row.id, now=now, held=was_held)


@retry_conflicts
def rate_meeting(token: str, meeting_id: int, opinion: Opinion, *, now: datetime) -> None:
    """How it was: at once, and half a year later what became of it. Said again, the last word counts.

    Raises NotFoundError or MeetingNotPossibleError (early, cancelled).
    """
    with transaction() as session:
        own = open_own(session, token, now=now)
        row = session.get(Meeting, meeting_id)
        if row is None or own.registration_id not in (row.first_id, row.second_id):
            raise NotFoundError("meeting", str(meeting_id))
        if now < row.starts_at or row.state == MeetingState.CANCELLED:
            raise MeetingNotPossibleError("early" if now < row.starts_at else "cancelled")
        stage = find_rating_stage(session.get_one(Event, row.event_id).ends_at, now)
        rating = MeetingRating
        session.execute(
            delete(rating).where(
                rating.meeting_id == row.id,
                rating.registration_id == own.registration_id,
                rating.stage == stage,
            )
        )
        session.add(
            MeetingRating(
                meeting_id=row.id,
                registration_id=own.registration_id,
                stage=stage,
                score=max(1, min(BEST_SCORE, opinion.score)),
                outcomes=[outcome.value for outcome in opinion.outcomes],
                comment=opinion.comment,
                rated_at=now,
            )
        )


def find_rating_stage(event_ends_at: datetime, now: datetime) -> SurveyStage:
    """Which of the two questions is open: that of the survey, but the first one from the first meeting on."""
    days = current_settings().event_mails.follow_up_days
    return find_stage(event_ends_at, follow_up_days=days, now=now) or SurveyStage.DAY_1
