"""Staff: lists of people into an event, and out of it."""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import ImportRefusedError
from bookings.domain.events import choose_text
from bookings.domain.imports import ImportState, ImportTable
from bookings.domain.questions import QuestionPlan
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.imports import ImportView, find_import, list_imports
from bookings.queries.questions import list_questions
from bookings.queries.registrations.lists import ListEvent, load_list_event
from bookings.services.directory_problems import ProblemText, explain_problems
from bookings.services.imports import choose_columns, forget_import, keep_file, order_import, work_on_import
from bookings.services.registration_exports import PeopleExport, export_registrations
from bookings.settings import current_settings
from bookings.web.clock import utc_now
from bookings.web.downloads import FILE_TYPES, file_response
from bookings.web.import_texts import list_column_choices, list_column_labels, table_label
from bookings.web.security import current_staff, signed_in, staff_gate, takes_data_out, takes_large_files

staff_registration_files = Blueprint(
    "staff_registration_files", __name__, url_prefix="/staff/events/<slug>/registrations"
)
_coordinator = staff_gate(StaffRole.COORDINATOR)
_FILE = "/import/<int(max=2147483647):import_id>"
_KIND = ImportTable.REGISTRATIONS
_PROBLEMS_SHOWN = 200
_REFRESH_SECONDS = "3"


@staff_registration_files.get("/import")
@_coordinator
def start(slug: str) -> str:
    """Which file."""
    return _start_page(_event(slug))


@staff_registration_files.post("/import")
@_coordinator
@takes_large_files
def upload(slug: str) -> ResponseReturnValue:
    """Keep it for a while; nothing happens to registrations yet."""
    event, uploaded = _event(slug), request.files.get("file")
    if uploaded is None or not uploaded.filename:
        return _start_page(event, field_error=_("Choose a CSV or XLSX file first.")), 422
    name = uploaded.filename
    with closing(uploaded):
        content = uploaded.read()
    try:
        kept = keep_file(_KIND, name, content, event_id=event.id, who=current_staff(), now=utc_now())
    except ImportRefusedError as refusal:
        return _start_page(event, problems=explain_problems(refusal)), 422
    return _to(slug, kept)


@staff_registration_files.get(_FILE)
@_coordinator
def show(slug: str, import_id: int) -> ResponseReturnValue:
    """The page of the state that the file is in. While a worker is at it the page loads itself again."""
    event = _event(slug)
    kept = find_import(read_session(), import_id, event_id=event.id, now=utc_now())
    if kept.state is ImportState.UPLOADED:
        return _columns_page(event, kept, kept.mapping)
    page = render_template(
        "imports/show.html",
        staff_page="events",
        trail=_trail(event),
        way=lambda name: _way(slug, name, kept.id),
        kept=kept,
        table=table_label(kept.kind),
        labels=list_column_labels(kept.kind, current_language(), _questions(event)),
        problems=_stored_problems(kept),
    )
    return (page, 200, {"Refresh": _REFRESH_SECONDS}) if kept.is_waiting else page


@staff_registration_files.get(f"{_FILE}/columns")
@_coordinator
def columns(slug: str, import_id: int) -> str:
    """Which column is which."""
    event = _event(slug)
    kept = find_import(read_session(), import_id, event_id=event.id, now=utc_now())
    return _columns_page(event, kept, kept.mapping)


@staff_registration_files.post(f"{_FILE}/columns")
@_coordinator
def choose(slug: str, import_id: int) -> ResponseReturnValue:
    """The columns are named; the file is looked through."""
    now, event = utc_now(), _event(slug)
    kept = find_import(read_session(), import_id, event_id=event.id, now=now)
    mapping = {name: request.form.get(f"column-{i}", "") for i, name in enumerate(kept.columns)}
    known = list_column_labels(kept.kind, current_language(), _questions(event))
    mapping = {theirs: ours for theirs, ours in mapping.items() if ours in known}
    try:
        is_small = choose_columns(import_id, mapping, now=now)
    except ImportRefusedError as refusal:
        return _columns_page(event, kept, mapping, problems=refusal.problems), 422
    if is_small:
        work_on_import(import_id, now=now)
    return _to(slug, import_id)


