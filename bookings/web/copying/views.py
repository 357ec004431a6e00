"""Staff: a visit once more, on other days."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import DataRequired

from bookings.db import read_session
from bookings.domain.errors import SlotTimeNotUsableError
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.visits import find_visit_head
from bookings.services.copying import copy_visit, find_first_day
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import DayField, Form
from bookings.web.security import current_staff, staff_gate

staff_copying = Blueprint("staff_copying", __name__, url_prefix="/staff/visits")


class CopyForm(Form):
    """When it begins."""

    first_day = DayField(_l("First day of the new visit"), [DataRequired(_l("Choose the first day."))])


@staff_copying.route("/<reference>/copy", methods=["GET", "POST"])
@staff_gate(StaffRole.COORDINATOR)
def copy(reference: str) -> ResponseReturnValue:
    """The day, then the new visit."""
    head, form = find_visit_head(read_session(), reference), CopyForm()
    if form.validate_on_submit() and form.first_day.data:
        try:
            copied = copy_visit(head.reference, form.first_day.data, who=current_staff(), now=utc_now())
        except SlotTimeNotUsableError as error:
            form.first_day.errors = [refusal_sentence(error)]
        else:
            flash(_("This is the new visit. Nobody was told of it yet."), "success")
            if copied.left_out:
                hosts = ", ".join(copied.left_out)
                flash(_("These hosts could not be taken along: %(hosts)s.", hosts=hosts), "warning")
            return redirect(url_for("staff_visits.show", reference=copied.reference), 303)
    page = render_template(
        "copying/form.html", form=form, head=head, begins=find_first_day(read_session(), head.reference),
        has_errors=bool(form.errors),
    )  # fmt: skip
    return page, 422 if form.errors else 200
