"""Admins erase what is known of a person, and say what has to stay as evidence."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, Field, HiddenField, StringField
from wtforms.validators import InputRequired

from bookings.db import read_session
from bookings.domain.erasure import Fate, Trace, TraceKind
from bookings.domain.errors import HoldNotAllowedError, NotFoundError
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.erasure import find_traces, list_holds
from bookings.services.erasure import erase_person, lift_hold, set_hold
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import DayField, EmailLine, Form, OneLine
from bookings.web.security import current_staff, staff_gate

staff_erasure = Blueprint("staff_erasure", __name__, url_prefix="/staff/erasure")
admin = staff_gate(StaffRole.ADMIN)
_LINE = 254
_KINDS = {
    TraceKind.VISIT: _l("Request for a visit"),
    TraceKind.REGISTRATION: _l("Registration for an event"),
    TraceKind.DRAFT: _l("Half-filled forms"),
    TraceKind.NEWSLETTER: _l("Newsletter"),
    TraceKind.FEED: _l("Calendar address"),
    TraceKind.INVITATION: _l("Invitations in calendars"),
    TraceKind.MAIL_IN: _l("Mails from this address"),
    TraceKind.MAIL_OUT: _l("Mails to this address"),
    TraceKind.HOST_CONTACT: _l("Contact of a host"),
    TraceKind.ADVISER: _l("Adviser of an event"),
    TraceKind.COLLEAGUE: _l("Account of a colleague"),
}
_FATES = {
    Fate.GOES: (_l("Can be erased"), "good"),
    Fate.IN_PROGRESS: (_l("Still to come: end it first"), "wait"),
    Fate.HELD: (_l("Kept as evidence"), "info"),
    Fate.ELSEWHERE: (_l("Change it on its own page"), "calm"),
}


class AddressForm(Form):
    """Whose data."""

    email = StringField(
        _l("E-mail address"), [InputRequired(_l("Type the person's e-mail address.")), EmailLine()]
    )


class EraseForm(Form):
    """The address once more, and that one is sure."""

    email = HiddenField(validators=[EmailLine()])
    is_sure = BooleanField(
        _l("I have checked that this wish comes from the person. It cannot be undone."),
        [InputRequired(_l("Tick this box when you have checked it."))],
    )


class HoldForm(Form):
    """What is kept, why and how long."""

    subject = StringField(
        _l("Request or event"), [InputRequired(_l("Write the reference or the short name.")), OneLine(80)]
    )
    reason = StringField(
        _l("Why it is kept"), [InputRequired(_l("Write why it has to be kept.")), OneLine(_LINE)]
    )
    until = DayField(_l("Until the end of the day"), [InputRequired(_l("Write the last day."))])


@staff_erasure.get("")
@admin
def index() -> str:
    """Whom to look for, and what is kept as evidence."""
    return _index(AddressForm(formdata=None))


@staff_erasure.post("/found")
@admin
def find() -> ResponseReturnValue:
    """What is known of an address. By POST: no address belongs into logs and histories."""
    form = AddressForm()
    if not form.validate():
        return _index(form), 422
    return _found(EraseForm(formdata=None, data={"email": form.email.data})), 200


@staff_erasure.post("/erase")
@admin
def erase() -> ResponseReturnValue:
    """It goes, for good."""
    form = EraseForm()
    if not form.validate():
        # Only a form that was not ours has another address than the one that was looked for.
        return (_index(AddressForm()) if form.email.errors else _found(form)), 422
    traces = erase_person(form.email.data or "", who=current_staff(), now=utc_now())
    flash(
        _("Everything that may go is gone. Write to the person that it is: no mail goes out by itself."),
        "success",
    )
    if any(trace.fate is not Fate.GOES for trace in traces):
        flash(
            _("Something stays, because it is still to come, kept as evidence or on a page of its own."),
            "warning",
        )
    return redirect(url_for(".index"), 303)


@staff_erasure.route("/hold", methods=["GET", "POST"])
@admin
def hold() -> ResponseReturnValue:
    """Keep a request or an event as evidence."""
    form = HoldForm()
    if form.validate_on_submit() and _set_hold(form):
        flash(_("It is kept until then, whatever is asked for."), "success")
        return redirect(url_for(".index"), 303)
    page = render_template("erasure/hold.html", staff_page="people", form=form, has_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@staff_erasure.post("/hold/<int(max=2147483647):hold_id>/lift")
@admin
def lift(hold_id: int) -> ResponseReturnValue:
    """It need not be kept any longer."""
    lift_hold(hold_id, who=current_staff(), now=utc_now())
    flash(_("It is not kept as evidence any more."), "success")
    return redirect(url_for(".index"), 303)


def _set_hold(form: HoldForm) -> bool:
    assert form.until.data is not None
    subject, reason = form.subject.data or "", form.reason.data or ""
    try:
        set_hold(subject, reason=reason, until=form.until.data, who=current_staff(), now=utc_now())
    except NotFoundError:
        return _refuse(form.subject, _("There is no request and no event of this name."))
    except HoldNotAllowedError as error:
        return _refuse(form.until, refusal_sentence(error))
    return True


def _refuse(field: Field, sentence: str) -> bool:
    field.errors = [*field.errors, sentence]
    return False


def _index(form: AddressForm) -> str:
    holds = list_holds(read_session(), today=utc_now().date())
    return render_template(
        "erasure/index.html", staff_page="people", form=form, holds=holds, has_errors=bool(form.errors)
    )


def _found(form: EraseForm) -> str:
    traces: list[Trace] = find_traces(read_session(), form.email.data or "", now=utc_now())
    note_list("person", len(traces))
    return render_template(
        "erasure/found.html",
        staff_page="people",
        form=form,
        traces=traces,
        can_go=any(trace.fate is Fate.GOES for trace in traces),
        kinds=_KINDS,
        fates=_FATES,
        has_errors=bool(form.errors),
    )
