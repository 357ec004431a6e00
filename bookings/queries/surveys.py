"""What people said of an event, and the page on which they say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.events import Texts
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import RegistrationState, SurveyStage
from bookings.domain.surveys import (
    Opinion,
    SurveyFigures,
    SurveyOutcome,
    count_opinions,
    find_stage,
    known_outcomes,
)
from bookings.models.events import Event
from bookings.models.registrations import Attendance, Registration, SurveyAnswer
from bookings.queries.links import find_link
from bookings.settings import current_settings


@dataclass(frozen=True, kw_only=True)
class SurveyPage:
    """The page behind a person's link; `stage` is nothing before the event is over."""

    registration_id: int
    event_id: int
    title: Texts
    time_zone: str
    ends_at: datetime
    stage: SurveyStage | None
    given: Opinion | None
    was_there: bool


def find_survey(session: Session, token: str, *, now: datetime) -> SurveyPage:
    """What a person's link opens. Raises LinkNotFoundError, LinkExpiredError, or NotFoundError (no place)."""
    link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
    was_there = exists().where(Attendance.registration_id == Registration.id, Attendance.part_id.is_(None))
    row = session.execute(
        select(Registration.id, Event.id, Event.title, Event.time_zone, Event.ends_at, was_there)
        .join(Event, Event.id == Registration.event_id)
        .where(Registration.id == link.subject_id, Registration.state == RegistrationState.REGISTERED)
    ).one_or_none()
    if row is None:
        raise NotFoundError("survey", str(link.subject_id))
    id_, event_id, title, time_zone, ends_at, came = row
    stage = find_stage(ends_at, follow_up_days=current_settings().event_mails.follow_up_days, now=now)
    return SurveyPage(
        registration_id=id_,
        event_id=event_id,
        title=title,
        time_zone=time_zone,
        ends_at=ends_at,
        stage=stage,
        given=_find_given(session, id_, stage),
        was_there=came,
    )


def count_survey(session: Session, event_id: int, stage: SurveyStage) -> SurveyFigures:
    """The answers of one stage."""
    rows = _answers(session, event_id, stage)
    sent = Registration.thanked_at if stage == SurveyStage.DAY_1 else Registration.followed_up_at
    asked = session.scalar(
        select(func.count())
        .select_from(Registration)
        .where(Registration.event_id == event_id, sent.is_not(None))
    )
    return count_opinions(stage, [_read(row) for row in rows], asked=asked or 0)


def list_survey_cells(session: Session, event_id: int) -> list[dict[str, str]]:
    """Every answer as a row of text, without who gave it."""
    return [
        {
            "stage": row.stage,
            "score": str(row.score),
            **{outcome.value: "yes" if outcome in row.outcomes else "no" for outcome in SurveyOutcome},
            "comment": row.comment,
        }
        for stage in SurveyStage
        for row in _answers(session, event_id, stage)
    ]


def _answers(session: Session, event_id: int, stage: SurveyStage) -> Sequence[Any]:
    """In no order that tells who was first."""
    return session.execute(
        select(SurveyAnswer.stage, SurveyAnswer.score, SurveyAnswer.outcomes, SurveyAnswer.comment)
        .join(Registration, Registration.id == SurveyAnswer.registration_id)
        .where(Registration.event_id == event_id, SurveyAnswer.stage == stage)
        .order_by(SurveyAnswer.score, SurveyAnswer.comment, SurveyAnswer.id)
    ).all()


def _find_given(session: Session, registration_id: int, stage: SurveyStage | None) -> Opinion | None:
    row = session.execute(
        select(SurveyAnswer.score, SurveyAnswer.outcomes, SurveyAnswer.comment).where(
            SurveyAnswer.registration_id == registration_id, SurveyAnswer.stage == (stage or "")
        )
    ).one_or_none()
    if row is None:
        return None
    return _read(row)


def _read(row: Any) -> Opinion:
    return Opinion(score=row.score, outcomes=known_outcomes(row.outcomes), comment=row.comment)
