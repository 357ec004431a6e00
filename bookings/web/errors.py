"""The one place that knows HTTP statuses and sentences for refusals and faults."""

import logging
import secrets
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, current_app, flash, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import Rule

from bookings.domain import errors as e
from bookings.i18n import gettext as _
from bookings.web import refusals
from bookings.web.event_refusals import EVENT_REFUSALS
from bookings.web.refusals import Refusal
from bookings.web.security import pass_gate
from bookings.web.typed import list_typed, renew_token

log = logging.getLogger("bookings.web")

Page = tuple[str, int, dict[str, str]]
_RETRY = {429: {"Retry-After": "300"}, 503: {"Retry-After": "5"}}


REFUSALS: dict[type[e.BookingError], Refusal] = {
    e.TimeDoesNotExistError: Refusal(422, lambda: _("This time does not exist"), refusals.tell_nearest),
    e.TimeIsAmbiguousError: Refusal(422, lambda: _("This time comes twice"), refusals.tell_candidates),
    e.TextNotAllowedError: Refusal(422, lambda: _("This text cannot be used"), refusals.tell_text_problem),
    e.TransitionNotAllowedError: Refusal(
        409,
        lambda: _("This is not possible any more"),
        lambda error: _(
            "Something has changed in the meantime. Load the page again to see how things stand now."
        ),
    ),
    e.SlotTakenError: Refusal(409, lambda: _("This time is taken"), refusals.tell_taken),
    e.CostsNotAcceptedError: Refusal(
        422,
        lambda: _("Agree to the costs"),
        refusals.tell_costs_problem,
    ),
    e.AgreementMissingError: Refusal(
        409,
        lambda: _("The cost agreement is missing"),
        lambda error: _(
            "Visit %(reference)s has no cost agreement, so it cannot be confirmed.", reference=error.reference
        ),
    ),
    e.LetterMissingError: Refusal(409, lambda: _("A letter is missing"), refusals.tell_letter_missing),
    e.LinkNotFoundError: Refusal(
        404,
        lambda: _("This link does not work"),
        lambda error: _(
            "Copy the whole address from the mail, or open the newest mail we sent you and use its link."
        ),
    ),
    e.LinkExpiredError: Refusal(
        410,
        lambda: _("This link has expired"),
        lambda error: _(
            "Open the newest mail we sent you and use its link, or write to us and we help you on."
        ),
    ),
    e.LinkOutdatedError: Refusal(
        409,
        lambda: _("The visit has changed since this mail"),
        lambda error: _(
            "Nothing was recorded. Look at the visit as it is planned now and answer from the newest mail."
        ),
    ),
    e.CutOffPassedError: Refusal(
        409,
        lambda: _("The visit is too close to change the answer here"),
        lambda error: _("Please call or write to the coordinator, who can still change it."),
    ),
    e.TooManyProposedTimesError: Refusal(
        422,
        lambda: _("Too many other times"),
        lambda error: _("Offer at most %(limit)s other times.", limit=error.limit),
    ),
    e.ProposedTimeNotUsableError: Refusal(
        422, lambda: _("This time cannot be offered"), refusals.tell_proposal_problem
    ),
    e.SlotTimeNotUsableError: Refusal(
        422, lambda: _("This time cannot be planned"), lambda error: refusals.SLOT_TIME_PROBLEMS[error.code]()
    ),
    e.NothingToReleaseError: Refusal(
        409,
        lambda: _("There is nothing to release"),
        lambda error: _(
            "Everybody has been told about visit %(reference)s as it stands.", reference=error.reference
        ),
    ),
    e.SlotsOverlapError: Refusal(409, lambda: _("Two stops do not fit together"), refusals.tell_overlap),
    e.RequiredSlotsOpenError: Refusal(
        409,
        lambda: _("Some hosts have not said yes"),
        lambda error: _("%(count)s required stops are not accepted yet.", count=error.open_slots),
    ),
    e.AddressNotProvedError: Refusal(
        409,
        lambda: _("The e-mail address is not confirmed"),
        lambda error: _(
            "The visitor has not confirmed the address of request %(reference)s yet.",
            reference=error.reference,
        ),
    ),
    e.RecordChangedError: Refusal(
        409,
        lambda: _("Somebody else changed this in the meantime"),
        lambda error: _("Load the page again to see what changed, then make your change once more."),
    ),
    e.NotFoundError: Refusal(
        404,
        lambda: _("There is nothing at this address"),
        lambda error: _("Check the address, or start from the front page."),
    ),
    e.NotAllowedError: Refusal(
        403,
        lambda: _("Your role does not allow this"),
        lambda error: _("Ask an administrator if you need it for your work."),
    ),
    e.DraftNotCompleteError: Refusal(
        422,
        lambda: _("Something is still missing"),
        lambda error: _("Some answers are missing. Go through the steps that are marked and fill them in."),
    ),
    e.ImportRefusedError: Refusal(
        422,
        lambda: _("The file was not imported"),
        lambda error: _("Nothing was changed. Correct the lines that are listed and import the file again."),
    ),
    e.PasswordNotAllowedError: Refusal(
        422,
        lambda: _("This password cannot be used"),
        lambda error: refusals.PASSWORD_PROBLEMS[error.code](error.limit),
    ),
    e.PasswordWrongError: Refusal(
        422,
        lambda: _("The password is wrong"),
        lambda error: _("This is not your current password. Nothing was changed."),
    ),
    e.CodeWrongError: Refusal(
        422,
        lambda: _("The code is wrong"),
        lambda error: _("This code is wrong or too old. Type the six digits that the app shows now."),
    ),
    e.TooManyAttemptsError: Refusal(
        429,
        lambda: _("Too many attempts"),
        lambda error: _("Wait %(minutes)s minutes, then try again.", minutes=error.wait_minutes),
    ),
    e.VisitOfOthersError: Refusal(
        403,
        lambda: _("Colleagues of other towns look after this visit"),
        lambda error: (
            _("You can read it. To change it, ask %(name)s or an administrator.", name=error.owner_name)
            if error.owner_name
            else _("You can read it. To change it, ask an administrator.")
        ),
    ),
    e.PasskeyNotUsableError: Refusal(
        422,
        lambda: _("This passkey does not work here"),
        lambda error: _("Try once more, or sign in with your password."),
    ),
    e.LastAdminError: Refusal(
        409,
        lambda: _("One administrator has to stay"),
        lambda error: _("Make somebody else an administrator first: otherwise nobody could let people in."),
    ),
    e.PersonChangedError: Refusal(
        409,
        lambda: _("Somebody else has changed this just now"),
        lambda error: _("Nothing was saved. Look at what is so now, then save again."),
    ),
    e.StaffExistsError: Refusal(
        409,
        lambda: _("There is such an account already"),
        lambda error: _("%(email)s has an account already.", email=error.email),
    ),
    e.CalendarAddressNotUsableError: Refusal(
        422,
        lambda: _("This calendar cannot be read"),
        lambda error: refusals.CALENDAR_PROBLEMS[error.code](),
    ),
    e.HostDetailNotUsableError: Refusal(
        422,
        lambda: _("This cannot be used"),
        refusals.tell_detail_problem,
    ),
    e.PlanOutdatedError: Refusal(
        409,
        lambda: _("The visit changed in the meantime"),
        lambda error: _(
            "Something of visit %(reference)s changed since this programme was made. Nothing was applied: "
            "propose a programme again.",
            reference=error.reference,
        ),
    ),
    e.GroupNotUsableError: Refusal(
        409,
        lambda: _("There is no such group"),
        lambda error: _(
            "The number of groups was changed in the meantime: there is no group %(number)d now.",
            number=error.number,
        ),
    ),
    e.MailingNotUsableError: Refusal(
        422,
        lambda: _("This mail cannot be sent"),
        lambda error: refusals.MAILING_PROBLEMS[error.code](),
    ),
    e.GroupsNotFilledError: Refusal(
        422,
        lambda: _("Too few people for the groups"),
        lambda error: _(
            "The delegation goes in %(groups)d groups: write at least as many people, or change the groups "
            "first.",
            groups=error.groups,
        ),
    ),
    e.JourneyNotUsableError: Refusal(
        422, lambda: _("The delegation cannot come like this"), refusals.tell_journey_problem
    ),
    e.FieldsNotKnownError: Refusal(
        422, lambda: _("This text names a field that is not known"), refusals.tell_fields_problem
    ),
    e.FieldsMissingError: Refusal(
        422, lambda: _("This text leaves something out"), refusals.tell_missing_fields
    ),
    e.UndoNotPossibleError: Refusal(
        409,
        lambda: _("This cannot be undone any more"),
        lambda error: refusals.UNDO_PROBLEMS[error.code](error.by),
    ),
    e.SettingNotUsableError: Refusal(
        422, lambda: _("This setting cannot be used"), refusals.tell_setting_problem
    ),
    e.LabelNotUsableError: Refusal(422, lambda: _("This cannot be used"), refusals.tell_label_problem),
    e.VisitsNotMergeableError: Refusal(
        409, lambda: _("These two requests stay two"), refusals.tell_merge_problem
    ),
    e.HoldNotAllowedError: Refusal(
        422, lambda: _("It cannot be kept until then"), refusals.tell_hold_problem
    ),
    e.NestedTransactionError: Refusal(
        500,
        lambda: _("Something went wrong on our side"),
        lambda error: _("Nothing was lost. Try again in a moment."),
    ),
    **EVENT_REFUSALS,
}


