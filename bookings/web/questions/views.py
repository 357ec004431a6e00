"""Staff: the list of questions, the form of one, its removal, and the preview in each language."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import QuestionAnsweredError, QuestionNotUsableError
from bookings.domain.events import choose_text
from bookings.domain.questions import QuestionPlan
from bookings.domain.registrations import QuestionKind
from bookings.domain.staff import StaffRole
from bookings.i18n import current_language, in_language
from bookings.i18n import gettext as _
from bookings.queries.questions import QuestionsPage, count_answers, load_questions_page
from bookings.services.questions import add_question, change_question, move_question, remove_question
from bookings.web.asked import build_fields, country_options
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.questions.forms import (
    KINDS,
    LANGUAGES,
    OptionRow,
    QuestionForm,
    build_form,
    build_rows,
    read_plan,
    read_rows,
)
from bookings.web.security import current_staff, staff_gate

staff_questions = Blueprint("staff_questions", __name__, url_prefix="/staff/events/<slug>/questions")
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)
_FIELDS = {
    "label": "label_en",
    "is_required": "is_required",
    "is_sensitive": "is_sensitive",
    "shown_if": "shown_if",
}


@staff_questions.get("")
@reader
def index(slug: str) -> str:
    """All questions in their order."""
    return _index_page(slug)


@staff_questions.route(
    "/new/<any(text,long_text,choice,several,date,country,consent):kind>", methods=["GET", "POST"]
)
@coordinator
def add(slug: str, kind: str) -> ResponseReturnValue:
    """One more question."""
    page = load_questions_page(read_session(), slug)
    return _edit(page, QuestionPlan(kind=QuestionKind(kind), label={}), page.plans)


@staff_questions.route("/<key>", methods=["GET", "POST"])
@coordinator
def change(slug: str, key: str) -> ResponseReturnValue:
    """Other words, other answers, another condition."""
    page = load_questions_page(read_session(), slug)
    place, plan = _find(page, key)
    return _edit(page, plan, page.plans[:place])


@staff_questions.post("/<key>/<any(up,down):way>")
@coordinator
def move(slug: str, key: str, way: str) -> ResponseReturnValue:
    """One place up or down."""
    try:
        move_question(slug, key, up=way == "up", who=current_staff(), now=utc_now())
    except QuestionNotUsableError as error:
        return _index_page(slug, problem=refusal_sentence(error), moved=key), 422
    return redirect(url_for("staff_questions.index", slug=slug, _anchor=f"question-{key}"), 303)


@staff_questions.route("/<key>/remove", methods=["GET", "POST"])
@coordinator
def remove(slug: str, key: str) -> ResponseReturnValue:
    """Asks first, and says how many answers go with it."""
    page, problem = load_questions_page(read_session(), slug), ""
    _place, plan = _find(page, key)
    if request.method == "POST":
        with_answers = request.form.get("with_answers") == "y"
        try:
            remove_question(slug, key, with_answers=with_answers, who=current_staff(), now=utc_now())
        except (QuestionNotUsableError, QuestionAnsweredError) as error:
            problem = refusal_sentence(error)
        else:
            flash(_("The question is gone."), "success")
            return redirect(url_for("staff_questions.index", slug=slug), 303)
    text = render_template(
        "questions/remove.html", page=page, plan=plan, title=_title(page), problem=problem,
        has_errors=bool(problem),
        label=choose_text(plan.label, current_language()),
        people=count_answers(read_session(), page.event_id, key),
    )  # fmt: skip
    return text, 422 if problem else 200


@staff_questions.get("/preview/<any(en,sv,fi):language>")
@reader
def preview(slug: str, language: str) -> str:
    """The questions exactly as the form shows them in one language."""
    page = load_questions_page(read_session(), slug)
    fields = build_fields(page.plans, {}, language=language)
    with in_language(language):
        shown = render_template(
            "questions/preview_form.html", fields=fields, country_options=country_options(language)
        )
    return render_template(
        "questions/preview.html",
        page=page,
        title=_title(page),
        shown=shown,
        language=language,
        languages=LANGUAGES,
        missing=[choose_text(p.label, current_language()) for p in page.plans if not p.label.get(language)],
    )


def _index_page(slug: str, *, problem: str = "", moved: str = "") -> str:
    page, language = load_questions_page(read_session(), slug), current_language()
    with_fields = zip(page.plans, build_fields(page.plans, {}, language=language), strict=True)
    return render_template(
        "questions/index.html",
        page=page,
        title=_title(page),
        questions=list(with_fields),
        kinds=KINDS,
        languages=LANGUAGES,
        problem=problem,
        moved=moved,
        has_errors=bool(problem),
    )


def _edit(page: QuestionsPage, plan: QuestionPlan, earlier: Sequence[QuestionPlan]) -> ResponseReturnValue:
    form, was_changed = build_form(earlier, plan), False
    rows = read_rows() if request.form else build_rows(plan)
    if form.is_submitted() and _is_right(form, rows, plan) and "more" not in request.form:
        try:
            _save(page, read_plan(plan.key, plan.kind, form, rows))
        except QuestionNotUsableError as error:
            _show_problem(form, error, plan)
        except RecordChangedError:
            was_changed = True
        else:
            flash(_("The question is saved."), "success")
            return redirect(url_for("staff_questions.index", slug=page.slug), 303)
    if "more" in request.form:
        rows = [*rows, *(OptionRow() for _number in range(5))]
    text = render_template(
        "questions/form.html",
        page=page,
        title=_title(page),
        plan=plan,
        form=form,
        rows=rows,
        languages=LANGUAGES,
        kind_name=KINDS[plan.kind],
        was_changed=was_changed,
        has_errors=bool(form.errors or form.form_errors),
    )
    return text, 409 if was_changed else 422 if form.errors or form.form_errors else 200


def _is_right(form: QuestionForm, rows: Sequence[OptionRow], plan: QuestionPlan) -> bool:
    is_valid = form.validate()
    read_plan(plan.key, plan.kind, form, rows)  # two questions in one condition are said beside it
    return is_valid and not form.errors and not any(row.error for row in rows)


def _save(page: QuestionsPage, plan: QuestionPlan) -> None:
    if not plan.key:
        add_question(page.slug, plan, who=current_staff(), now=utc_now())
        return
    change_question(page.slug, plan, seen=request.form.get("seen", ""), who=current_staff(), now=utc_now())


def _show_problem(form: QuestionForm, error: QuestionNotUsableError, plan: QuestionPlan) -> None:
    name = "" if plan.kind is QuestionKind.CONSENT and error.field != "label" else _FIELDS.get(error.field)
    if name and plan.key in (error.key, ""):
        form[name].errors = [refusal_sentence(error)]
    else:  # about the answers to choose from, or about a question further down
        form.form_errors = [refusal_sentence(error)]


def _find(page: QuestionsPage, key: str) -> tuple[int, QuestionPlan]:
    for place, plan in enumerate(page.plans):
        if plan.key == key:
            return place, plan
    raise NotFoundError("question", key)


def _title(page: QuestionsPage) -> str:
    return choose_text(page.title, current_language())
