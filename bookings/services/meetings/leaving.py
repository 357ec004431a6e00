"""What goes when somebody else takes a place, or two are never to meet. Parts of use cases."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from bookings.domain.event_errors import HandOverError
from bookings.domain.meetings import MatchPhase, MeetingState
from bookings.domain.visits import Actor
from bookings.models.meetings import Matchmaking, Meeting, Participant
from bookings.services.meeting_holds import free_times

_UNSEEN = {"synchronize_session": False}


def hand_over_participant(session: Session, registration_id: int, *, now: datetime) -> None:
    """Profile, wishes and requests are the one's who goes. Raises HandOverError while meetings stand."""
    is_theirs = or_(Meeting.first_id == registration_id, Meeting.second_id == registration_id)
    drop_unannounced(session, is_theirs, now=now)
    standing = select(Meeting.id).where(
        is_theirs, Meeting.state.in_((MeetingState.PROVISIONAL, MeetingState.AGREED)), Meeting.starts_at > now
    )
    if session.scalar(standing.limit(1)) is not None:
        raise HandOverError
    session.execute(
        delete(Participant).where(Participant.registration_id == registration_id), execution_options=_UNSEEN
    )


def drop_unannounced(session: Session, which: ColumnElement[bool], *, now: datetime) -> None:
    """Meetings that nobody was told of yet end without a word."""
    ids = session.scalars(
        select(Meeting.id)
        .join(Matchmaking, Matchmaking.event_id == Meeting.event_id)
        .where(which, Meeting.state == MeetingState.PROVISIONAL, Matchmaking.phase == MatchPhase.OPEN)
    ).all()
    if not ids:
        return
    free_times(session, ids)
    session.execute(
        update(Meeting)
        .where(Meeting.id.in_(ids))
        .values(
            state=MeetingState.CANCELLED, version=Meeting.version + 1, closed_at=now, closed_by=Actor.SYSTEM
        ),
        execution_options=_UNSEEN,
    )