def refusal_sentence(error: e.BookingError) -> str:
    """What to say beside the field or on the page about this refusal, in the reader's language."""
    return REFUSALS[type(error)].sentence(error)


def init_errors(app: Flask) -> None:
    """Every refusal and fault becomes a page that says what to do; no detail leaves the house."""
    app.register_error_handler(e.BookingError, _tell_refusal)
    app.register_error_handler(CSRFError, _tell_form_expired)
    app.register_error_handler(HTTPException, _tell_http_error)
    app.register_error_handler(Exception, tell_fault)


def error_page(
    status: int,
    *,
    title: str,
    message: str,
    reference: str = "",
    what_to_do: Sequence[str] = (),
    typed: Sequence[tuple[str, str]] = (),
) -> Page:
    """One plain page for all errors; `what_to_do` where the usual advice for the status does not fit, `typed`
    where the same form can be sent again from this page."""
    text = render_template(
        "errors/error.html",
        status=status,
        title=title,
        message=message,
        reference=reference,
        what_to_do=what_to_do,
        typed=typed,
    )
    return text, status, _RETRY.get(status, {})


def _tell_refusal(error: e.BookingError) -> Page:
    refusal = REFUSALS[type(error)]
    return error_page(refusal.status, title=refusal.title(), message=refusal.sentence(error))


