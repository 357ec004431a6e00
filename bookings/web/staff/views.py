"""Staff: the account page with its sign-ins, password and second factor."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature

from bookings.db import read_session
from bookings.domain.errors import BookingError, CodeWrongError, PasswordNotAllowedError, PasswordWrongError
from bookings.domain.staff import (
    SHORTEST_PASSWORD,
    SHORTEST_WITH_SECOND_FACTOR,
    StaffRole,
    zone_of_town,
)
from bookings.extensions import security
from bookings.i18n import gettext as _
from bookings.queries.staff import list_sign_ins
from bookings.services import staff as accounts
from bookings.settings import current_settings
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form
from bookings.web.security import sign_in_times, signed_in, staff_gate
from bookings.web.staff.forms import NewPasswordForm, ProfileForm, ProofForm, SecondFactorForm

staff = Blueprint("staff", __name__, url_prefix="/staff")
everybody = staff_gate(StaffRole.READER)


@staff.get("")
@everybody
def start() -> ResponseReturnValue:
    """Where a sign-in leads to: the page that asked for it, or what waits today."""
    wanted = session.pop("wanted", "")
    if wanted.startswith("/staff/"):
        return redirect(wanted)
    # The language of the account, unless this browser has chosen another one.
    language = None if "language" in request.cookies else signed_in().language
    return redirect(url_for("staff_today.show", lang=language))


@staff.route("/account", methods=["GET", "POST"])
@everybody
def account() -> ResponseReturnValue:
    """Name, language and mails, and everything else about the account to look at and to go to."""
    person = signed_in()
    form = ProfileForm(obj=person)
    if form.validate_on_submit():
        accounts.change_profile(
            person.staff_user_id,
            name=form.name.data or "",
            language=form.language.data,
            wants_mails=form.wants_mails.data,
            now=utc_now(),
        )
        flash(_("Your account is saved."), "success")
        return redirect(url_for("staff.account", lang=form.language.data), 303)
    sign_ins = list_sign_ins(
        read_session(), person.staff_user_id, times=sign_in_times(current_settings()), now=utc_now()
    )
    return _form_page(
        "staff/account.html", form, person=person, sign_ins=sign_ins, time_zone=zone_of_town(person.town)
    )


@staff.post("/account/sign-ins/<int(max=2147483647):session_id>/end")
@everybody
def end_sign_in(session_id: int) -> ResponseReturnValue:
    """Sign out a device of one's own."""
    accounts.end_own_sign_in(signed_in().staff_user_id, session_id, now=utc_now())
    flash(_("That device is signed out."), "success")
    return redirect(url_for("staff.account"), 303)


@staff.post("/account/sign-ins/end-others")
@everybody
def end_other_sign_ins() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    person = signed_in()
    accounts.end_other_sign_ins(person.staff_user_id, person.session_id, now=utc_now())
    flash(_("All other devices are signed out."), "success")
    return redirect(url_for("staff.account"), 303)


@staff.route("/account/password", methods=["GET", "POST"])
@everybody
def change_password() -> ResponseReturnValue:
    """A new password; other devices are signed out."""
    person, form = signed_in(), NewPasswordForm()
    if form.validate_on_submit() and _is_proved(form):
        try:
            accounts.change_password(
                person.staff_user_id, form.new.data or "", session_id=person.session_id, now=utc_now()
            )
        except PasswordNotAllowedError as error:
            _say_beside(form.new, error)
        else:
            flash(_("Your password is changed. All other devices are signed out."), "success")
            return redirect(url_for("staff.account"), 303)
    shortest = SHORTEST_WITH_SECOND_FACTOR if person.has_second_factor else SHORTEST_PASSWORD
    return _form_page("staff/password.html", form, shortest=shortest)


@staff.route("/account/second-factor", methods=["GET", "POST"])
@everybody
def second_factor() -> ResponseReturnValue:
    """Connect an authenticator app, or a new one; the recovery codes are shown once."""
    person, form = signed_in(), SecondFactorForm()
    secret = _secret_of(form, person.staff_user_id)
    if form.validate_on_submit() and _is_proved(form):
        try:
            codes = accounts.switch_on_second_factor(
                person.staff_user_id, secret=secret, code=form.code.data or "", now=utc_now()
            )
        except CodeWrongError as error:
            _say_beside(form.code, error)
        else:
            return render_template("staff/recovery_codes.html", codes=codes, is_new_factor=True)
    return _form_page("staff/second_factor.html", form, person=person, **_app_values(secret, person.email))


@staff.route("/account/second-factor/off", methods=["GET", "POST"])
@everybody
def switch_off_second_factor() -> ResponseReturnValue:
    """Back to the password alone."""
    form = ProofForm()
    if form.validate_on_submit() and _is_proved(form):
        accounts.switch_off_second_factor(signed_in().staff_user_id, now=utc_now())
        flash(_("Signing in asks for your password only from now on."), "success")
        return redirect(url_for("staff.account"), 303)
    return _form_page("staff/second_factor_off.html", form)


@staff.route("/account/recovery-codes", methods=["GET", "POST"])
@everybody
def renew_recovery_codes() -> ResponseReturnValue:
    """Ten new codes, shown once."""
    person, form = signed_in(), ProofForm()
    if not person.has_second_factor:
        return redirect(url_for("staff.second_factor"), 303)
    if form.validate_on_submit() and _is_proved(form):
        codes = accounts.renew_recovery_codes(person.staff_user_id, now=utc_now())
        return render_template("staff/recovery_codes.html", codes=codes, is_new_factor=False)
    return _form_page("staff/renew_codes.html", form, codes_left=person.recovery_codes_left)


def _form_page(template: str, form: Form, **values: Any) -> tuple[str, int]:
    has_errors = bool(form.errors)
    page = render_template(template, form=form, has_errors=has_errors, **values)
    return page, 422 if has_errors else 200


def _is_proved(form: ProofForm) -> bool:
    try:
        accounts.prove_password(signed_in().staff_user_id, form.password.data or "", now=utc_now())
    except PasswordWrongError as error:
        _say_beside(form.password, error)
        return False
    return True


def _say_beside(field: Any, error: BookingError) -> None:
    field.errors = [*field.errors, refusal_sentence(error)]


def _secret_of(form: SecondFactorForm, staff_user_id: int) -> str:
    """The secret that this form showed, signed and bound to the person; a fresh one for a fresh form."""
    signer = security.tf_setup_serializer
    try:
        owner, secret = signer.loads(form.secret.data or "", max_age=3600)
    except BadSignature:
        owner, secret = 0, ""
    if owner != staff_user_id:
        secret = security.totp_factory.generate_totp_secret()
        form.secret.data = signer.dumps([staff_user_id, secret])
    return str(secret)


def _app_values(secret: str, email: str) -> dict[str, str]:
    factory = security.totp_factory
    return {"qr_code": factory.generate_qrcode(email, secret), "key": factory.get_totp_pretty_key(secret)}
