"""Answers to the questions of an event in the cells of a file: written, and read as the form reads them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bookings.domain.questions import WITH_OPTIONS, YES, Answers, QuestionPlan, read_answers
from bookings.domain.registrations import QuestionKind
from bookings.domain.text import fold

BETWEEN = "; "
_PREFIX = "question:"
_TICKED = {"yes", "ja", "kylla", "x", "1", "true"}
_NOT_TICKED = {"no", "nej", "ei", "0", "false"}
_CODES = {
    "required": "missing", "choice": "unknown_value", "date": "not_a_day", "country": "unknown_country",
    "consent": "answer_consent",
}  # fmt: skip


@dataclass(frozen=True)
class ReadCells:
    """The answers of a line, and what is wrong with it: column, code, what stands there, what could."""

    answers: dict[str, Any]
    problems: list[tuple[str, str, str, str]]


def column_of(plan: QuestionPlan) -> str:
    """How files call a question."""
    return f"{_PREFIX}{plan.key}"


def show_answers(answers: Answers) -> dict[str, str]:
    """Stored answers as cells by column."""
    return {
        f"{_PREFIX}{key}": BETWEEN.join(map(str, answer)) if isinstance(answer, list) else str(answer)
        for key, answer in answers.items()
    }


def guess_questions(plans: Sequence[QuestionPlan], columns: Sequence[str]) -> dict[str, str]:
    """The file's columns that are questions by their key, or by their words in any language; each once."""
    words = {fold(text): plan for plan in plans for text in plan.label.values() if text}
    named = {**words, **{column_of(plan): plan for plan in plans}}
    found: dict[str, str] = {}
    for column in columns:
        plan = named.get(fold(column))
        if plan and column_of(plan) not in found.values():
            found[column] = column_of(plan)
    return found


def drop_strange(mapping: Mapping[str, str], plans: Sequence[QuestionPlan]) -> dict[str, str]:
    """What was chosen for such a file before, without questions that another event asks."""
    own = {column_of(plan) for plan in plans}
    return {theirs: ours for theirs, ours in mapping.items() if ours in own or not ours.startswith(_PREFIX)}


def read_cells(
    plans: Sequence[QuestionPlan],
    cells: Mapping[str, str],
    known: Answers,
    *,
    countries: Collection[str] = (),
) -> ReadCells:
    """What a line answers. Questions that the file has no column for keep what is `known` of the person.

    A sensitive answer needs the person's own consent: a line can put one right, and bring none.
    """
    asked = {plan.key: plan for plan in plans if column_of(plan) in cells}
    typed = {key: _as_typed(known.get(key)) for key in known}
    typed |= {key: _split(plan, cells[column_of(plan)]) for key, plan in asked.items()}
    read = read_answers(plans, typed, consented=known.keys(), countries=countries)
    answers = {key: answer for key, answer in known.items() if key not in asked}
    answers |= {key: answer for key, answer in read.answers.items() if key in asked}
    problems = [
        _tell(asked[key], code, cells[column_of(asked[key])])
        for key, code in read.problems.items()
        if key in asked
    ]
    return ReadCells(answers, problems)


def _as_typed(answer: Any) -> list[str]:
    return [str(one) for one in answer] if isinstance(answer, list) else [str(answer)]


def _split(plan: QuestionPlan, cell: str) -> list[str]:
    """The cell as the form would send it: codes for words."""
    if plan.kind is QuestionKind.CONSENT:
        word = fold(cell)
        return [] if word in _NOT_TICKED else [YES if word in _TICKED else cell]
    if plan.kind is QuestionKind.COUNTRY:
        return [cell.upper()]
    if plan.kind not in WITH_OPTIONS:
        return [cell]
    codes = {fold(text): one.code for one in plan.options for text in one.label.values() if text}
    codes |= {fold(one.code): one.code for one in plan.options}
    words = cell.split(BETWEEN.strip()) if plan.kind is QuestionKind.SEVERAL else [cell]
    return [codes.get(fold(word.strip()), word.strip()) for word in words]


def _tell(plan: QuestionPlan, code: str, cell: str) -> tuple[str, str, str, str]:
    return column_of(plan), _CODES.get(code, code), cell, BETWEEN.join(plan.values)
