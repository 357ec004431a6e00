"""Staff: choose the other request, look at both, say which one stays."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField
from wtforms.validators import Optional

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError, VisitsNotMergeableError
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.merging import list_candidates, load_side
from bookings.queries.trail import find_trail_head
from bookings.queries.visits import VisitHead, find_visit_head
from bookings.services.merging import merge_visits
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form, OneLine
from bookings.web.meanwhile import list_meanwhile, read_seen
from bookings.web.security import can_change_visit, current_staff, staff_gate

staff_merging = Blueprint("staff_merging", __name__, url_prefix="/staff/visits")
coordinator = staff_gate(StaffRole.COORDINATOR)


class OtherForm(Form):
    """Which other request: one of the same visitors, or any by its reference."""

    found = RadioField(_l("Requests of the same visitors"), choices=[], validate_choice=False)
    other = StringField(_l("Another request"), [Optional(), OneLine(40)])


@staff_merging.get("/<reference>/merge")
@coordinator
def choose(reference: str) -> ResponseReturnValue:
    """The other request first, then both side by side."""
    session = read_session()
    head = find_visit_head(session, reference)
    wanted = (request.args.get("other") or request.args.get("found") or "").strip()
    if not wanted:
        return _choose(head), 200
    try:
        other = find_visit_head(session, wanted)
    except NotFoundError:
        return _choose(head, wrong=_("There is no request with this reference.")), 422
    if other.id == head.id:
        return _choose(head, wrong=refusal_sentence(VisitsNotMergeableError("same"))), 422
    return _both(head, other), 200


@staff_merging.post("/<reference>/merge")
@coordinator
def merge(reference: str) -> ResponseReturnValue:
    """This request closes and goes on as the other one."""
    head = find_visit_head(read_session(), reference)
    other = find_visit_head(read_session(), request.form.get("into", ""))
    if not can_change_visit(other.reference):
        raise NotFoundError("visit_request", other.reference)
    try:
        merge_visits(head.reference, other.reference, seen=read_seen(), who=current_staff(), now=utc_now())
    except RecordChangedError:
        return _both(head, other, meanwhile=list_meanwhile(head.id, read_seen())), 409
    except VisitsNotMergeableError as error:
        return _both(head, other, refused=refusal_sentence(error)), 409
    flash(_("%(gone)s goes on as this request.", gone=head.reference), "success")
    return redirect(url_for("staff_visits.show", reference=other.reference), 303)


def _choose(head: VisitHead, wrong: str = "") -> str:
    form = OtherForm(formdata=None, data={"other": request.args.get("other", "")})
    form.found.choices = [(one, one) for one in list_candidates(read_session(), head.id)]
    form.other.flags.optional = bool(form.found.choices)
    if wrong:
        form.other.errors = [wrong]
    return render_template("merging/choose.html", head=head, form=form, has_errors=bool(wrong))


def _both(head: VisitHead, other: VisitHead, *, meanwhile: object = None, refused: str = "") -> str:
    session = read_session()
    sides = [load_side(session, one.id) for one in (head, other)]
    return render_template(
        "merging/both.html", head=head, sides=sides, meanwhile=meanwhile, refused=refused,
        versions={one.id: find_trail_head(session, one.id) for one in sides},
    )  # fmt: skip
