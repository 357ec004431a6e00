"""Answers as they are read."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from bookings.domain.events import choose_text
from bookings.domain.questions import QuestionPlan
from bookings.domain.registrations import QuestionKind
from bookings.i18n import country_name, current_language, format_day
from bookings.i18n import gettext as _


def list_answers(plans: Sequence[QuestionPlan], answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Question and answer in the reader's language, for a summary list; without those that were not asked."""
    language = current_language()
    return [
        {"key": choose_text(plan.label, language), "value": show_answer(plan, answers[plan.key])}
        for plan in plans
        if plan.key in answers
    ]


def show_answer(plan: QuestionPlan, answer: Any) -> str | list[str]:
    """An answer in words; a code that the question no longer has stays a code."""
    names = {option.code: choose_text(option.label, current_language()) for option in plan.options}
    if isinstance(answer, list):
        return [names.get(code, code) for code in map(str, answer)]
    text = str(answer)
    if plan.kind is QuestionKind.CONSENT:
        return _("Yes")
    if plan.kind is QuestionKind.COUNTRY:
        return country_name(text)
    if plan.kind is QuestionKind.DATE:
        return format_day(date.fromisoformat(text))
    return names.get(text, text)
