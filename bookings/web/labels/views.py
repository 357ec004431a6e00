"""Staff: the labels, and which of them a visit has."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField

from bookings.db import read_session
from bookings.domain.errors import LabelNotUsableError, NotFoundError, RecordChangedError
from bookings.domain.labels import LONGEST_NAME, MOST_LABELS, LabelTone
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.labels import list_labels, list_labels_of
from bookings.queries.trail import find_trail_head
from bookings.queries.visits import find_visit_head
from bookings.services.labels import add_label, change_label, remove_label, set_labels
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form, OneLine, whole_number
from bookings.web.meanwhile import list_meanwhile, read_seen
from bookings.web.security import current_staff, staff_gate

staff_labels = Blueprint("staff_labels", __name__, url_prefix="/staff")
coordinator = staff_gate(StaffRole.COORDINATOR)

TONES = {
    LabelTone.CALM: _l("Grey with a dash"),
    LabelTone.INFO: _l("Blue with a diamond"),
    LabelTone.GOOD: _l("Green with a dot"),
    LabelTone.WAIT: _l("Yellow with a ring"),
    LabelTone.BAD: _l("Red with a cross"),
    LabelTone.DRAFT: _l("White with a dashed edge"),
}
_ABOUT = ("label",)


class LabelForm(Form):
    """A label: its name, and how it looks."""

    name = StringField(_l("Name"), [OneLine(LONGEST_NAME)])
    tone = SelectField(_l("Look"), choices=[])

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.tone.choices = [(str(tone), str(words)) for tone, words in TONES.items()]


@staff_labels.route("/labels", methods=["GET", "POST"])
@coordinator
def index() -> ResponseReturnValue:
    """All labels, and the form for one more."""
    form = LabelForm()
    if form.validate_on_submit():
        try:
            add_label(form.name.data or "", LabelTone(form.tone.data), who=current_staff(), now=utc_now())
        except LabelNotUsableError as error:
            form.name.errors = [*form.name.errors, refusal_sentence(error)]
        else:
            flash(_("The label is there."), "success")
            return redirect(url_for("staff_labels.index"), 303)
    page = render_template(
        "labels/index.html", form=form, labels=list_labels(read_session()), most=MOST_LABELS,
        has_errors=bool(form.errors),
    )  # fmt: skip
    return page, 422 if form.errors else 200


@staff_labels.route("/labels/<int(max=2147483647):label_id>", methods=["GET", "POST"])
@coordinator
def change(label_id: int) -> ResponseReturnValue:
    """Another name, another look."""
    label = next((one for one in list_labels(read_session()) if one.id == label_id), None)
    if label is None:
        raise NotFoundError("visit_label", str(label_id))
    form = LabelForm(obj=label)
    if form.validate_on_submit():
        name, tone = form.name.data or "", LabelTone(form.tone.data)
        try:
            change_label(label_id, name, tone, who=current_staff(), now=utc_now())
        except LabelNotUsableError as error:
            form.name.errors = [*form.name.errors, refusal_sentence(error)]
        else:
            flash(_("The label is saved."), "success")
            return redirect(url_for("staff_labels.index"), 303)
    page = render_template("labels/form.html", form=form, label=label, has_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@staff_labels.post("/labels/<int(max=2147483647):label_id>/remove")
@coordinator
def remove(label_id: int) -> ResponseReturnValue:
    """Gone, from all visits."""
    remove_label(label_id, who=current_staff(), now=utc_now())
    flash(_("The label is gone."), "success")
    return redirect(url_for("staff_labels.index"), 303)


@staff_labels.route("/visits/<reference>/labels", methods=["GET", "POST"])
@coordinator
def of_visit(reference: str) -> ResponseReturnValue:
    """Which labels a visit has."""
    session = read_session()
    head, labels, meanwhile = find_visit_head(session, reference), list_labels(session), None
    chosen = {one.id for one in list_labels_of(session, [head.id])[head.id]}
    if request.method == "POST":
        chosen = set(request.form.getlist("labels", type=whole_number))
        try:
            set_labels(head.reference, chosen, seen=read_seen(), who=current_staff(), now=utc_now())
        except RecordChangedError:
            meanwhile = list_meanwhile(head.id, read_seen(), _ABOUT)
        else:
            flash(_("The labels are saved."), "success")
            return redirect(url_for("staff_visits.show", reference=head.reference), 303)
    page = render_template(
        "labels/of_visit.html", head=head, labels=labels, chosen=chosen, meanwhile=meanwhile,
        version=find_trail_head(read_session(), head.id),
    )  # fmt: skip
    return page, 200 if meanwhile is None else 409
