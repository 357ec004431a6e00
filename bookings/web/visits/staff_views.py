"""Staff: the queue of requests, the visit page and what can be done there."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, NotFoundError, RecordChangedError, TextNotAllowedError
from bookings.domain.staff import StaffRole, has_role
from bookings.domain.text import clean_line
from bookings.domain.time import home_day, local_day
from bookings.domain.visits import OPEN_STATES, VisitState
from bookings.i18n import gettext as _
from bookings.i18n import ngettext
from bookings.queries.directory import Directory, load_directory
from bookings.queries.labels import Label, list_labels
from bookings.queries.planning import list_planned_slots
from bookings.queries.visits import (
    Colleague,
    QueueFilter,
    QueueRow,
    count_held_back,
    list_colleagues,
    list_queue,
    load_visit_file,
)
from bookings.services.visits import add_note, name_hosts, set_fitting_times
from bookings.services.visits.ownership import assign_owner
from bookings.services.visits.rules import FITTING_TIMES
from bookings.settings import current_settings
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.meanwhile import News, list_meanwhile, read_seen
from bookings.web.planning_texts import (
    ACTORS,
    advice_sentence,
    duration_words,
    next_step_sentence,
    reason_sentence,
    warning_sentence,
)
from bookings.web.security import can_change_visit, current_staff, signed_in, staff_gate
from bookings.web.staff_refusals import refused_page
from bookings.web.templates import same_page
from bookings.web.texts import (
    VISIT_KINDS,
    VISIT_STATES,
    VISITOR_KINDS,
    Names,
    day_range,
    language_name,
    language_names,
    short_instant,
)
from bookings.web.trail_texts import actor_name, audit_sentence
from bookings.web.visits.staff_actions import ACTIONS, list_offered
from bookings.web.visits.staff_forms import AnswerForm, NoteForm, OwnerForm, TextForm
from bookings.web.visits.staff_page import load_visit_page

staff_visits = Blueprint("staff_visits", __name__, url_prefix="/staff/visits")
# Words that the templates of all staff pages use.
for word in (local_day, language_name, short_instant, day_range):
    staff_visits.add_app_template_global(word)
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)

_QUEUES = ("open", "held", "closed", "all", *VisitState)
_LONGEST_SEARCH = 100


@staff_visits.get("")
@reader
def queue() -> str:
    session = read_session()
    directory, colleagues, now = load_directory(session), list_colleagues(session), utc_now()
    labels = list_labels(session)
    wanted = _read_filter(directory, colleagues, labels)
    found = list_queue(session, wanted, page=request.args.get("page", 1, type=whole_number))
    held, unverified = count_held_back(session)
    note_list("visits", len(found.rows))
    return render_template(
        "visits/staff_queue.html",
        page=found,
        wanted=wanted,
        held=held,
        unverified=unverified,
        names=Names(directory),
        towns=directory.places.partners,
        colleagues=colleagues,
        labels=labels,
        states=VISIT_STATES,
        open_states=OPEN_STATES,
        actors=ACTORS,
        next_step_sentence=next_step_sentence,
        age=lambda row: _age(row, now),
        is_urgent=lambda row: _is_urgent(row, home_day(now)),
        page_url=lambda number: same_page(page=number),
        own_id=signed_in().staff_user_id,
        can_plan=has_role(set(signed_in().roles), StaffRole.COORDINATOR),
    )


@staff_visits.get("/<reference>")
@reader
def show(reference: str) -> str:
    return _show(reference, NoteForm(formdata=None))


@staff_visits.post("/<reference>/notes")
@coordinator
def note(reference: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate():
        return _show(reference, form), 422
    file = load_visit_file(read_session(), reference)
    # A note takes nothing away, so it is kept in any case; what is new is said besides.
    news = list_meanwhile(file.visit.id, read_seen())
    add_note(file.visit.reference, form.text.data or "", who=current_staff(), now=utc_now())
    flash(_("The note is kept."), "success")
    for one in news:
        flash(_("In the meantime, %(name)s: %(what)s", name=one.who, what=one.what), "warning")
    return _back_to(reference, "conversation")


@staff_visits.post("/<reference>/owner")
@coordinator
def owner(reference: str) -> ResponseReturnValue:
    form = OwnerForm()
    form.owner.choices = [(0, ""), *((one.id, one.name) for one in list_colleagues(read_session()))]
    if not form.validate():
        raise NotFoundError("staff_user")
    file = load_visit_file(read_session(), reference)
    try:
        assign_owner(
            file.visit.reference,
            form.owner.data or None,
            seen=read_seen(),
            who=current_staff(),
            now=utc_now(),
        )
    except RecordChangedError:
        news = list_meanwhile(file.visit.id, read_seen(), ("assign_owner",))
        page = _show(reference, NoteForm(formdata=None), meanwhile=news, wanted_owner=form.owner.data)
        return page, 409
    flash(_("Saved who looks after the request."), "success")
    return _back_to(reference)


@staff_visits.post("/<reference>/rule")
@coordinator
def rule(reference: str) -> ResponseReturnValue:
    """Whether the visit takes fitting times of hosts by itself, or its hosts read of each other."""
    if "names" in request.form:
        return _name_hosts(reference, names=request.form["names"] == "y")
    takes = request.form.get("takes") == "y"
    file = load_visit_file(read_session(), reference)
    try:
        set_fitting_times(
            file.visit.reference, takes=takes, seen=read_seen(), who=current_staff(), now=utc_now()
        )
    except RecordChangedError:
        news = list_meanwhile(file.visit.id, read_seen(), FITTING_TIMES)
        return _show(reference, NoteForm(formdata=None), meanwhile=news), 409
    flash(
        _("Other times that fit are taken by themselves from now on.")
        if takes
        else _("Other times of hosts wait for you from now on."),
        "success",
    )
    return _back_to(reference, "programme")


def _name_hosts(reference: str, *, names: bool) -> ResponseReturnValue:
    file = load_visit_file(read_session(), reference)
    name_hosts(file.visit.reference, names=names, who=current_staff(), now=utc_now())
    flash(
        _("Mails to hosts name the other hosts from now on.")
        if names
        else _("Mails to hosts do not name the other hosts any more."),
        "success",
    )
    return _back_to(reference, "programme")


@staff_visits.route(
    "/<reference>/<any('let-pass',plan,propose,'answer-wish',ask,decline,cancel,reopen):name>",
    methods=["GET", "POST"],
)
@coordinator
def act(reference: str, name: str) -> ResponseReturnValue:
    action = ACTIONS[name]
    form = TextForm() if action.needs_words else AnswerForm()
    form.text.label.text = action.asks_for
    file, meanwhile = load_visit_file(read_session(), reference), None
    if request.method == "POST" and (not action.asks_for or form.validate()):
        try:
            action.act(
                file.visit.reference,
                form.text.data or "",
                seen=read_seen(),
                who=current_staff(),
                now=utc_now(),
            )
        except RecordChangedError:
            file = load_visit_file(read_session(), reference)
            meanwhile = list_meanwhile(file.visit.id, read_seen())
        except BookingError as error:
            return refused_page(
                error, reference=reference, slots=list_planned_slots(read_session(), file.visit.id)
            )
        else:
            flash(str(action.done), "success")
            return _back_to(reference)
    page = render_template(
        "visits/staff_act.html", action=action, form=form, file=file, has_errors=bool(form.errors),
        meanwhile=meanwhile, version=file.audit[0].id if file.audit else 0,
    )  # fmt: skip
    return page, 409 if meanwhile is not None else 422 if form.errors else 200


def _show(
    reference: str,
    note_form: NoteForm,
    *,
    meanwhile: list[News] | None = None,
    wanted_owner: int | None = None,
) -> str:
    now = utc_now()
    page = load_visit_page(read_session(), reference, now=now)
    is_coordinator = can_change_visit(reference)
    return render_template(
        "visits/staff_show.html",
        page=page,
        file=page.file,
        visit=page.file.visit,
        names=page.names,
        actions=list_offered(page.file) if is_coordinator else [],
        can_act=is_coordinator,
        can_plan=is_coordinator and page.can_be_planned,
        note_form=note_form,
        meanwhile=meanwhile,
        wanted_owner=page.file.visit.owner_id if wanted_owner is None else wanted_owner,
        own_id=signed_in().staff_user_id,
        has_errors=bool(note_form.errors),
        now=now,
        today=home_day(now),
        **_WORDS,
    )


_WORDS: dict[str, Any] = {
    "kinds": VISIT_KINDS,
    "visitor_kinds": VISITOR_KINDS,
    "actors": ACTORS,
    "language_names": language_names,
    "next_step_sentence": next_step_sentence,
    "reason_sentence": reason_sentence,
    "advice_sentence": advice_sentence,
    "warning_sentence": warning_sentence,
    "actor_name": actor_name,
    "audit_sentence": audit_sentence,
    "duration_words": duration_words,
}


def _back_to(reference: str, anchor: str | None = None) -> ResponseReturnValue:
    return redirect(url_for("staff_visits.show", reference=reference.upper(), _anchor=anchor), 303)


def _read_filter(
    directory: Directory, colleagues: tuple[Colleague, ...], labels: Sequence[Label]
) -> QueueFilter:
    """What the address asks for; what makes no sense is left out."""
    arguments = request.args
    state, town, owner_id, label = (arguments.get(name, "") for name in ("state", "town", "owner", "label"))
    owners = {"none", *(str(one.id) for one in colleagues)}
    try:
        text = clean_line(arguments.get("text", "")[:_LONGEST_SEARCH], max_length=_LONGEST_SEARCH)
    except TextNotAllowedError:
        text = ""
    return QueueFilter(
        state=state if state in _QUEUES else "open",
        town=town if town in directory.places.by_slug else "",
        owner=owner_id if owner_id in owners else "",
        text=text,
        label=label if label in {str(one.id) for one in labels} else "",
    )


def _age(row: QueueRow, now: datetime) -> str:
    days = (now - (row.submitted_at or row.created_at)).days
    return ngettext("%(num)d day", "%(num)d days", days) if days else _("today")


def _is_urgent(row: QueueRow, today: date) -> bool:
    """The first wished day is nearer than the notice that hosts are promised, and it is not settled yet."""
    is_open = row.is_held or (row.state in OPEN_STATES and row.state is not VisitState.CONFIRMED)
    notice = timedelta(days=current_settings().visits.notice_days)
    return is_open and row.first_day is not None and row.first_day < today + notice
