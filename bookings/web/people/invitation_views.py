"""The way in for somebody who was invited: a name, a password, then the second factor."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from bookings.db import read_session
from bookings.domain.errors import PasswordNotAllowedError
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import SHORTEST_PASSWORD
from bookings.extensions import security
from bookings.i18n import gettext as _
from bookings.queries.people import find_invited
from bookings.services.people import accept_invitation
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.people.forms import JoinForm
from bookings.web.security import link_gate

staff_invitations = Blueprint("staff_invitations", __name__, url_prefix="/staff/invitation")


@staff_invitations.get("/<token>")
@link_gate(LinkPurpose.STAFF_INVITATION)
def show(token: str) -> str:
    """Who is invited, and the form."""
    invited = find_invited(read_session(), token, now=utc_now())
    form = JoinForm()
    if not form.is_kept:
        form.name.data = invited.name
    return _page(form, invited.email)


@staff_invitations.post("/<token>")
@link_gate(LinkPurpose.STAFF_INVITATION)
def join(token: str) -> ResponseReturnValue:
    """The account is open; its person is signed in and goes on to the second factor."""
    form, now = JoinForm(), utc_now()
    email = find_invited(read_session(), token, now=now).email
    if not form.validate():
        return _page(form, email), 422
    try:
        person_id = accept_invitation(token, name=form.name.data or "", password=form.new.data or "", now=now)
    except PasswordNotAllowedError as error:
        form.new.errors = [*form.new.errors, refusal_sentence(error)]
        return _page(form, email), 422
    person = security.datastore.find_user(id=person_id)
    if person is not None:
        login_user(person, authn_via=["invitation"])
    flash(_("Welcome. Your account is open; one more step makes it safe."), "success")
    return redirect(url_for("staff.second_factor"), 303)


def _page(form: JoinForm, email: str) -> str:
    return render_template(
        "people/join.html", form=form, email=email, shortest=SHORTEST_PASSWORD, has_errors=bool(form.errors)
    )
