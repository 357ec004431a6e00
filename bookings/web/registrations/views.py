"""The registration form of an event: one page, and the page of thanks in the answer to what was sent."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from bookings.db import read_session
from bookings.domain.errors import BookingError, CostsNotAcceptedError
from bookings.domain.event_errors import (
    AccessCodeError,
    AlreadyRegisteredError,
    EventFullError,
    GroupTooLargeError,
    OrganisationLimitError,
    PartNotAvailableError,
    TooManyCodesError,
)
from bookings.domain.events import Door, EventKind, choose_text
from bookings.domain.registrations import Outcome
from bookings.extensions import csrf
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.registrations.form import FormFacts, load_form
from bookings.services.agreement import Clause, build_clause
from bookings.services.registrations import register, try_code
from bookings.settings import current_settings
from bookings.web.asked import Typed, country_options
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.registrations.form import RegistrationForm
from bookings.web.robots import has_fallen_for_trap, sign_start, was_too_fast
from bookings.web.security import checks_own_token, form_key, public

registrations = Blueprint("registrations", __name__)
registrations.add_app_template_global(choose_text)

_LONGEST_KEY = 40
_OPEN = (Door.OPEN, Door.WAITING_LIST)
# Refusals that the form itself can answer: where the sentence stands.
_BESIDE: dict[type[BookingError], str] = {
    AccessCodeError: "code",
    AlreadyRegisteredError: "email",
    CostsNotAcceptedError: "accepts_costs",
    GroupTooLargeError: "ticket",
    OrganisationLimitError: "organisation",
    PartNotAvailableError: "parts",
}


@registrations.get("/events/<slug>/register", endpoint="register")
@public
def show_form(slug: str) -> ResponseReturnValue:
    """The empty form, or why there is none."""
    facts = load_form(read_session(), slug)
    if facts.kind == EventKind.ADVISORY_DAY:
        return redirect(url_for("advisers.index", slug=slug), 303)
    if (door := facts.door(now=utc_now())) not in _OPEN:
        return _closed_page(facts, door)
    # A link may carry the code of an invitation. It is tried when somebody presses a button: programs open
    # links too.
    form = RegistrationForm(
        facts, {"code": [request.args.get("code", "")]}, clause=_find_clause(facts), tries_code=False
    )
    return _form_page(facts, form, key=form_key(), started=sign_start(utc_now()))


@registrations.post("/events/<slug>/register")
@public
@checks_own_token
def send(slug: str) -> ResponseReturnValue:
    """Thanks, or the form again with everything that was typed."""
    facts, typed = load_form(read_session(), slug), request.form.to_dict(flat=False)
    form = _build_form(facts, typed)
    if "add" in typed or "drop" in typed:
        return _again(facts, form)
    if "apply" in typed:
        status = 200 if form.check_code() else 422
        return _again(facts, form), status
    warning = _find_warning()
    if not form.validate() or warning or form.has_new_tickets:
        return _again(facts, form, warning=warning), 422
    key = request.form.get("form_key", "")[:_LONGEST_KEY] or form_key()
    joins = request.form.get("joins_queue") == "y"
    application = form.build_application(key, network_address=request.remote_addr or "", joins_queue=joins)
    try:
        outcome = register(application, now=utc_now())
    except EventFullError as error:
        is_open = error.waiting_list_is_open
        return _again(facts, form, warning=refusal_sentence(error), offers_queue=is_open), 422
    except tuple(_BESIDE) as error:
        getattr(form, _BESIDE[type(error)]).errors = [refusal_sentence(error)]
        return _again(facts, form), 422
    return _thanks_page(facts, form, outcome)


def _build_form(facts: FormFacts, typed: Typed) -> RegistrationForm:
    return RegistrationForm(facts, typed, clause=_find_clause(facts), code_problem=_try_code(facts, typed))


def _find_clause(facts: FormFacts) -> Clause | None:
    return build_clause(now=utc_now()) if facts.asks_costs else None


def _try_code(facts: FormFacts, typed: Typed) -> str:
    """A code is looked at here only, so that whoever guesses gets no further on any way to the form."""
    code = (typed.get("code") or [""])[0].strip()
    if not (facts.has_codes and code):
        return ""
    try:
        try_code(facts.slug, code, network_address=request.remote_addr or "", now=utc_now())
    except TooManyCodesError as error:
        return refusal_sentence(error)
    return ""


def _find_warning() -> str:
    """What to say when the form cannot be trusted yet; everything that was typed stays."""
    try:
        csrf.protect()
    except CSRFError:
        return _(
            "The form could not be checked, perhaps because it was open for long. "
            "Your answers are still here: send them once more. Cookies have to be allowed for this site."
        )
    if has_fallen_for_trap() or was_too_fast(utc_now()):
        return _("This went faster than people write. Look at your answers, then send the form once more.")
    return ""


def _again(facts: FormFacts, form: RegistrationForm, *, warning: str = "", offers_queue: bool = False) -> str:
    # Who fell for the trap, or was too fast, has another try: the clock goes on from the first view.
    started = request.form.get("started", "") or sign_start(utc_now())
    key = request.form.get("form_key", "")[:_LONGEST_KEY] or form_key()
    offers_queue = offers_queue or "joins_queue" in request.form
    return _form_page(facts, form, key=key, started=started, warning=warning, offers_queue=offers_queue)


def _form_page(facts: FormFacts, form: RegistrationForm, **more: Any) -> str:
    now = utc_now()
    return render_template(
        "registrations/form.html",
        facts=facts,
        form=form,
        title=choose_text(facts.title, current_language()),
        part_days=form.list_part_days(now=now),
        is_full=facts.door(now=now) is Door.WAITING_LIST,
        has_errors=bool(form.errors or more.get("warning")),
        country_options=country_options(current_language()),
        **{"warning": "", "offers_queue": False, **more},
    )


def _thanks_page(facts: FormFacts, form: RegistrationForm, outcome: Outcome) -> str:
    rules = current_settings().registrations
    return render_template(
        "registrations/thanks.html",
        facts=facts,
        outcome=outcome,
        title=choose_text(facts.title, current_language()),
        email=form.email.data if form.email else "",
        hold_minutes=rules.hold_minutes,
        members=len(form.members),
    )


def _closed_page(facts: FormFacts, door: Door) -> str:
    return render_template(
        "registrations/closed.html",
        facts=facts,
        door=door,
        title=choose_text(facts.title, current_language()),
    )
