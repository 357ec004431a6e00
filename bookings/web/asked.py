"""Fields of forms that are put together while the program runs: questions of an event, and their neighbours.

They have what templates/macros/forms.html reads of a field. templates/questions/ask.html draws them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from markupsafe import Markup, escape

from bookings.domain.events import choose_text
from bookings.domain.questions import YES, QuestionPlan, ReadAnswers
from bookings.domain.registrations import QuestionKind
from bookings.i18n import country_choices, current_language, in_language
from bookings.i18n import gettext as _

Typed = Mapping[str, Sequence[str]]
PREFIX = "q-"
AGREED = "-agreed"


@dataclass(frozen=True)
class Flags:
    """What a field says of itself beside its label."""

    optional: bool = False


@dataclass(frozen=True)
class Words:
    text: str


@dataclass(frozen=True)
class Condition:
    """The field counts only when another one (by name) has one of these values; `words` say so to people."""

    name: str
    values: tuple[str, ...]
    words: str


@dataclass
class Asked:
    """One field. `data` is what was typed, a list where several may be chosen."""

    name: str
    kind: str
    text: str
    description: str = ""
    data: str | list[str] = ""
    choices: Sequence[tuple[str, str]] = ()
    is_optional: bool = False
    errors: list[str] = field(default_factory=list)
    condition: Condition | None = None
    agreement: "Asked | None" = None
    is_question: bool = False
    """Staff have worded it, for this event."""
    type: str = "Asked"

    @property
    def id(self) -> str:
        return self.name

    @property
    def label(self) -> Words:
        return Words(self.text)

    @property
    def flags(self) -> Flags:
        return Flags(self.is_optional)

    def _value(self) -> str:
        return self.data if isinstance(self.data, str) else ""

    def iter_choices(self) -> list[tuple[str, str, bool]]:
        """For the templates: value, label, chosen."""
        chosen = [self.data] if isinstance(self.data, str) else self.data
        return [(value, label, value in chosen) for value, label in self.choices]


class AskedForm:
    """Fields with one summary of what is wrong."""

    form_errors: Sequence[str] = ()

    def __init__(self, fields: Iterable[Asked]) -> None:
        self.fields = list(fields)

    def __iter__(self) -> Iterator[Asked]:
        for one in self.fields:
            yield one
            if one.agreement:
                yield one.agreement

    @property
    def errors(self) -> dict[str, list[str]]:
        return {one.name: one.errors for one in self if one.errors}


_PROBLEMS: dict[str, Callable[[], str]] = {
    "required": lambda: _("This has to be answered."),
    "choice": lambda: _("Choose one of the list."),
    "country": lambda: _("Choose one of the list."),
    "date": lambda: _("Write a day that exists, like 2026-10-12."),
    "control": lambda: _("Remove the invisible control characters from this text."),
    "too_long": lambda: _("This is too long. Use fewer characters."),
    "consent": lambda: _(
        "Tick the box to let us keep this answer, or leave the answer out. You can take part either way."
    ),
}


def build_fields(
    plans: Sequence[QuestionPlan], typed: Typed, *, language: str, problems: Mapping[str, str] | None = None
) -> list[Asked]:
    """The questions as fields, in this language, with what was typed and what is wrong with it."""
    with in_language(language):
        labels = {plan.key: plan for plan in plans}
        return [_build_field(plan, typed, labels, problems or {}, language) for plan in plans]


def _build_field(
    plan: QuestionPlan,
    typed: Typed,
    plans: Mapping[str, QuestionPlan],
    problems: Mapping[str, str],
    language: str,
) -> Asked:
    name = f"{PREFIX}{plan.key}"
    given = list(typed.get(name, ()))
    problem = problems.get(plan.key, "")
    sentence = [_PROBLEMS[problem]()] if problem else []
    return Asked(
        name=name,
        kind=plan.kind,
        text=choose_text(plan.label, language),
        description=choose_text(plan.hint, language),
        data=given if plan.kind is QuestionKind.SEVERAL else (given or [""])[0],
        choices=[(option.code, choose_text(option.label, language)) for option in plan.options],
        is_optional=not plan.is_required,
        is_question=True,
        errors=sentence if problem != "consent" else [],
        condition=_build_condition(plan, plans, language),
        agreement=_build_agreement(plan, typed, sentence if problem == "consent" else []),
    )


def _build_condition(
    plan: QuestionPlan, plans: Mapping[str, QuestionPlan], language: str
) -> Condition | None:
    other = plans.get(plan.shown_if_key or "")
    if other is None:
        return None
    question = choose_text(other.label, language)
    if other.kind is QuestionKind.CONSENT:
        words = _("Only if you tick “%(question)s”", question=question)
    else:
        chosen = [
            choose_text(one.label, language) for one in other.options if one.code in plan.shown_if_values
        ]
        words = _(
            "Only if you choose “%(answer)s” under “%(question)s”",
            answer=_(" or ").join(chosen),
            question=question,
        )
    return Condition(f"{PREFIX}{other.key}", plan.shown_if_values, words)


def _build_agreement(plan: QuestionPlan, typed: Typed, errors: list[str]) -> Asked | None:
    if not plan.is_sensitive:
        return None
    name = f"{PREFIX}{plan.key}{AGREED}"
    return Asked(
        name=name,
        kind="tick",
        text=sensitive_wording(),
        data=(list(typed.get(name, ())) or [""])[0],
        errors=errors,
    )


def sensitive_wording() -> str:
    """What somebody agrees to who answers a sensitive question."""
    return _(
        "You may keep this answer to arrange the event. It is deleted seven days after it, and I can take it "
        "back before."
    )


def read_typed(plans: Sequence[QuestionPlan], typed: Typed) -> dict[str, Sequence[str]]:
    """What was typed, by the keys of the questions."""
    return {plan.key: typed.get(f"{PREFIX}{plan.key}", ()) for plan in plans}


def list_agreed(plans: Sequence[QuestionPlan], typed: Typed) -> list[str]:
    """The sensitive questions beside which the box was ticked."""
    return [plan.key for plan in plans if any(typed.get(f"{PREFIX}{plan.key}{AGREED}", ()))]


def list_consents(plans: Sequence[QuestionPlan], found: ReadAnswers) -> dict[str, str]:
    """Question → the words that were agreed to: consents that were ticked, and sensitive answers."""
    language = current_language()
    consents = {}
    for plan in plans:
        if plan.key not in found.answers:
            continue
        if plan.is_sensitive:
            consents[plan.key] = f"{choose_text(plan.label, language)}: {sensitive_wording()}"
        elif plan.kind is QuestionKind.CONSENT:
            consents[plan.key] = choose_text(plan.label, language)
    return consents


def read_back(plans: Sequence[QuestionPlan], answers: Mapping[str, object]) -> dict[str, list[str]]:
    """Stored answers as a form would send them."""
    typed: dict[str, list[str]] = {}
    for plan in plans:
        answer = answers.get(plan.key)
        if answer:
            typed[f"{PREFIX}{plan.key}"] = (
                list(map(str, answer)) if isinstance(answer, list) else [str(answer)]
            )
            if plan.is_sensitive:
                typed[f"{PREFIX}{plan.key}{AGREED}"] = [YES]
    return typed


@cache
def country_options(language: str) -> Markup:
    """Every country in the reader's language, made once."""
    return Markup("").join(
        Markup('<option value="{}">{}</option>').format(escape(code), escape(name))
        for code, name in country_choices(language)
    )


@cache
def country_codes() -> frozenset[str]:
    """Codes of all countries."""
    return frozenset(code for code, _name in country_choices("en"))
