"""Answers to the survey: one a stage, which stays changeable while the stage is open."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bookings.adapters.sheet_writer import write_csv
from bookings.db import retry_conflicts, table_of, transaction
from bookings.domain.audit import EXPORT, Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import BEST_SCORE, Opinion, SurveyFigures, SurveyOutcome, hide_small
from bookings.domain.visits import Actor
from bookings.models.registrations import SurveyAnswer
from bookings.queries.doors import find_door_event
from bookings.queries.surveys import count_survey, find_survey, list_survey_cells
from bookings.services.audit import add_audit
from bookings.services.limits import check_export_limit

_INSERTS: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_SOMEBODY = Who(Actor.VISITOR, "")
HIDDEN = "<3"
"""Stands in public figures where fewer people would be known by their answers."""


@retry_conflicts
def answer_survey(token: str, opinion: Opinion, *, now: datetime) -> None:
    """Keep what somebody says, in the place of what the same one said before.

    Raises LinkNotFoundError, LinkExpiredError, NotFoundError or TransitionNotAllowedError (not over yet).
    """
    with transaction() as session:
        page = find_survey(session, token, now=now)
        if page.stage is None:
            raise TransitionNotAllowedError("survey", "closed", "answer")
        said = {
            "score": opinion.score,
            "outcomes": [outcome.value for outcome in opinion.outcomes],
            "comment": opinion.comment,
            "answered_at": now,
        }
        statement = _INSERTS[session.get_bind().dialect.name](table_of(SurveyAnswer)).values(
            registration_id=page.registration_id, stage=page.stage.value, **said
        )
        session.execute(
            statement.on_conflict_do_update(index_elements=["registration_id", "stage"], set_=said)
        )
        add_audit(
            session, _SOMEBODY, "answer_survey", noun="event", subject_id=page.event_id, now=now,
            stage=page.stage.value,
        )  # fmt: skip


def export_survey(slug: str, *, is_public: bool, person_id: int, who: Who, now: datetime) -> bytes:
    """The answers as CSV, or figures that may be published. Raises NotFoundError or TooManyAttemptsError."""
    with transaction() as session:
        check_export_limit(session, person_id, now=now)
        event = find_door_event(session, slug=slug)
        rows = _public_cells(session, event.id) if is_public else list_survey_cells(session, event.id)
        add_audit(
            session, who, EXPORT, noun="survey", subject_id=event.id, now=now,
            rows=len(rows), is_public=is_public,
        )  # fmt: skip
    answer = ("stage", "score", *(outcome.value for outcome in SurveyOutcome), "comment")
    return write_csv(("stage", "question", "answer", "people") if is_public else answer, rows)


def _public_cells(session: Session, event_id: int) -> list[dict[str, str]]:
    return [
        {"stage": stage.value, "question": question, "answer": name, "people": tell_count(count)}
        for stage in SurveyStage
        for question, name, count in _public_counts(count_survey(session, event_id, stage))
    ]


def _public_counts(figures: SurveyFigures) -> list[tuple[str, str, int | None]]:
    scores = zip(range(1, BEST_SCORE + 1), hide_small(figures.scores), strict=True)
    outcomes = hide_small([count for _outcome, count in figures.outcomes])
    return [
        *(("score", str(score), count) for score, count in scores),
        *(
            ("outcome", outcome.value, count)
            for (outcome, _count), count in zip(figures.outcomes, outcomes, strict=True)
        ),
    ]


def tell_count(count: int | None) -> str:
    """A count as public figures write it."""
    return HIDDEN if count is None else str(count)
