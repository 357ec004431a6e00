"""Staff: who registered for an event, who waits and why, and one registration with what can be done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from bookings.db import read_session
from bookings.domain.errors import TextNotAllowedError, TransitionNotAllowedError
from bookings.domain.event_errors import EventFullError
from bookings.domain.events import choose_text
from bookings.domain.registrations import LIVE_STATES, RegistrationState
from bookings.domain.staff import StaffRole, has_role
from bookings.domain.text import clean_line
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.registrations.file import RegistrationFile, load_registration_file
from bookings.queries.registrations.lists import (
    LONGEST_SEARCH,
    ListEvent,
    ListFilter,
    list_queue_entries,
    list_registrations,
    load_list_event,
)
from bookings.services.registration_notes import NOTE_LENGTH, add_registration_note
from bookings.services.registrations import (
    approve_registration,
    cancel_by_staff,
    refuse_registration,
    resend_verification,
)
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form, SeveralLines, whole_number
from bookings.web.planning_texts import ACTORS
from bookings.web.registrations.shown import list_answers, list_chosen
from bookings.web.registrations.situation import STATES
from bookings.web.registrations.trail import registration_sentence
from bookings.web.security import current_staff, signed_in, staff_gate
from bookings.web.templates import same_page

staff_registrations = Blueprint(
    "staff_registrations", __name__, url_prefix="/staff/events/<slug>/registrations"
)
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)
_FILTERS = ("live", "all", *RegistrationState)
_LONGEST_REASON = 1000


class NoteForm(Form):
    """A note about somebody."""

    sent_to = "notes"
    text = TextAreaField(_l("Note"), [DataRequired(_l("Write the note.")), SeveralLines(NOTE_LENGTH)])


class ReasonForm(Form):
    """What the person reads."""

    text = TextAreaField(_l("What the person reads"), [SeveralLines(_LONGEST_REASON)])


@dataclass(frozen=True)
class Act:
    """Something that staff do with a registration; `asks`: for words that the person reads."""

    label: str
    done: str
    states: tuple[RegistrationState, ...]
    run: Callable[[int, str], object]
    is_grave: bool = False
    asks: bool = True


def _approve(registration_id: int, _reason: str) -> object:
    return approve_registration(registration_id, who=current_staff(), now=utc_now())


def _refuse(registration_id: int, reason: str) -> object:
    return refuse_registration(registration_id, reason=reason, who=current_staff(), now=utc_now())


def _cancel(registration_id: int, reason: str) -> object:
    with_group = request.form.get("with_group") == "y"
    return cancel_by_staff(
        registration_id, reason=reason, who=current_staff(), with_group=with_group, now=utc_now()
    )


def _resend(registration_id: int, _reason: str) -> object:
    resend_verification(registration_id, who=current_staff(), now=utc_now())
    return None


ACTS = {
    "approve": Act(_l("Approve"), _l("Approved."), (RegistrationState.PENDING,), _approve, asks=False),
    "refuse": Act(_l("Decline"), _l("Declined."), (RegistrationState.PENDING,), _refuse, is_grave=True),
    "resend": Act(
        _l("Send the first mail again"), _l("The mail is on its way."), (RegistrationState.UNVERIFIED,),
        _resend, asks=False,
    ),
    "cancel": Act(_l("Cancel"), _l("Cancelled."), LIVE_STATES, _cancel, is_grave=True),
}  # fmt: skip


@staff_registrations.get("")
@reader
def index(slug: str) -> str:
    """The list: the newest first, with what it can be narrowed by."""
    session = read_session()
    event = load_list_event(session, slug)
    wanted = _read_filter(event)
    found = list_registrations(session, event.id, wanted, page=request.args.get("page", 1, type=whole_number))
    note_list("registrations", len(found.rows))
    language = current_language()
    return render_template(
        "registrations/staff_list.html",
        event=event,
        title=choose_text(event.title, language),
        wanted=wanted,
        page=found,
        states={state: (str(words), tone) for state, (words, tone) in STATES.items()},
        tickets={key: choose_text(texts, language) for key, texts in event.tickets.items()},
        parts={key: choose_text(texts, language) for key, texts in event.parts.items()},
        page_url=lambda number: same_page(page=number),
        can_act=_can_act(),
    )


@staff_registrations.get("/queue")
@reader
def queue(slug: str) -> str:
    """Who waits, and why each stands there."""
    session = read_session()
    event = load_list_event(session, slug)
    entries = list_queue_entries(session, event.id)
    note_list("registrations", len(entries))
    return render_template(
        "registrations/staff_queue.html",
        event=event,
        title=choose_text(event.title, current_language()),
        entries=entries,
        blocked={one.place: choose_text(one.blocked_by or {}, current_language()) for one in entries},
    )


@staff_registrations.get("/<code>")
@reader
def show(slug: str, code: str) -> str:
    """One registration."""
    return _show(slug, code, NoteForm(formdata=None))


@staff_registrations.post("/<code>/notes")
@coordinator
def note(slug: str, code: str) -> ResponseReturnValue:
    """A note takes nothing away, so it is kept whatever else has changed."""
    form = NoteForm()
    if not form.validate():
        return _show(slug, code, form), 422
    file = load_registration_file(read_session(), slug, code)
    add_registration_note(file.page.registration.id, form.text.data or "", who=current_staff(), now=utc_now())
    flash(_("The note is kept."), "success")
    return _back(slug, code)


@staff_registrations.route("/<code>/<any(approve,refuse,resend,cancel):name>", methods=["GET", "POST"])
@coordinator
def act(slug: str, code: str, name: str) -> ResponseReturnValue:
    """Asks first, and for the words that the person reads."""
    file = load_registration_file(read_session(), slug, code)
    action, form, problem = ACTS[name], ReasonForm(), ""
    if file.page.state not in action.states:
        raise TransitionNotAllowedError("registration", file.page.state, name)
    if request.method == "POST" and form.validate():
        try:
            action.run(file.page.registration.id, form.text.data or "")
        except EventFullError as error:
            problem = refusal_sentence(error)
        else:
            flash(str(action.done), "success")
            return _back(slug, code)
    page = render_template(
        "registrations/staff_act.html", file=file, page=file.page, action=action, form=form, problem=problem,
        slug=slug, title=_title(file), has_errors=bool(form.errors or problem),
    )  # fmt: skip
    return page, 422 if form.errors or problem else 200


def _show(slug: str, code: str, form: NoteForm) -> str:
    file = load_registration_file(read_session(), slug, code)
    note_list("registrations", 1)
    return render_template(
        "registrations/staff_show.html",
        file=file,
        page=file.page,
        slug=slug,
        title=_title(file),
        states=STATES,
        answers=list_answers(file.page.questions, file.page.registration.answers),
        parts=list_chosen(file.page.parts, file.page.event.time_zone, own_zone=file.page.event.time_zone),
        form=form,
        acts=[(name, one) for name, one in ACTS.items() if file.page.state in one.states]
        if _can_act()
        else [],
        can_act=_can_act(),
        can_change=_can_act() and file.page.state in LIVE_STATES,
        audit_sentence=registration_sentence,
        actors=ACTORS,
        has_errors=bool(form.errors),
    )


def _read_filter(event: ListEvent) -> ListFilter:
    """What the address asks for; what makes no sense is left out."""
    arguments = request.args
    state = arguments.get("state", "live")
    try:
        text = clean_line(arguments.get("text", "")[:LONGEST_SEARCH], max_length=LONGEST_SEARCH)
    except TextNotAllowedError:
        text = ""
    return ListFilter(
        state=state if state in _FILTERS else "live",
        ticket=_known(arguments.get("ticket", ""), event.tickets),
        part=_known(arguments.get("part", ""), event.parts),
        text=text,
    )


def _known(text: str, ids: Any) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    return number if number in ids else None


def _title(file: RegistrationFile) -> str:
    return choose_text(file.page.event.title, current_language())


def _can_act() -> bool:
    return has_role(set(signed_in().roles), StaffRole.COORDINATOR)


def _back(slug: str, code: str) -> ResponseReturnValue:
    return redirect(url_for("staff_registrations.show", slug=slug, code=code.upper()), 303)
