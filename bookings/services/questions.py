"""Staff compose the questions of an event's form; a form that somebody could not send is never saved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import QuestionAnsweredError
from bookings.domain.questions import Option, QuestionPlan, check_questions, hash_questions
from bookings.domain.text import build_slug
from bookings.models.events import Event, Question
from bookings.models.registrations import Registration
from bookings.queries.questions import answered, count_answers, list_questions
from bookings.services.audit import add_audit

_LONGEST_KEY = 30
_BATCH = 500


def add_question(slug: str, plan: QuestionPlan, *, who: Who, now: datetime) -> str:
    """One more question at the end of the form; returns its key. Raises QuestionNotUsableError."""
    with transaction() as session:
        event_id = _lock_event(session, slug)
        plans = list_questions(session, event_id)
        named = _name(plan, [one.key for one in plans])
        check_questions([*plans, named])
        question = Question(event_id=event_id, position=len(plans), key=named.key)
        _fill(question, named)
        session.add(question)
        _audit(session, "question.added", event_id, who=who, now=now, key=named.key)
        return named.key


def change_question(slug: str, plan: QuestionPlan, *, seen: str, who: Who, now: datetime) -> None:
    """The question of this key as it is defined now; `seen` names the state of the form that was read.

    Raises QuestionNotUsableError, also for another question that would never be shown any more;
    RecordChangedError or NotFoundError.
    """
    with transaction() as session:
        event_id = _lock_event(session, slug)
        plans = list_questions(session, event_id)
        if hash_questions(plans) != seen:
            raise RecordChangedError("question")
        question = _find(session, event_id, plan.key)
        # The kind stays: answers that were given would lose their sense.
        named = _name(replace(plan, kind=next(one.kind for one in plans if one.key == plan.key)), ())
        check_questions([named if one.key == plan.key else one for one in plans])
        _fill(question, named)
        _audit(session, "question.changed", event_id, who=who, now=now, key=plan.key)


def move_question(slug: str, key: str, *, up: bool, who: Who, now: datetime) -> None:
    """One place up or down; at the end of the row it stays. Raises QuestionNotUsableError, NotFoundError."""
    with transaction() as session:
        event_id = _lock_event(session, slug)
        plans = list(list_questions(session, event_id))
        place = next((number for number, plan in enumerate(plans) if plan.key == key), None)
        if place is None:
            raise NotFoundError("question", key)
        other = place + (-1 if up else 1)
        if not 0 <= other < len(plans):
            return
        plans[place], plans[other] = plans[other], plans[place]
        check_questions(plans)
        _number(session, event_id, plans)
        _audit(session, "question.moved", event_id, who=who, now=now, key=key)


def remove_question(slug: str, key: str, *, with_answers: bool, who: Who, now: datetime) -> None:
    """Without it the form has to hold, too; answers that were given go with it, if that was said.

    Raises QuestionAnsweredError, QuestionNotUsableError or NotFoundError.
    """
    with transaction() as session:
        event_id = _lock_event(session, slug)
        question = _find(session, event_id, key)
        left = [plan for plan in list_questions(session, event_id) if plan.key != key]
        check_questions(left)
        people = count_answers(session, event_id, key)
        if people and not with_answers:
            raise QuestionAnsweredError(key, people)
        _forget_answers(session, event_id, key)
        session.execute(delete(Question).where(Question.id == question.id))
        _number(session, event_id, left)
        _audit(session, "question.removed", event_id, who=who, now=now, key=key, answers=people)


def _lock_event(session: Session, slug: str) -> int:
    """Whoever changes a form waits for the one who does so already."""
    found = session.scalar(select(Event.id).where(Event.slug == slug).with_for_update())
    if found is None:
        raise NotFoundError("event", slug)
    return found


def _find(session: Session, event_id: int, key: str) -> Question:
    found = session.scalar(select(Question).where(Question.event_id == event_id, Question.key == key))
    if found is None:
        raise NotFoundError("question", key)
    return found


def _name(plan: QuestionPlan, taken: Sequence[str]) -> QuestionPlan:
    """With a key of its own, and a code for each option that has none."""
    key = plan.key or build_slug(_first(plan.label), taken=taken, longest=_LONGEST_KEY)
    codes = [option.code for option in plan.options if option.code]
    options = []
    for option in plan.options:
        code = option.code or build_slug(_first(option.label), taken=codes, longest=_LONGEST_KEY)
        codes.append(code)
        options.append(Option(code, option.label))
    return replace(plan, key=key, options=tuple(options))


def _first(texts: object) -> str:
    return next((text for text in texts.values() if text), "") if isinstance(texts, dict) else ""


def _fill(question: Question, plan: QuestionPlan) -> None:
    question.kind = plan.kind.value
    question.label, question.hint = dict(plan.label), dict(plan.hint)
    question.options = [{"code": one.code, "label": dict(one.label)} for one in plan.options]
    question.is_required, question.is_sensitive = plan.is_required, plan.is_sensitive
    question.shown_if_key, question.shown_if_values = plan.shown_if_key, list(plan.shown_if_values)


def _number(session: Session, event_id: int, plans: Sequence[QuestionPlan]) -> None:
    for position, plan in enumerate(plans):
        session.execute(
            update(Question)
            .where(Question.event_id == event_id, Question.key == plan.key, Question.position != position)
            .values(position=position)
        )


def _forget_answers(session: Session, event_id: int, key: str) -> None:
    ids = session.scalars(answered(Registration.id, event_id, key)).all()
    for first in range(0, len(ids), _BATCH):
        for row in session.scalars(
            select(Registration).where(Registration.id.in_(ids[first : first + _BATCH]))
        ):
            row.answers = {name: answer for name, answer in row.answers.items() if name != key}


def _audit(session: Session, action: str, event_id: int, *, who: Who, now: datetime, **detail: Any) -> None:
    add_audit(session, who, action, noun="event", subject_id=event_id, now=now, **detail)
