"""The form "Book a visit": a few steps, kept on the server, sent once."""

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from bookings.db import read_session
from bookings.domain.errors import CostsNotAcceptedError, LinkExpiredError, LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.requests import NewRequest, Sending
from bookings.domain.staff import StaffRole, has_role
from bookings.extensions import csrf
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory, load_directory
from bookings.queries.requests import DraftView, find_draft, find_sent
from bookings.services.agreement import build_clause
from bookings.services.requests import resend_verification, save_step, start_draft, submit_request
from bookings.settings import current_settings
from bookings.web.clock import utc_now
from bookings.web.errors import Page, error_page, refusal_sentence
from bookings.web.plan import write_plan
from bookings.web.requests.advice import list_sentences
from bookings.web.requests.forms import CheckForm
from bookings.web.requests.reading import DRAFT, read_wish
from bookings.web.requests.steps import (
    STEPS,
    TOTAL,
    bind_draft,
    bind_step,
    find_open_step,
    next_step,
    read_typed,
    show_step_page,
    show_untouched_step,
    step_title,
)
from bookings.web.requests.wish import list_answers, list_wish_advice
from bookings.web.robots import has_fallen_for_trap, was_too_fast
from bookings.web.security import checks_own_token, find_signed_in_person, link_gate, public

book = Blueprint("book", __name__)

_OF_FIRST_MAIL = ("book.verify", "book.prove", "book.prove_again")
_NOT_ME = ("book.not_me", "book.deny")
_STEP = f"any({', '.join(STEPS)}):step"
Answer = Response | str | tuple[str, int]


@book.get("/book")
@public
def start() -> Answer:
    """The first step; nothing is written. Who has begun goes on, so that "back" loses nothing."""
    if "new" in request.args:
        session.pop(DRAFT, None)
    elif begun := _find_begun():
        return redirect(url_for("book.show_step", token=begun, step=STEPS[0]))
    now, directory = utc_now(), load_directory(read_session())
    return show_untouched_step(STEPS[0], directory=directory, token=None, now=now)


@book.post("/book")
@public
@checks_own_token
def begin() -> Answer:
    """The first step makes the draft."""
    now, directory = utc_now(), load_directory(read_session())
    form = bind_step(STEPS[0], request.form.to_dict(flat=False), directory=directory, now=now)
    warning = _find_foreign_form()
    if not form.validate() or warning:
        page = show_step_page(STEPS[0], form, directory=directory, token=None, now=now, warning=warning)
        return page, 422
    is_automatic = has_fallen_for_trap() or was_too_fast(now)
    token = start_draft(
        STEPS[0], read_typed(form), language=current_language(), looks_automatic=is_automatic, now=now
    )
    session[DRAFT] = token
    return _go_on(token, STEPS[1])


@book.get(f"/book/<token>/<{_STEP}>")
@link_gate(LinkPurpose.RESUME_DRAFT)
def show_step(token: str, step: str) -> Answer:
    """A step as it was kept."""
    now, directory = utc_now(), load_directory(read_session())
    draft = find_draft(read_session(), token, now=now)
    if draft.visit_id is not None:
        return _go_on(token, "sent")
    if draft.step(step) is None:
        return show_untouched_step(step, directory=directory, token=token, now=now)
    form = bind_step(step, draft.step(step), directory=directory, now=now)
    if "fix" in request.args:
        form.validate()
    return show_step_page(step, form, directory=directory, token=token, now=now)


@book.post(f"/book/<token>/<{_STEP}>")
@link_gate(LinkPurpose.RESUME_DRAFT)
@checks_own_token
def keep_step(token: str, step: str) -> Answer:
    """Keep a step. Going back keeps it as it is, going on wants it right."""
    now, directory = utc_now(), load_directory(read_session())
    form = bind_step(step, request.form.to_dict(flat=False), directory=directory, now=now)
    goes_back = request.form.get("go") == "back"
    warning = _find_foreign_form()
    if warning or not (goes_back or form.validate()):
        find_draft(read_session(), token, now=now)
        page = show_step_page(step, form, directory=directory, token=token, now=now, warning=warning)
        return page, 422
    draft = save_step(
        token,
        step,
        read_typed(form),
        language=current_language(),
        looks_automatic=has_fallen_for_trap(),
        now=now,
    )
    return _go_on(token, _step_before(step) if goes_back else next_step(step, draft))


@book.get("/book/<token>/check")
@link_gate(LinkPurpose.RESUME_DRAFT)
def check(token: str) -> Answer:
    """All answers with their "Change" links, and the agreement."""
    directory = load_directory(read_session())
    draft, wish = read_wish(token, directory)
    if wish is None:
        return _to_open_step(token, draft)
    return _check_page(token, wish, CheckForm(None), directory=directory)


@book.post("/book/<token>/check")
@link_gate(LinkPurpose.RESUME_DRAFT)
@checks_own_token
def send(token: str) -> Answer:
    """Send the request; pressed twice, it is the same request."""
    directory = load_directory(read_session())
    draft, wish = read_wish(token, directory)
    if wish is None:
        return _to_open_step(token, draft)
    form = CheckForm(request.form)
    if warning := _find_foreign_form():
        return _check_page(token, wish, form, directory=directory, warning=warning), 422
    try:
        submit_request(wish, sent=_build_sending(form, draft), draft_token=token, now=utc_now())
    except CostsNotAcceptedError as error:
        form.accepts_costs.errors = [refusal_sentence(error)]
        # A tick under another text is no agreement to this one.
        form.accepts_costs.data = form.accepts_costs.data and not error.has_changed
        return _check_page(token, wish, form, directory=directory), 422
    session.pop(DRAFT, None)
    answer = make_response(_go_on(token, "sent"))
    write_plan(answer, ())
    return answer