@staff_registration_files.post(f"{_FILE}/carry-out")
@_coordinator
def carry_out(slug: str, import_id: int) -> ResponseReturnValue:
    """What was looked at happens."""
    now = utc_now()
    find_import(read_session(), import_id, event_id=_event(slug).id, now=now)
    if order_import(import_id, who=current_staff(), now=now):
        work_on_import(import_id, now=now)
        # Somebody may have registered meanwhile: then there is something to look at again.
        work_on_import(import_id, now=now)
    return _to(slug, import_id)


@staff_registration_files.post(f"{_FILE}/discard")
@_coordinator
def discard(slug: str, import_id: int) -> ResponseReturnValue:
    """The file is thrown away."""
    find_import(read_session(), import_id, event_id=_event(slug).id, now=utc_now())
    forget_import(import_id, now=utc_now())
    flash(_("The file is thrown away. Nothing was changed by this."), "success")
    return redirect(url_for("staff_registration_files.start", slug=slug), 303)


@staff_registration_files.get("/export")
@staff_gate(StaffRole.READER)
@takes_data_out
def ask(slug: str) -> str:
    """Which kind of file."""
    event = _event(slug)
    return render_template(
        "registrations/staff_export.html",
        event=event,
        title=choose_text(event.title, current_language()),
        with_contacts=_may_see_contacts(),
        most=current_settings().limits.exports_per_hour,
    )


@staff_registration_files.post("/export")
@staff_gate(StaffRole.READER)
@takes_data_out
def download(slug: str) -> ResponseReturnValue:
    """The list as a file."""
    form, now = request.form.get("form", ""), utc_now()
    wanted = PeopleExport(
        slug=slug,
        form=form if form in FILE_TYPES else "xlsx",
        with_contacts=_may_see_contacts(),
        also_ended=request.form.get("also_ended") == "y",
    )
    content = export_registrations(wanted, person_id=signed_in().staff_user_id, who=current_staff(), now=now)
    name = f"{slug}-{now:%Y-%m-%d}.{wanted.form}"
    return file_response(content, name)


def _event(slug: str) -> ListEvent:
    return load_list_event(read_session(), slug)


def _may_see_contacts() -> bool:
    return has_role(signed_in().roles, StaffRole.COORDINATOR)


def _to(slug: str, import_id: int) -> ResponseReturnValue:
    return redirect(_way(slug, "show", import_id), 303)


def _way(slug: str, name: str, import_id: int) -> str:
    values: dict[str, Any] = {} if name == "start" else {"import_id": import_id}
    return url_for(f"staff_registration_files.{name}", slug=slug, **values)


def _trail(event: ListEvent) -> list[tuple[str, str]]:
    return [
        (_("Registrations"), url_for("staff_registrations.index", slug=event.slug)),
        (_("Import a file"), url_for("staff_registration_files.start", slug=event.slug)),
    ]


def _start_page(event: ListEvent, *, field_error: str = "", problems: list[ProblemText] | None = None) -> str:
    problems = problems or []
    return render_template(
        "registrations/staff_import.html",
        event=event,
        title=choose_text(event.title, current_language()),
        kept=list_imports(read_session(), event_id=event.id, now=utc_now()),
        field_error=field_error,
        problems=problems[:_PROBLEMS_SHOWN],
        more_problems=max(0, len(problems) - _PROBLEMS_SHOWN),
    )


def _questions(event: ListEvent) -> Sequence[QuestionPlan]:
    return list_questions(read_session(), event.id)


def _columns_page(
    event: ListEvent,
    kept: ImportView,
    mapping: object,
    *,
    problems: tuple[tuple[int, str, str, str, str], ...] = (),
) -> str:
    language, plans = current_language(), _questions(event)
    return render_template(
        "imports/columns.html",
        staff_page="events",
        trail=_trail(event),
        way=lambda name: _way(event.slug, name, kept.id),
        kept=kept,
        table=table_label(kept.kind),
        choices=list_column_choices(kept.kind, language, plans),
        labels=list_column_labels(kept.kind, language, plans),
        mapping=mapping,
        missing=[column for _line, column, code, *_rest in problems if code == "missing_column"],
        double=[column for _line, column, code, *_rest in problems if code == "double_column"],
    )


def _stored_problems(kept: ImportView) -> list[ProblemText]:
    found = kept.outcome.get("problems", [])
    return explain_problems(ImportRefusedError(tuple(tuple(problem) for problem in found)))
