"""What participants say of themselves: profile, times, whom they wish to meet and whom never."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.holds import ResourceKind
from bookings.domain.meetings import (
    STANDING_MEETINGS,
    MatchMode,
    MatchPhase,
    MeetingRequestState,
    Profile,
    WishStrength,
)
from bookings.domain.registrations import RegistrationState
from bookings.models.directory import Interest
from bookings.models.meetings import (
    Matchmaking,
    Meeting,
    MeetingRequest,
    MeetingSlot,
    Participant,
    ParticipantAbsence,
    ParticipantInterest,
    Wish,
)
from bookings.models.registrations import Registration
from bookings.queries.meetings.own import OwnKeys, open_own
from bookings.services.holds import lock_resources
from bookings.services.meetings.leaving import drop_unannounced


@retry_conflicts
def save_profile(token: str, profile: Profile, *, version: int = 0, now: datetime) -> None:
    """Write the profile; from then on others find it. Meetings that stand stay where they are.

    Raises NotFoundError or RecordChangedError (`version` 0: there was none when the form was opened).
    """
    with transaction() as session:
        own = open_own(session, token, now=now)
        write_profile(session, own.registration_id, profile, version=version, now=now)


def write_profile(
    session: Session, registration_id: int, profile: Profile, *, version: int | None, now: datetime
) -> None:
    """As `save_profile`, for the caller's transaction; without a version nobody is asked who was quicker."""
    registration = session.get_one(Registration, registration_id, with_for_update=True)
    if session.get(Matchmaking, registration.event_id) is None:
        raise NotFoundError("matchmaking", str(registration.event_id))
    row = session.get(Participant, registration_id, with_for_update=True)
    if version is not None and version != (row.version if row else 0):
        raise RecordChangedError("participant")
    if row is None:
        row = Participant(registration_id=registration_id, event_id=registration.event_id, version=0)
        session.add(row)
    row.offers, row.needs, row.languages = profile.offers, profile.needs, list(profile.languages)
    row.half_day, row.takes_fill_ins = profile.half_day, profile.takes_fill_ins
    row.version += 1
    row.completed_at = row.completed_at or now
    session.flush()
    _write_interests(session, registration_id, profile)
    _write_absences(session, registration, profile)


def _write_interests(session: Session, registration_id: int, profile: Profile) -> None:
    session.execute(delete(ParticipantInterest).where(ParticipantInterest.registration_id == registration_id))
    ids = session.scalars(select(Interest.id).where(Interest.slug.in_(profile.interests)))
    session.add_all(ParticipantInterest(registration_id=registration_id, interest_id=one) for one in ids)


def _write_absences(session: Session, registration: Registration, profile: Profile) -> None:
    session.execute(delete(ParticipantAbsence).where(ParticipantAbsence.registration_id == registration.id))
    slots = session.scalars(
        select(MeetingSlot.id).where(
            MeetingSlot.event_id == registration.event_id, MeetingSlot.id.in_(profile.absent_in)
        )
    )
    session.add_all(ParticipantAbsence(registration_id=registration.id, slot_id=slot) for slot in slots)


@retry_conflicts
def set_wish(token: str, reference: str, strength: WishStrength | None, *, now: datetime) -> None:
    """Whom this person must, would like to or will never meet; None takes the wish back.

    Raises NotFoundError, or MeetingNotPossibleError: profile (write your own first), closed (wishes are not
    taken any more; a `never` always is) or stands (the two meet; call the meeting off first).
    """
    with transaction() as session:
        own = open_own(session, token, now=now)
        other_id = find_other(session, own, reference)
        if session.get(Participant, own.registration_id) is None:
            raise MeetingNotPossibleError("profile")
        if strength is WishStrength.NEVER:
            _part(session, own.registration_id, other_id, now=now)
        else:
            _check_is_open(session, own, now=now)
        session.execute(delete(Wish).where(Wish.wisher_id == own.registration_id, Wish.wished_id == other_id))
        if strength is not None:
            session.add(Wish(wisher_id=own.registration_id, wished_id=other_id, strength=strength))


def find_other(session: Session, own: OwnKeys, reference: str) -> int:
    """Another participant of the same day. Raises NotFoundError."""
    found = session.scalar(
        select(Registration.id)
        .join(Participant, Participant.registration_id == Registration.id)
        .where(
            Registration.reference == reference,
            Registration.event_id == own.event_id,
            Registration.state == RegistrationState.REGISTERED,
            Registration.id != own.registration_id,
            Participant.completed_at.is_not(None),
        )
    )
    if found is None:
        raise NotFoundError("participant", reference)
    return found


def _part(session: Session, own_id: int, other_id: int, *, now: datetime) -> None:
    """Two who never meet have no meeting and no open request of the one who says so."""
    # Whoever seats the two, or lets them agree, waits: they stand or they part.
    lock_resources(session, [(ResourceKind.PERSON, one) for one in (own_id, other_id)])
    first, second = sorted((own_id, other_id))
    is_theirs = (Meeting.first_id == first) & (Meeting.second_id == second)
    drop_unannounced(session, is_theirs, now=now)
    standing = select(Meeting.id).where(is_theirs, Meeting.state.in_(STANDING_MEETINGS))
    if session.scalars(standing.limit(1)).first() is not None:
        raise MeetingNotPossibleError("stands")
    session.execute(
        update(MeetingRequest)
        .where(
            MeetingRequest.asker_id == own_id,
            MeetingRequest.asked_id == other_id,
            MeetingRequest.state == MeetingRequestState.OPEN,
        )
        .values(state=MeetingRequestState.WITHDRAWN, answered_at=now)
    )


def _check_is_open(session: Session, own: OwnKeys, *, now: datetime) -> None:
    row = session.get_one(Matchmaking, own.event_id)
    is_late = row.wishes_by is not None and now >= row.wishes_by
    if row.mode == MatchMode.SOLVER and (is_late or row.phase == MatchPhase.FINAL):
        raise MeetingNotPossibleError("closed")


def forget_wishes(session: Session, registration_id: int) -> None:
    """Nobody's wish holds for whoever is not in any more."""
    session.execute(
        delete(Wish).where(or_(Wish.wisher_id == registration_id, Wish.wished_id == registration_id))
    )
