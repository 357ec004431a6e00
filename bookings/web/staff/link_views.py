"""Signing in by a link in a mail, where the installation allows it. GET shows, POST acts."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.extensions import security
from bookings.queries.links import find_link
from bookings.services.sign_in_links import send_sign_in_link, use_sign_in_link
from bookings.settings import current_settings
from bookings.web.clock import utc_now
from bookings.web.security import link_gate, public

staff_links = Blueprint("staff_links", __name__, url_prefix="/staff/sign-in/link")


@staff_links.before_request
def _where_allowed() -> None:
    if not current_settings().session.sign_in_links:
        abort(404)


@staff_links.route("", methods=["GET", "POST"])
@public
def ask() -> str:
    """The answer is the same for every address."""
    is_sent = request.method == "POST"
    if is_sent:
        send_sign_in_link(request.form.get("email", "")[:254].replace("\0", ""), now=utc_now())
    minutes = current_settings().session.sign_in_link_minutes
    return render_template("security/ask_link.html", is_sent=is_sent, minutes=minutes)


@staff_links.get("/<token>")
@link_gate(LinkPurpose.STAFF_SIGN_IN)
def show(token: str) -> str:
    """A button: mail scanners open links, and this one works once."""
    find_link(read_session(), token, LinkPurpose.STAFF_SIGN_IN, now=utc_now())
    return render_template("security/use_link.html")


@staff_links.post("/<token>")
@link_gate(LinkPurpose.STAFF_SIGN_IN)
def enter(token: str) -> ResponseReturnValue:
    """As good as the password: whoever has a second factor is asked for it."""
    person = security.datastore.find_user(id=use_sign_in_link(token, now=utc_now()))
    if person is None:
        abort(404)
    answer: ResponseReturnValue | None = security.two_factor_plugins.tf_enter(person, False, "link", None)
    if answer is not None:
        return answer
    login_user(person, authn_via=["link"])
    return redirect(url_for("staff.start"), 303)
