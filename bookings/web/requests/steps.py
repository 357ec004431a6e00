"""The steps of the form: binding what was typed, keeping it, drawing it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import current_app, render_template, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import FormField

from bookings.domain.requests import merge_hosts
from bookings.domain.time import home_day
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory
from bookings.queries.requests import DraftView
from bookings.settings import current_settings
from bookings.web.plan import read_plan
from bookings.web.requests.fields import PlainForm, drop_controls
from bookings.web.requests.forms import ContactForm, InterestsForm, VisitForm
from bookings.web.requests.options import country_options, language_options, length_options
from bookings.web.robots import sign_start

STEPS = ("interests", "visit", "contact")
TOTAL = len(STEPS) + 1
_LONGEST_VALUE, _MOST_VALUES = 4000, 200

Typed = dict[str, list[str]]
_Kept = dict[tuple[str, str], tuple[Directory, date, Markup]]


def step_title(step: str) -> str:
    """What a step is about."""
    titles = {
        "interests": _("What the visit is about"),
        "visit": _("Where and when"),
        "contact": _("Who you are"),
        "check": _("Check your answers"),
    }
    return titles[step]


def bind_step(
    step: str, typed: Mapping[str, list[str]] | None, *, directory: Directory, now: datetime
) -> PlainForm:
    """The form of a step, filled with what was typed."""
    formdata: MultiDict[str, str] | None = None if typed is None else MultiDict(typed)
    if step == "interests":
        return InterestsForm(formdata, directory=directory)
    if step == "visit":
        return VisitForm(formdata, directory=directory, language=current_language(), today=home_day(now))
    return ContactForm(formdata)


def read_typed(form: PlainForm) -> Typed:
    """The values of this form's fields in the request, as they were typed, for keeping."""
    return {
        name: [drop_controls(value)[:_LONGEST_VALUE] for value in request.form.getlist(name)[:_MOST_VALUES]]
        for name in _names(form)
        if name in request.form
    }


def _names(form: Any) -> list[str]:
    names: list[str] = []
    for field in form:
        names += _names(field.form) if isinstance(field, FormField) else [field.name]
    return names


def bind_draft(draft: DraftView, *, directory: Directory, now: datetime) -> dict[str, PlainForm]:
    """All steps as they were kept."""
    return {step: bind_step(step, draft.step(step), directory=directory, now=now) for step in STEPS}


def find_open_step(draft: DraftView, forms: Mapping[str, PlainForm]) -> str | None:
    """The first step that was not answered, or whose answers are not right any more."""
    for step, form in forms.items():
        if draft.step(step) is None or not form.validate():
            return step
    return None


def next_step(step: str, draft: DraftView | None) -> str:
    """The step after this one; straight to the check page when all the others were answered."""
    others = [other for other in STEPS if other != step]
    if draft is not None and all(draft.step(other) is not None for other in others):
        return "check"
    return (*STEPS, "check")[STEPS.index(step) + 1]


def show_step_page(
    step: str, form: PlainForm, *, directory: Directory, token: str | None, now: datetime, warning: str = ""
) -> str:
    """The page of one step, with what was typed."""
    questions = draw_questions(step, form, directory, today=home_day(now), plan=read_plan())
    return _frame(step, questions, form=form, token=token, now=now, warning=warning)


def show_untouched_step(step: str, *, directory: Directory, token: str | None, now: datetime) -> str:
    """The page of a step that nobody has typed in yet."""
    questions = _draw_untouched(step, directory, now=now)
    return _frame(step, questions, form=None, token=token, now=now)


def _frame(
    step: str,
    questions: Markup,
    *,
    form: PlainForm | None,
    token: str | None,
    now: datetime,
    warning: str = "",
) -> str:
    return render_template(
        "requests/step.html",
        questions=questions,
        form=form,
        token=token,
        step_number=STEPS.index(step) + 1,
        total=TOTAL,
        step_title=step_title(step),
        has_errors=bool(form and form.errors) or bool(warning),
        warning=warning,
        started=sign_start(now) if token is None else "",
        draft_days=current_settings().visits.draft_days,
    )


def _draw_untouched(step: str, directory: Directory, *, now: datetime) -> Markup:
    """The same for all who have chosen no hosts: drawn once per language, day and state of the directory."""
    key, today = (step, current_language()), home_day(now)
    kept: _Kept = current_app.extensions.setdefault("untouched_questions", {})
    if key in kept and kept[key][:2] == (directory, today) and not read_plan():
        return kept[key][2]
    form = bind_step(step, None, directory=directory, now=now)
    questions = draw_questions(step, form, directory, today=today, plan=read_plan())
    if not read_plan():
        kept[key] = (directory, today, questions)
    return questions


def draw_questions(
    step: str, form: PlainForm, directory: Directory, *, today: date, plan: Sequence[str] | None = None
) -> Markup:
    """The questions of a step, or of its part "organisation", without a page around them.

    `today`: the first day that can be picked; `plan`: the visit plan of who fills it in, None for staff.
    """
    template = current_app.jinja_env.get_template(f"requests/{step}.html")
    words = _words_of_step(step, form, directory, today=today, plan=plan)
    return Markup(template.render(form=form, **words))  # noqa: S704 - our own template, which escapes


def _words_of_step(
    step: str, form: Any, directory: Directory, *, today: date, plan: Sequence[str] | None
) -> dict[str, Any]:
    language = current_language()
    if step == "interests":
        _offer_hosts(form, directory, plan or ())
        return {"tree": _draw_tree(directory, form.interests.data or ()), "has_plan": plan is not None}
    if step == "visit":
        return {
            "lengths": length_options(language),
            "languages": language_options(language),
            "today": today,
        }
    return {"countries": country_options(language)}


def _offer_hosts(form: InterestsForm, directory: Directory, plan: Sequence[str]) -> None:
    """Those chosen, those shown before, and those that came into the visit plan since."""
    chosen, offered = form.wanted_hosts.data or [], form.offered_hosts.data or []
    ticked = [slug for slug in merge_hosts(chosen, offered, plan) if slug in directory.companies]
    shown = [slug for slug in dict.fromkeys([*offered, *ticked]) if slug in directory.companies]
    form.wanted_hosts.data = ticked
    form.wanted_hosts.choices = [(slug, directory.companies[slug].name) for slug in shown]


def _draw_tree(directory: Directory, chosen: Any) -> Markup:
    """The areas and topics: drawn once per language and state of the directory, then ticked by replacing."""
    language = current_language()
    kept: dict[str, tuple[Directory, str]] = current_app.extensions.setdefault("interest_trees", {})
    if language not in kept or kept[language][0] is not directory:
        drawn = render_template(
            "requests/interest_tree.html", areas=directory.interests.areas, language=language
        )
        kept[language] = (directory, drawn)
    html = kept[language][1]
    for slug in chosen:
        if slug in directory.interests.by_slug:
            area = slug.partition("/")[0]
            html = html.replace(f'value="{slug}"', f'value="{slug}" checked', 1)
            html = html.replace(f'<details data-topics="{area}">', f'<details data-topics="{area}" open>', 1)
    return Markup(html)  # noqa: S704 - our own template, escaped when it was drawn
