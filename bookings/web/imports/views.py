"""A file on its way into the directory: uploaded, its columns named, looked at, carried out."""

from contextlib import closing
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import ImportRefusedError
from bookings.domain.imports import OF_THE_DIRECTORY, ImportState, ImportTable
from bookings.domain.staff import StaffRole
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.imports import ImportView, find_import, list_imports
from bookings.services.directory_problems import ProblemText, explain_problems
from bookings.services.imports import (
    choose_columns,
    forget_import,
    keep_file,
    order_import,
    work_on_import,
)
from bookings.web.clock import utc_now
from bookings.web.import_texts import list_column_choices, list_column_labels, table_label
from bookings.web.security import current_staff, staff_gate, takes_large_files

staff_imports = Blueprint("staff_imports", __name__, url_prefix="/staff/directory/import")
_coordinator = staff_gate(StaffRole.COORDINATOR)
_FILE = "/<int(max=2147483647):import_id>"
_PROBLEMS_SHOWN = 200
_REFRESH_SECONDS = "3"


@staff_imports.get("")
@_coordinator
def start() -> str:
    return _start_page()


@staff_imports.post("")
@_coordinator
@takes_large_files
def upload() -> ResponseReturnValue:
    uploaded = request.files.get("file")
    if uploaded is None or not uploaded.filename:
        return _start_page(field_error=_("Choose a CSV or XLSX file first.")), 422
    kind, name = ImportTable(_chosen_kind()), uploaded.filename
    with closing(uploaded):
        content = uploaded.read()
    try:
        kept = keep_file(kind, name, content, who=current_staff(), now=utc_now())
    except ImportRefusedError as refusal:
        return _start_page(problems=explain_problems(refusal)), 422
    return _to(kept)


@staff_imports.get(_FILE)
@_coordinator
def show(import_id: int) -> ResponseReturnValue:
    """The page of the state that the file is in. While a worker is at it the page loads itself again."""
    kept = find_import(read_session(), import_id, now=utc_now())
    if kept.state is ImportState.UPLOADED:
        return _columns_page(kept, kept.mapping)
    language = current_language()
    page = render_template(
        "imports/show.html",
        staff_page="directory",
        trail=_trail(),
        way=lambda name: _way(name, kept.id),
        kept=kept,
        table=table_label(kept.kind),
        labels=list_column_labels(kept.kind, language),
        problems=_stored_problems(kept),
    )
    return (page, 200, {"Refresh": _REFRESH_SECONDS}) if kept.is_waiting else page


@staff_imports.get(f"{_FILE}/columns")
@_coordinator
def columns(import_id: int) -> str:
    kept = find_import(read_session(), import_id, now=utc_now())
    return _columns_page(kept, kept.mapping)


@staff_imports.post(f"{_FILE}/columns")
@_coordinator
def choose(import_id: int) -> ResponseReturnValue:
    now = utc_now()
    kept = find_import(read_session(), import_id, now=now)
    mapping = {name: request.form.get(f"column-{i}", "") for i, name in enumerate(kept.columns)}
    known = {value for value, _label in list_column_choices(kept.kind, current_language())}
    mapping = {theirs: ours for theirs, ours in mapping.items() if ours in known}
    try:
        is_small = choose_columns(import_id, mapping, now=now)
    except ImportRefusedError as refusal:
        return _columns_page(kept, mapping, problems=refusal.problems), 422
    if is_small:
        work_on_import(import_id, now=now)
    return _to(import_id)


@staff_imports.post(f"{_FILE}/carry-out")
@_coordinator
def carry_out(import_id: int) -> ResponseReturnValue:
    now = utc_now()
    if order_import(import_id, who=current_staff(), now=now):
        work_on_import(import_id, now=now)
        # The directory may have changed meanwhile: then there is something to look at again.
        work_on_import(import_id, now=now)
    return _to(import_id)


@staff_imports.post(f"{_FILE}/discard")
@_coordinator
def discard(import_id: int) -> ResponseReturnValue:
    forget_import(import_id, now=utc_now())
    flash(_("The file is thrown away. Nothing was changed by this."), "success")
    return redirect(url_for("staff_imports.start"), 303)


def _trail() -> list[tuple[str, str]]:
    return [
        (_("Directory"), url_for("staff_directory.index")),
        (_("Import a file"), url_for("staff_imports.start")),
    ]


def _way(name: str, import_id: int) -> str:
    values: dict[str, Any] = {} if name == "start" else {"import_id": import_id}
    return url_for(f"staff_imports.{name}", **values)


def _chosen_kind() -> str:
    kind = request.form.get("kind", "")
    return kind if kind in OF_THE_DIRECTORY else ImportTable.ORGANISATIONS.value


def _to(import_id: int) -> ResponseReturnValue:
    return redirect(url_for("staff_imports.show", import_id=import_id), 303)


def _start_page(*, field_error: str = "", problems: list[ProblemText] | None = None) -> str:
    problems = problems or []
    return render_template(
        "imports/start.html",
        staff_page="directory",
        kinds=[(kind.value, table_label(kind)) for kind in OF_THE_DIRECTORY],
        chosen=_chosen_kind(),
        kept=list_imports(read_session(), now=utc_now()),
        table_label=table_label,
        field_error=field_error,
        problems=problems[:_PROBLEMS_SHOWN],
        more_problems=max(0, len(problems) - _PROBLEMS_SHOWN),
    )


def _columns_page(
    kept: ImportView,
    mapping: object,
    *,
    problems: tuple[tuple[int, str, str, str, str], ...] = (),
) -> str:
    language = current_language()
    return render_template(
        "imports/columns.html",
        staff_page="directory",
        trail=_trail(),
        way=lambda name: _way(name, kept.id),
        kept=kept,
        table=table_label(kept.kind),
        choices=list_column_choices(kept.kind, language),
        labels=list_column_labels(kept.kind, language),
        mapping=mapping,
        missing=[column for _line, column, code, *_rest in problems if code == "missing_column"],
        double=[column for _line, column, code, *_rest in problems if code == "double_column"],
    )


def _stored_problems(kept: ImportView) -> list[ProblemText]:
    found = kept.outcome.get("problems", [])
    return explain_problems(ImportRefusedError(tuple(tuple(problem) for problem in found)))
