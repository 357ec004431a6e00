"""Questions of a registration form: which definitions make sense, which are shown, and what answers hold."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any

from bookings.domain.errors import TextNotAllowedError
from bookings.domain.event_errors import QuestionNotUsableError
from bookings.domain.events import Texts
from bookings.domain.registrations import QuestionKind
from bookings.domain.text import clean_line, clean_text

MOST_QUESTIONS = 40
MOST_OPTIONS = 40
LABEL_LENGTH, HINT_LENGTH, OPTION_LENGTH = 200, 400, 120
LINE_LENGTH, TEXT_LENGTH = 254, 2000
YES = "yes"
"""The answer of a box that was ticked."""
WITH_OPTIONS = (QuestionKind.CHOICE, QuestionKind.SEVERAL)
CAN_STEER = (*WITH_OPTIONS, QuestionKind.CONSENT)
"""Answers to these are among known values, so that another question can depend on them."""

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_YEARS = range(1900, 2201)

Answer = str | list[str]
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class Option:
    """One answer to choose; its code stays when its words are changed."""

    code: str
    label: Texts


@dataclass(frozen=True, kw_only=True)
class QuestionPlan:
    """A question as staff define it; `shown_if_key` is an earlier one, `shown_if_values` answers to it."""

    key: str = ""
    kind: QuestionKind
    label: Texts
    hint: Texts = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    is_required: bool = False
    shown_if_key: str | None = None
    shown_if_values: tuple[str, ...] = ()
    is_sensitive: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """What can be answered, where that is a list."""
        if self.kind in WITH_OPTIONS:
            return tuple(option.code for option in self.options)
        return (YES,) if self.kind is QuestionKind.CONSENT else ()


def check_questions(plans: Sequence[QuestionPlan]) -> None:
    """A form that everybody can send. Raises QuestionNotUsableError with the first thing that is wrong.

    A condition looks back only, at answers that can be given: so there is no circle, and every question can
    be shown. What is freely given is never required.
    """
    if len(plans) > MOST_QUESTIONS:
        raise QuestionNotUsableError("many", plans[-1].key, "label", most=MOST_QUESTIONS)
    earlier: dict[str, QuestionPlan] = {}
    every = {plan.key for plan in plans}
    for plan in plans:
        _check_alone(plan)
        _check_condition(plan, earlier, every)
        earlier[plan.key] = plan


def _check_alone(plan: QuestionPlan) -> None:
    if not any(plan.label.values()):
        raise QuestionNotUsableError("label", plan.key, "label")
    if plan.is_required and plan.kind is QuestionKind.CONSENT:
        raise QuestionNotUsableError("consent_required", plan.key, "is_required")
    if plan.is_required and plan.is_sensitive:
        raise QuestionNotUsableError("sensitive_required", plan.key, "is_required")
    if plan.is_sensitive and plan.kind is QuestionKind.CONSENT:
        raise QuestionNotUsableError("sensitive_consent", plan.key, "is_sensitive")
    if plan.kind in WITH_OPTIONS:
        _check_options(plan)


def _check_options(plan: QuestionPlan) -> None:
    least = 2 if plan.kind is QuestionKind.CHOICE else 1
    if not least <= len(plan.options) <= MOST_OPTIONS:
        raise QuestionNotUsableError("options", plan.key, "options", least=least, most=MOST_OPTIONS)
    codes = [option.code for option in plan.options]
    if len(set(codes)) < len(codes) or not all(codes):
        raise QuestionNotUsableError("option_twice", plan.key, "options")
    if not all(any(option.label.values()) for option in plan.options):
        raise QuestionNotUsableError("option_label", plan.key, "options")


def _check_condition(plan: QuestionPlan, earlier: Mapping[str, QuestionPlan], every: Collection[str]) -> None:
    if plan.shown_if_key is None:
        return
    other = earlier.get(plan.shown_if_key)
    if other is None:
        code = "condition_later" if plan.shown_if_key in every else "condition_unknown"
        raise QuestionNotUsableError(code, plan.key, "shown_if")
    if not plan.shown_if_values or not set(plan.shown_if_values) <= set(other.values):
        raise QuestionNotUsableError("condition_value", plan.key, "shown_if")


def hash_questions(plans: Iterable[QuestionPlan]) -> str:
    """Tells one state of a form's questions from another: who saves says which one was read."""
    return sha256(repr([_key(plan) for plan in plans]).encode()).hexdigest()[:16]