def _tell_form_expired(_error: CSRFError) -> Page | Response:
    title = _("The form could not be checked")
    message = _(
        "Go back, load the page again and send it once more. Cookies have to be allowed for this site."
    )
    if not _came_from_here():
        return error_page(400, title=title, message=message)
    flash(
        _("The form had been open too long and was not sent. Check your answers and send it again."),
        "warning",
    )
    typed = renew_token(list_typed())
    again = _form_again()
    if again and (again.status_code != 400 or "form_is_kept" in g or not typed):
        return again
    if typed:
        message = _("Its page cannot show what you typed; it is kept here.")
    return error_page(400, title=title, message=message, typed=typed)


def _came_from_here() -> bool:
    """Another site must not fill in our forms for a reader who then only presses the button."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is None:
        return request.headers.get("Origin") == request.host_url.rstrip("/")
    return site in ("same-origin", "none")


def _form_again() -> Response | None:
    """The page of the form with what was typed, when the address has such a page or lies below it."""
    found = _match_page(request.path) or _match_page(request.path.rpartition("/")[0])
    if found is None:
        return None
    rule, values = found
    # GET never changes state, so the page may be made in place of the refused act.
    request.url_rule, request.view_args, request.method = rule, values, "GET"
    g.keeps_form = request.path.rpartition("/")[2] or "form"
    try:
        response = current_app.make_response(pass_gate() or current_app.dispatch_request())
    except (e.BookingError, HTTPException):
        return None  # no page for this reader (an unknown link, a row that is gone), or no form that was sent
    response.status_code = 400 if response.status_code == 200 else response.status_code
    return response


def _match_page(path: str) -> tuple[Rule, dict[str, Any]] | None:
    adapter = current_app.create_url_adapter(request)
    try:
        rule, values = adapter.match(path, method="GET", return_rule=True)  # type: ignore[union-attr]
    except HTTPException:
        return None
    return rule, dict(values)


def _tell_http_error(error: HTTPException) -> Page | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # The host is not ours, so no address can be built for it: a page without links or a frame.
        return current_app.jinja_env.get_template("errors/host.html").render(), 400, {}
    title, message = http_texts(error.code)
    return error_page(error.code, title=title, message=message)


def http_texts(status: int) -> tuple[str, str]:
    """Title and sentence of a page for this status."""
    texts = {
        401: (
            _("Please sign in"),
            _("Sign in and try again. What you typed is still in the form when you go back."),
        ),
        403: (
            _("You may not do this"),
            _("Your role does not allow it, or the form came from another site."),
        ),
        404: (_("There is nothing at this address"), _("Check the address, or start from the front page.")),
        405: (_("This address works differently"), _("Open the page and use the buttons on it.")),
        410: (_("This is gone"), _("Start from the front page.")),
        413: (_("This is too large"), _("Send less text or a smaller file.")),
        429: (_("Too many requests"), _("Wait a few minutes and try again.")),
        503: (_("Busy at the moment"), _("Nothing was lost. Try again in a few seconds.")),
    }
    return texts.get(
        status, (_("This request cannot be answered"), _("Check the address, or start from the front page."))
    )


def tell_fault(error: Exception) -> Page:
    """A page with a reference; what it was stands in the log."""
    reference = secrets.token_hex(4)
    log.error("fault %s", reference, exc_info=error)
    return error_page(
        500,
        title=_("Something went wrong on our side"),
        message=_(
            "Nothing was lost. Try again in a moment; if it happens again, tell us the reference below."
        ),
        reference=reference,
    )
