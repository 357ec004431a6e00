"""The questions of an event's form, and how many people have answered one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.errors import NotFoundError
from bookings.domain.events import EventState
from bookings.domain.questions import Option, QuestionPlan, hash_questions
from bookings.domain.registrations import QuestionKind
from bookings.models.events import Event, Question
from bookings.models.registrations import Registration

_QUESTIONS = table_of(Question)
_OF_EVENT = (
    select(_QUESTIONS)
    .where(_QUESTIONS.c.event_id == bindparam("event_id"))
    .order_by(_QUESTIONS.c.position, _QUESTIONS.c.id)
)


@dataclass(frozen=True)
class QuestionsPage:
    """An event with the questions of its form; `seen` names this state of them."""

    event_id: int
    slug: str
    title: Mapping[str, str]
    state: EventState
    starts_at: datetime
    asks_costs: bool
    plans: tuple[QuestionPlan, ...]

    @property
    def seen(self) -> str:
        return hash_questions(self.plans)


def load_questions_page(session: Session, slug: str) -> QuestionsPage:
    """The event of this address with its questions in their order. Raises NotFoundError."""
    row = session.execute(
        select(Event.id, Event.slug, Event.title, Event.state, Event.starts_at, Event.asks_costs).where(
            Event.slug == slug
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError("event", slug)
    return QuestionsPage(
        row.id, row.slug, row.title, EventState(row.state), row.starts_at, row.asks_costs,
        list_questions(session, row.id),
    )  # fmt: skip


def list_questions(session: Session, event_id: int) -> tuple[QuestionPlan, ...]:
    """The questions of a form in their order."""
    return tuple(build_plan(row) for row in session.execute(_OF_EVENT, {"event_id": event_id}))


def build_plan(row: Any) -> QuestionPlan:
    """A stored question as the rules know it."""
    return QuestionPlan(
        key=row.key,
        kind=QuestionKind(row.kind),
        label=row.label,
        hint=row.hint,
        options=tuple(Option(one["code"], one["label"]) for one in row.options),
        is_required=row.is_required,
        shown_if_key=row.shown_if_key,
        shown_if_values=tuple(row.shown_if_values),
        is_sensitive=row.is_sensitive,
    )


def count_answers(session: Session, event_id: int, key: str) -> int:
    """How many registrations of the event hold an answer to the question."""
    return session.scalar(answered(func.count(Registration.id), event_id, key)) or 0


def answered(what: Any, event_id: int, key: str) -> Select[Any]:
    """A selection from the registrations that hold an answer to the question."""
    has_answer = Registration.answers[key].as_string().is_not(None)
    return select(what).where(Registration.event_id == event_id, has_answer)
