"""What participants said of their meetings: for the organisers alone."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import Opinion, known_outcomes
from bookings.models.meetings import Meeting, MeetingRating


@dataclass(frozen=True, kw_only=True)
class Rating:
    """One side's word about one meeting, at one of the two stages."""

    meeting_id: int
    rater_id: int
    other_id: int
    stage: SurveyStage
    opinion: Opinion


def list_ratings(session: Session, event_id: int) -> list[Rating]:
    """All that was said of the meetings of a day, the lowest marks first."""
    rating = MeetingRating
    rows = session.execute(
        select(
            rating.meeting_id, rating.registration_id, rating.stage, rating.score, rating.outcomes,
            rating.comment, Meeting.first_id, Meeting.second_id,
        )
        .join(Meeting, Meeting.id == rating.meeting_id)
        .where(Meeting.event_id == event_id, Meeting.second_id.is_not(None))
        .order_by(rating.stage, rating.score, rating.id)
    )  # fmt: skip
    return [
        Rating(
            meeting_id=row.meeting_id,
            rater_id=row.registration_id,
            other_id=row.second_id if row.registration_id == row.first_id else row.first_id,
            stage=SurveyStage(row.stage),
            opinion=Opinion(score=row.score, outcomes=known_outcomes(row.outcomes), comment=row.comment),
        )
        for row in rows
    ]
