"""One participant's side: the registration behind a link, own wishes, own requests, own ratings."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.meetings import MeetingRequestState, MeetingState, WishStrength
from bookings.domain.registrations import RegistrationState, SurveyStage
from bookings.domain.surveys import Opinion, known_outcomes
from bookings.domain.visits import Actor
from bookings.models.meetings import Meeting, MeetingPerson, MeetingRating, MeetingRequest, Wish
from bookings.models.registrations import Registration
from bookings.queries.links import find_link


@dataclass(frozen=True, kw_only=True)
class OwnKeys:
    """Whose link it is."""

    registration_id: int
    event_id: int
    reference: str
    name: str
    time_zone: str
    language: str


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """A request for a meeting, as either side sees it."""

    id: int
    asker_id: int
    asked_id: int
    slot_id: int | None
    message: str
    state: MeetingRequestState
    is_walk_in: bool
    expires_at: datetime


def open_own(session: Session, token: str, *, now: datetime) -> OwnKeys:
    """Who holds this link. Raises LinkNotFoundError, LinkExpiredError, or NotFoundError when the registration
    does not stand (any more)."""
    link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
    row = (
        session.execute(
            select(
                Registration.id.label("registration_id"),
                Registration.event_id,
                Registration.reference,
                Registration.name,
                Registration.time_zone,
                Registration.language,
            ).where(Registration.id == link.subject_id, Registration.state == RegistrationState.REGISTERED)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise NotFoundError("registration")
    return OwnKeys(**row)


def list_own_wishes(session: Session, registration_id: int) -> dict[int, WishStrength]:
    """Whom this person wishes to meet, or never."""
    query = select(Wish.wished_id, Wish.strength).where(Wish.wisher_id == registration_id)
    return {wished: WishStrength(strength) for wished, strength in session.execute(query)}


def list_own_requests(session: Session, registration_id: int) -> list[RequestView]:
    """Requests from and to this person. Those of people whom this person never wants to meet stay unseen."""
    columns = (
        MeetingRequest.id, MeetingRequest.asker_id, MeetingRequest.asked_id, MeetingRequest.slot_id,
        MeetingRequest.message, MeetingRequest.state, MeetingRequest.is_walk_in, MeetingRequest.expires_at,
    )  # fmt: skip
    query = (
        select(*columns)
        .where(or_(MeetingRequest.asker_id == registration_id, MeetingRequest.asked_id == registration_id))
        .order_by(MeetingRequest.id.desc())
    )
    unwanted = {
        other
        for other, strength in list_own_wishes(session, registration_id).items()
        if strength is WishStrength.NEVER
    }
    return [
        RequestView(**{**row, "state": MeetingRequestState(row["state"])})
        for row in session.execute(query).mappings()
        if row["asker_id"] not in unwanted
    ]


def list_own_ratings(session: Session, registration_id: int) -> dict[tuple[int, SurveyStage], Opinion]:
    """(meeting, stage) → what this person said."""
    rating = MeetingRating
    query = select(rating.meeting_id, rating.stage, rating.score, rating.outcomes, rating.comment).where(
        rating.registration_id == registration_id
    )
    return {
        (row.meeting_id, SurveyStage(row.stage)): Opinion(
            score=row.score, outcomes=known_outcomes(row.outcomes), comment=row.comment
        )
        for row in session.execute(query)
    }


def list_called_off(session: Session, registration_id: int) -> set[int]:
    """Those with whom this person had a meeting that one of the two called off, or staff once both knew of
    it. What was taken out of a plan that nobody had seen is nobody's business."""
    was_announced = (
        select(MeetingPerson.id)
        .where(MeetingPerson.meeting_id == Meeting.id, MeetingPerson.calendar_entry_id.is_not(None))
        .exists()
    )
    query = select(Meeting.first_id, Meeting.second_id).where(
        Meeting.state == MeetingState.CANCELLED,
        Meeting.second_id.is_not(None),
        or_(Meeting.first_id == registration_id, Meeting.second_id == registration_id),
        or_(Meeting.closed_by == Actor.VISITOR, was_announced),
    )
    return {one for pair in session.execute(query) for one in pair} - {registration_id}
