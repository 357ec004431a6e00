"""The form of one question: its words in three languages, its answers, and when it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from wtforms import BooleanField, SelectMultipleField, StringField

from bookings.domain.errors import TextNotAllowedError
from bookings.domain.events import choose_text
from bookings.domain.questions import (
    CAN_STEER,
    HINT_LENGTH,
    LABEL_LENGTH,
    MOST_OPTIONS,
    OPTION_LENGTH,
    WITH_OPTIONS,
    Option,
    QuestionPlan,
)
from bookings.domain.registrations import QuestionKind
from bookings.domain.text import clean_line
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import Form, OneLine

LANGUAGES = ("en", "sv", "fi")
KINDS = {
    QuestionKind.TEXT: _l("A line of text"),
    QuestionKind.LONG_TEXT: _l("Several lines of text"),
    QuestionKind.CHOICE: _l("One of several answers"),
    QuestionKind.SEVERAL: _l("Any of several answers"),
    QuestionKind.DATE: _l("A day"),
    QuestionKind.COUNTRY: _l("A country"),
    QuestionKind.CONSENT: _l("A consent: a box that people may tick"),
}
_SPARE_ROWS = 3
_LONGEST_CODE = 40


class QuestionForm(Form):
    """Without its answers to choose from: those are rows, see `read_rows`."""

    label_en = StringField(_l("Question in English"), [OneLine(LABEL_LENGTH)])
    label_sv = StringField(_l("Question in Swedish"), [OneLine(LABEL_LENGTH)])
    label_fi = StringField(_l("Question in Finnish"), [OneLine(LABEL_LENGTH)])
    hint_en = StringField(_l("Help in English"), [OneLine(HINT_LENGTH)])
    hint_sv = StringField(_l("Help in Swedish"), [OneLine(HINT_LENGTH)])
    hint_fi = StringField(_l("Help in Finnish"), [OneLine(HINT_LENGTH)])
    is_required = BooleanField(_l("It has to be answered"))
    is_sensitive = BooleanField(_l("It asks about health, diet, faith or the like"))
    shown_if = SelectMultipleField(_l("Show it only after one of these answers"), choices=[])

    def __init__(self, earlier: Sequence[QuestionPlan], *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.shown_if.choices = _list_conditions(earlier)

    @property
    def condition(self) -> tuple[str | None, tuple[str, ...]]:
        """The question that it depends on, and on which of its answers. Of two questions: an error."""
        pairs = [one.partition("=") for one in self.shown_if.data or ()]
        if len({key for key, _sign, _value in pairs}) > 1:
            self.shown_if.errors = [_("Choose answers of one question only.")]
        return (pairs[0][0] if pairs else None), tuple(value for _key, _sign, value in pairs)


@dataclass
class OptionRow:
    """One answer to choose from, in each language; without words it is none."""

    code: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    error: str = ""


def _list_conditions(earlier: Sequence[QuestionPlan]) -> list[tuple[str, str]]:
    language = current_language()
    found = []
    for plan in earlier:
        label = choose_text(plan.label, language)
        if plan.kind in WITH_OPTIONS:
            found += [
                (f"{plan.key}={option.code}", f"{label}: {choose_text(option.label, language)}")
                for option in plan.options
            ]
        elif plan.kind in CAN_STEER:
            found += [
                (f"{plan.key}={value}", _("%(question)s: ticked", question=label)) for value in plan.values
            ]
    return found


def build_form(earlier: Sequence[QuestionPlan], plan: QuestionPlan) -> QuestionForm:
    """The form filled in with a question, or with what was sent."""
    texts = {f"label_{one}": plan.label.get(one, "") for one in LANGUAGES}
    texts |= {f"hint_{one}": plan.hint.get(one, "") for one in LANGUAGES}
    return QuestionForm(
        earlier,
        **texts,
        is_required=plan.is_required,
        is_sensitive=plan.is_sensitive,
        shown_if=[f"{plan.shown_if_key}={value}" for value in plan.shown_if_values],
    )


def build_rows(plan: QuestionPlan) -> list[OptionRow]:
    """Its answers, and a few rows for more."""
    rows = [OptionRow(option.code, dict(option.label)) for option in plan.options]
    return [*rows, *(OptionRow() for _ in range(_SPARE_ROWS if rows else _SPARE_ROWS + 2))]


def read_rows() -> list[OptionRow]:
    """The rows as they were sent."""
    numbers = [number for number in range(MOST_OPTIONS * 2) if _is_sent(number)]
    return [_read_row(number) for number in numbers]


def _is_sent(number: int) -> bool:
    return any(f"option-{number}-{language}" in request.form for language in LANGUAGES)


def _read_row(number: int) -> OptionRow:
    row = OptionRow(request.form.get(f"option-{number}-code", "")[:_LONGEST_CODE])
    for language in LANGUAGES:
        typed = request.form.get(f"option-{number}-{language}", "")
        try:
            row.texts[language] = clean_line(typed, max_length=OPTION_LENGTH)
        except TextNotAllowedError:
            row.texts[language] = "".join(c for c in typed if c.isprintable())[: OPTION_LENGTH * 2]
            row.error = _("Use at most %(count)s characters, none of them invisible.", count=OPTION_LENGTH)
    return row


def read_plan(key: str, kind: QuestionKind, form: QuestionForm, rows: Sequence[OptionRow]) -> QuestionPlan:
    """The question that was sent."""
    shown_if_key, values = form.condition
    given = [row for row in rows if any(row.texts.values())] if kind in WITH_OPTIONS else []
    return QuestionPlan(
        key=key,
        kind=kind,
        label=_texts(form, "label"),
        hint=_texts(form, "hint"),
        options=tuple(Option(row.code, {n: t for n, t in row.texts.items() if t}) for row in given),
        is_required=bool(form.is_required.data),
        is_sensitive=bool(form.is_sensitive.data),
        shown_if_key=shown_if_key,
        shown_if_values=values,
    )


def _texts(form: QuestionForm, name: str) -> dict[str, str]:
    found = {language: form[f"{name}_{language}"].data or "" for language in LANGUAGES}
    return {language: text for language, text in found.items() if text}
