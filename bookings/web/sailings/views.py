"""Staff see the timetable, add and take away rows, or import a file."""

import csv
import io

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.directory_rows import SAILING_COLUMNS
from bookings.domain.errors import ImportRefusedError
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.sailings import list_sailings
from bookings.services.directory import import_table
from bookings.services.directory_problems import ProblemText, explain_problems
from bookings.services.sailings import remove_sailing
from bookings.web.clock import utc_now
from bookings.web.planning_texts import duration_words
from bookings.web.sailings.forms import WEEKDAYS, SailingForm
from bookings.web.security import current_staff, signed_in, staff_gate
from bookings.web.texts import Names

staff_sailings = Blueprint("staff_sailings", __name__, url_prefix="/staff/sailings")
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)


@staff_sailings.get("")
@reader
def index() -> str:
    return _page(_form(formdata=None))


@staff_sailings.post("")
@coordinator
def add() -> ResponseReturnValue:
    form = _form()
    if not form.validate():
        return _page(form), 422
    file = io.StringIO()
    writer = csv.DictWriter(file, SAILING_COLUMNS)
    writer.writeheader()
    writer.writerow(form.as_cells())
    return _import(file.getvalue().encode(), form)


@staff_sailings.post("/import")
@coordinator
def import_file() -> ResponseReturnValue:
    uploaded, form = request.files.get("file"), _form(formdata=None)
    if uploaded is None or not uploaded.filename:
        return _page(form, field_error=_("Choose a CSV file first.")), 422
    return _import(uploaded.read(), form)


@staff_sailings.post("/<int(max=2147483647):sailing_id>/remove")
@coordinator
def remove(sailing_id: int) -> ResponseReturnValue:
    remove_sailing(sailing_id, who=current_staff(), now=utc_now())
    flash(_("The departure was taken out of the timetable."), "success")
    return redirect(url_for("staff_sailings.index"), 303)


def _import(content: bytes, form: SailingForm) -> ResponseReturnValue:
    try:
        result = import_table("sailings", content, who=current_staff(), now=utc_now())
    except ImportRefusedError as refusal:
        return _page(form, problems=explain_problems(refusal)), 422
    flash(
        _(
            "Imported: %(new)d new, %(changed)d changed, %(unchanged)d unchanged.",
            new=result.new,
            changed=result.changed,
            unchanged=result.unchanged,
        ),
        "success",
    )
    return redirect(url_for("staff_sailings.index"), 303)


def _form(**values: None) -> SailingForm:
    form = SailingForm(**values)
    form.weekdays.choices = list(WEEKDAYS)
    names = Names(load_directory(read_session()))
    towns = sorted((names.place(slug), slug) for slug in names.directory.places.by_slug)
    form.origin.choices = form.target.choices = [(slug, name) for name, slug in towns]
    return form


def _page(form: SailingForm, *, problems: list[ProblemText] | None = None, field_error: str = "") -> str:
    session = read_session()
    return render_template(
        "sailings/index.html",
        staff_page="sailings",
        form=form,
        sailings=list_sailings(session),
        names=Names(load_directory(session)),
        problems=problems or [],
        field_error=field_error,
        has_errors=bool(form.errors or problems or field_error),
        can_edit=has_role(signed_in().roles, StaffRole.COORDINATOR),
        duration_words=duration_words,
        weekday_names=dict(WEEKDAYS),
    )
