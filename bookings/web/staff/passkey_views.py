"""Passkeys: one's own to add, name and remove, and the way in with one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from bookings.db import read_session
from bookings.domain.errors import PasskeyNotUsableError, PasswordWrongError
from bookings.domain.staff import StaffRole, zone_of_town
from bookings.extensions import security
from bookings.i18n import gettext as _
from bookings.queries.staff import list_passkeys
from bookings.services import passkeys
from bookings.services.staff import prove_password
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.security import public, signed_in, staff_gate
from bookings.web.staff.forms import PasskeyForm

staff_passkeys = Blueprint("staff_passkeys", __name__, url_prefix="/staff")
everybody = staff_gate(StaffRole.READER)
# What the browser was asked; it counts for the next answer only.
_ASKED = "passkey_asked"


@staff_passkeys.route("/account/passkeys", methods=["GET", "POST"])
@everybody
def index() -> ResponseReturnValue:
    """The keys one has, and another one."""
    person, form, now = signed_in(), PasskeyForm(), utc_now()
    state = session.pop(_ASKED, {})
    if not form.validate_on_submit():
        return _page(form)
    try:
        prove_password(person.staff_user_id, form.password.data or "", now=now)
        codes = passkeys.add_passkey(
            person.staff_user_id, form.credential.data or "", state=state, name=form.name.data or "", now=now
        )
    except PasswordWrongError as error:
        form.password.errors = [*form.password.errors, refusal_sentence(error)]
        return _page(form)
    except PasskeyNotUsableError:
        return _page(
            form, problem=_("The browser made no passkey. Try once more, or connect an app instead.")
        )
    if codes:
        return render_template("staff/recovery_codes.html", codes=codes, is_new_factor=True)
    flash(_("The passkey is added."), "success")
    return redirect(url_for("staff_passkeys.index"), 303)


@staff_passkeys.post("/account/passkeys/<int(max=2147483647):passkey_id>/rename")
@everybody
def rename(passkey_id: int) -> ResponseReturnValue:
    """Another name."""
    name = request.form.get("name", "").strip()
    if name:
        passkeys.rename_passkey(signed_in().staff_user_id, passkey_id, name=name, now=utc_now())
        flash(_("The name is saved."), "success")
    else:
        flash(_("Type a name that tells you which device it is on."), "error")
    return redirect(url_for("staff_passkeys.index"), 303)


@staff_passkeys.post("/account/passkeys/<int(max=2147483647):passkey_id>/remove")
@everybody
def remove(passkey_id: int) -> ResponseReturnValue:
    """It opens nothing any more."""
    passkeys.remove_passkey(signed_in().staff_user_id, passkey_id, now=utc_now())
    flash(_("The passkey is removed. Delete it on your device too."), "success")
    return redirect(url_for("staff_passkeys.index"), 303)


@staff_passkeys.route("/sign-in/passkey", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Instead of a password, or after it."""
    state = session.pop(_ASKED, {})
    if request.method == "GET":
        return _sign_in_page()
    try:
        person_id = passkeys.prove_passkey(request.form.get("credential", ""), state=state, now=utc_now())
    except PasskeyNotUsableError as error:
        return _sign_in_page(problem=refusal_sentence(error))
    person = security.datastore.find_user(id=person_id)
    if person is not None:
        login_user(person, authn_via=["passkey"])
    return redirect(url_for("staff.start"), 303)


def _page(form: PasskeyForm, *, problem: str = "") -> tuple[str, int]:
    person = signed_in()
    options, session[_ASKED] = passkeys.ask_for_new_passkey(person.staff_user_id)
    form.credential.data = ""
    return _answer(
        "staff/passkeys.html",
        problem,
        bool(form.errors),
        form=form,
        options=options,
        passkeys=list_passkeys(read_session(), person.staff_user_id),
        time_zone=zone_of_town(person.town),
    )


def _sign_in_page(*, problem: str = "") -> tuple[str, int]:
    options, session[_ASKED] = passkeys.ask_for_passkey()
    return _answer(
        "security/passkey.html", problem, False, options=options, is_second="tf_user_id" in session
    )


def _answer(template: str, problem: str, has_form_errors: bool, **values: Any) -> tuple[str, int]:
    has_errors = bool(problem) or has_form_errors
    page = render_template(template, problem=problem, has_errors=has_errors, **values)
    return page, 422 if has_errors else 200