def _key(plan: QuestionPlan) -> tuple[object, ...]:
    options = [(option.code, sorted(option.label.items())) for option in plan.options]
    return (
        plan.key, str(plan.kind), sorted(plan.label.items()), sorted(plan.hint.items()), options,
        plan.is_required, plan.shown_if_key, plan.shown_if_values, plan.is_sensitive,
    )  # fmt: skip


def is_shown(plan: QuestionPlan, answers: Answers) -> bool:
    """Is the question asked of somebody who has answered the earlier ones like this?"""
    if plan.shown_if_key is None:
        return True
    given = answers.get(plan.shown_if_key)
    found = given if isinstance(given, list) else [given]
    return any(value in plan.shown_if_values for value in found)


@dataclass(frozen=True)
class ReadAnswers:
    """Answers to the questions that were asked, and what is wrong with others: key → code.

    Codes: required, choice, date, country, control, too_long, consent (a sensitive answer without one).
    """

    answers: dict[str, Answer]
    problems: dict[str, str]


def read_answers(
    plans: Sequence[QuestionPlan],
    typed: Mapping[str, Sequence[str]],
    *,
    consented: Collection[str] = (),
    countries: Collection[str] = (),
) -> ReadAnswers:
    """What somebody answered; answers to questions that are not asked are left out, whatever was sent."""
    answers: dict[str, Answer] = {}
    problems: dict[str, str] = {}
    for plan in plans:
        if not is_shown(plan, answers):
            continue
        answer, problem = _read_answer(plan, typed.get(plan.key, ()), countries)
        if answer:
            answers[plan.key] = answer
        problem = problem or _find_missing(plan, answer, consented)
        if problem:
            problems[plan.key] = problem
    return ReadAnswers(answers, problems)


def _find_missing(plan: QuestionPlan, answer: Answer, consented: Collection[str]) -> str:
    if plan.is_required and not answer:
        return "required"
    return "consent" if plan.is_sensitive and answer and plan.key not in consented else ""


def _read_answer(plan: QuestionPlan, values: Sequence[str], countries: Collection[str]) -> tuple[Answer, str]:
    given = [value for value in values if value.strip()]
    if not given:
        return "", ""
    if plan.kind is QuestionKind.SEVERAL:
        # In the order of the form; what was not offered is no answer.
        return [code for code in plan.values if code in given], (
            "" if set(given) <= set(plan.values) else "choice"
        )
    if plan.kind in CAN_STEER:
        return (given[0], "") if given[0] in plan.values else ("", "choice")
    if plan.kind is QuestionKind.DATE:
        return _read_day(given[0])
    if plan.kind is QuestionKind.COUNTRY:
        is_known = given[0] in countries if countries else bool(_COUNTRY.fullmatch(given[0]))
        return (given[0], "") if is_known else ("", "country")
    return _read_text(plan, given[0])


def _read_day(text: str) -> tuple[Answer, str]:
    text = text.strip()
    try:
        if "." in text:
            day, month, year = (int(part) for part in text.split("."))
            found = date(year, month, day)
        else:
            found = date.fromisoformat(text)
    except (ValueError, OverflowError):
        return "", "date"
    return (found.isoformat(), "") if found.year in _YEARS else ("", "date")


def _read_text(plan: QuestionPlan, text: str) -> tuple[Answer, str]:
    try:
        if plan.kind is QuestionKind.LONG_TEXT:
            return clean_text(text, max_length=TEXT_LENGTH), ""
        return clean_line(text, max_length=LINE_LENGTH), ""
    except TextNotAllowedError as error:
        return "", error.code
