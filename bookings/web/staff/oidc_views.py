"""Signing in at a provider, where the installation names one: there, back, and in as by password."""

from flask import Blueprint, abort, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import login_user

from bookings.extensions import security
from bookings.i18n import gettext as _
from bookings.services.oidc import Refused, ask_provider, read_answer
from bookings.services.staff import Client, count_sign_in_try
from bookings.settings import current_settings
from bookings.web.clock import utc_now
from bookings.web.security import find_signed_in_person, public

staff_oidc = Blueprint("staff_oidc", __name__, url_prefix="/staff/sign-in/oidc")
# What the provider was asked: it counts for the next answer only.
_ASKED = "oidc_asked"
_REFUSED = "oidc_refused"
_BUSY = 503


@staff_oidc.before_request
def _where_configured() -> ResponseReturnValue | None:
    if not current_settings().oidc.is_on:
        abort(404)
    return redirect(url_for("staff.start")) if find_signed_in_person() else None


@staff_oidc.get("")
@public
def begin() -> ResponseReturnValue:
    """A link and no form: the policy of our pages lets no form lead elsewhere. Nothing is stored here."""
    asked = ask_provider(now=utc_now())
    if isinstance(asked, Refused):
        return _refuse(asked)
    way, session[_ASKED] = asked
    return redirect(way)


@staff_oidc.get("/answer")
@public
def answer() -> ResponseReturnValue:
    """The provider sends the browser here; in any case the address with the code is left at once."""
    asked, now = session.pop(_ASKED, {}), utc_now()
    count_sign_in_try("", Client(request.remote_addr or ""), now=now)
    found = read_answer(request.args, asked=asked, now=now)
    if isinstance(found, Refused):
        return _refuse(found)
    person = security.datastore.find_user(id=found.staff_user_id)
    if person is None:
        abort(404)
    if found.has_second_factor:
        g.proved_second_factor = True
    elif (step := security.two_factor_plugins.tf_enter(person, False, "oidc", None)) is not None:
        next_step: ResponseReturnValue = step
        return next_step
    login_user(person, authn_via=["oidc"])
    return redirect(url_for("staff.start"), 303)


@staff_oidc.get("/refused")
@public
def refused() -> ResponseReturnValue:
    """Why it did not work, and the other way in."""
    if _REFUSED not in session:
        return redirect(url_for("security.login"))
    why, label = Refused(session[_REFUSED]), current_settings().oidc.label
    title, sentence = _texts(why, label)
    page = render_template("security/oidc_refused.html", title=title, sentence=sentence, label=label)
    return page, _BUSY if why == Refused.DOWN else 422


def _refuse(why: Refused) -> ResponseReturnValue:
    session[_REFUSED] = str(why)
    return redirect(url_for("staff_oidc.refused"), 303)


def _texts(why: Refused, label: str) -> tuple[str, str]:
    return {
        Refused.CANCELLED: (
            _("You did not sign in"),
            _("The sign-in at %(label)s was cancelled.", label=label),
        ),
        Refused.NOT_ASKED: (
            _("This sign-in has ended"),
            _("It was started in another window, or too long ago. Start it once more."),
        ),
        Refused.NOT_PROVED: (
            _("The sign-in could not be checked"),
            _("%(label)s did not confirm an e-mail address of yours.", label=label),
        ),
        Refused.UNKNOWN: (
            _("There is no account for you here"),
            _(
                "Nobody here has the e-mail address that %(label)s knows of you. "
                "Ask an administrator of your installation for an invitation.",
                label=label,
            ),
        ),
        Refused.DOWN: (
            _("%(label)s does not answer", label=label),
            _("Nothing is wrong with your account. Try again in a few minutes."),
        ),
    }[why]