@book.get("/book/<token>/sent")
@link_gate(LinkPurpose.RESUME_DRAFT)
def sent(token: str) -> Answer:
    """The reference, what happens next and when."""
    draft = find_draft(read_session(), token, now=utc_now())
    if draft.visit_id is None:
        return _go_on(token, "check")
    return render_template(
        "requests/sent.html",
        token=token,
        request_sent=find_sent(read_session(), draft.visit_id),
        hours=current_settings().visits.verify_link_hours,
        working_days=current_settings().visits.first_answer_working_days,
    )


@book.post("/book/<token>/resend")
@link_gate(LinkPurpose.RESUME_DRAFT)
def resend(token: str) -> Response:
    """The first mail once more; over the limit the page says the same."""
    resend_verification(token, now=utc_now())
    flash(_("If the address still has to be confirmed, a new mail is on its way."), "success")
    return _go_on(token, "sent")


@book.errorhandler(LinkNotFoundError)
def _tell_link_gone(_error: LinkNotFoundError) -> Page:
    if request.endpoint in _OF_FIRST_MAIL:
        return _tell_proof_gone()
    if request.endpoint in _NOT_ME:
        return _tell_not_me_gone()
    return _tell_draft_gone()


def _tell_proof_gone() -> Page:
    visits = current_settings().visits
    return error_page(
        404,
        title=_("This link does not work"),
        message=_(
            "It confirms the e-mail address of a request, and no request waits for it. A request whose "
            "address is not confirmed within %(hours)d hours is deleted.",
            hours=visits.unverified_hours,
        ),
        what_to_do=[
            _("Copy the whole address from the mail: long links sometimes break over two lines."),
            _("If you asked for the mail several times, use the link in the newest one."),
            _("If the request is older, choose “Book a visit” and send it again."),
        ],
    )


def _tell_not_me_gone() -> Page:
    contact = current_settings().mail.contact_address
    return error_page(
        404,
        title=_("This link does not work"),
        message=_(
            "It says that somebody else used your address, and there is no such request any more. "
            "If it was deleted already, you need not do anything: we do not write to you about it again."
        ),
        what_to_do=[
            _("Copy the whole address from the mail: long links sometimes break over two lines."),
            _("If mails go on coming, write to %(address)s.", address=contact),
        ],
    )


def _tell_draft_gone() -> Page:
    session.pop(DRAFT, None)
    return error_page(
        404,
        title=_("This form cannot be found"),
        message=_(
            "Copy the whole link, or choose “Book a visit” to begin anew. "
            "A form that was not sent is kept for %(days)d days.",
            days=current_settings().visits.draft_days,
        ),
    )


@book.errorhandler(LinkExpiredError)
def _tell_draft_expired(_error: LinkExpiredError) -> Page:
    session.pop(DRAFT, None)
    return error_page(
        410,
        title=_("This form has expired"),
        message=_(
            "It was not sent within %(days)d days, so we have deleted what was typed. "
            "Choose “Book a visit” to begin anew.",
            days=current_settings().visits.draft_days,
        ),
    )


def _find_begun() -> str | None:
    """The token of a form that this browser began and that was not sent."""
    token = session.get(DRAFT)
    if not token:
        return None
    try:
        draft = find_draft(read_session(), token, now=utc_now())
    except (LinkNotFoundError, LinkExpiredError):
        return None
    return token if draft.visit_id is None else None


def _find_foreign_form() -> str:
    """What to say when the form's token is missing or old; the typed answers stay on the page."""
    try:
        csrf.protect()
    except CSRFError:
        return _(
            "The form could not be checked, perhaps because it was open for long. "
            "Your answers are still here: send them once more. Cookies have to be allowed for this site."
        )
    return ""


def _to_open_step(token: str, draft: DraftView) -> Response:
    if draft.visit_id is not None:
        return _go_on(token, "sent")
    forms = bind_draft(draft, directory=load_directory(read_session()), now=utc_now())
    step = find_open_step(draft, forms) or STEPS[0]
    fix = "1" if draft.step(step) is not None else None
    return redirect(url_for("book.show_step", token=token, step=step, fix=fix), 303)


def _check_page(
    token: str, wish: NewRequest, form: CheckForm, *, directory: Directory, warning: str = ""
) -> str:
    answers, person = list_answers(wish, token, directory=directory), find_signed_in_person()
    return render_template(
        "requests/check.html",
        form=form,
        token=token,
        sections=[(step_title(step), rows) for step, rows in answers.items()],
        advice=list_sentences(list_wish_advice(wish, directory=directory, now=utc_now())),
        clause=build_clause(now=utc_now()),
        step_number=TOTAL,
        total=TOTAL,
        step_title=step_title("check"),
        has_errors=bool(form.accepts_costs.errors) or bool(warning),
        warning=warning,
        may_hand_over=person is not None and has_role(person.roles, StaffRole.COORDINATOR),
    )


def _build_sending(form: CheckForm, draft: DraftView) -> Sending:
    clause = build_clause(now=utc_now())
    return Sending(
        form_key=draft.form_key,
        language=clause.language,
        clause_version=form.clause_version.data or "",
        clause_text=clause.text,
        accepts_costs=form.accepts_costs.data,
        wants_newsletter=form.newsletter.data,
        newsletter_wording=str(form.newsletter.label.text),
        client_address=request.remote_addr or "",
        looks_automatic=draft.looks_automatic or has_fallen_for_trap(),
    )


def _step_before(step: str) -> str:
    return STEPS[max(STEPS.index(step) - 1, 0)]


def _go_on(token: str, page: str) -> Response:
    if page in STEPS:
        return redirect(url_for("book.show_step", token=token, step=page), 303)
    return redirect(url_for(f"book.{page}", token=token), 303)
