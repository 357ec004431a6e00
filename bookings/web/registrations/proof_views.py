"""The links of the first mail: "yes, this was me" and "this was not me". GET shows, POST acts."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import LinkExpiredError, TransitionNotAllowedError
from bookings.domain.event_errors import AlreadyRegisteredError, EventFullError, RegistrationClosedError
from bookings.domain.events import choose_text
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import RegistrationState
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.registrations.person_page import ToProve, find_to_prove, open_person_page
from bookings.services.registrations import (
    report_not_me,
    resend_verification_by_link,
    verify_registration,
)
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.registrations.own_views import show_page
from bookings.web.registrations.views import registrations
from bookings.web.security import link_gate

_GONE = 410
_REFUSED = (TransitionNotAllowedError, RegistrationClosedError, EventFullError, AlreadyRegisteredError)
_OPEN = (RegistrationState.UNVERIFIED, RegistrationState.EXPIRED)
_verify_gate = link_gate(LinkPurpose.VERIFY_REGISTRATION)


@registrations.get("/registrations/verify/<token>")
@_verify_gate
def verify(token: str) -> ResponseReturnValue:
    """Ask whether it was them; viewing uses nothing up."""
    found = find_to_prove(read_session(), token, LinkPurpose.VERIFY_REGISTRATION, now=utc_now())
    is_open = found.state in _OPEN
    page = _verify_page(found, token)
    return (page, _GONE) if is_open and found.is_past else page


@registrations.post("/registrations/verify/<token>")
@_verify_gate
def prove(token: str) -> ResponseReturnValue:
    """The address is theirs: the answer is the person's own page."""
    problem = ""
    try:
        outcome = verify_registration(token, now=utc_now())
    except LinkExpiredError:
        return redirect(url_for("registrations.verify", token=token), 303)
    except _REFUSED as error:
        problem = refusal_sentence(error)
    else:
        if outcome.token and outcome.registration_id:
            page = open_person_page(read_session(), outcome.registration_id)
            return show_page(page, outcome.token, just_proved=True)
    found = find_to_prove(read_session(), token, LinkPurpose.VERIFY_REGISTRATION, now=utc_now())
    return _verify_page(found, token, problem=problem), 409


@registrations.post("/registrations/verify/<token>/again")
@_verify_gate
def prove_again(token: str) -> ResponseReturnValue:
    """A new link to the same mailbox, within the limits."""
    resend_verification_by_link(token, now=utc_now())
    flash(_("If the address still has to be confirmed, a new mail is on its way."), "success")
    return redirect(url_for("registrations.verify", token=token), 303)


@registrations.get("/registrations/not-me/<token>")
@_verify_gate
def not_me(token: str) -> str:
    """Ask before anything is cancelled."""
    found = find_to_prove(read_session(), token, LinkPurpose.VERIFY_REGISTRATION, now=utc_now())
    return render_template("registrations/not_me.html", found=found, token=token, title=_title(found))


@registrations.post("/registrations/not-me/<token>")
@_verify_gate
def deny(token: str) -> ResponseReturnValue:
    """The registration is cancelled and its mails end."""
    report_not_me(token, now=utc_now())
    return redirect(url_for("registrations.not_me", token=token), 303)


def _verify_page(found: ToProve, token: str, *, problem: str = "") -> str:
    return render_template(
        "registrations/verify.html",
        found=found,
        token=token,
        title=_title(found),
        is_open=found.state in _OPEN and not problem,
        problem=problem,
        has_errors=bool(problem),
    )


def _title(found: ToProve) -> str:
    return choose_text(found.event_title, current_language())
