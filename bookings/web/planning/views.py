"""Programmes of the planner: asked for, watched, compared, applied."""

from collections.abc import Sequence

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, NotFoundError, RecordChangedError, TextNotAllowedError
from bookings.domain.staff import StaffRole
from bookings.domain.text import clean_line
from bookings.domain.visits import PLANNABLE_STATES
from bookings.i18n import gettext as _
from bookings.i18n import ngettext
from bookings.queries.directory import load_directory
from bookings.queries.planned import list_planned_changes
from bookings.queries.planning import list_planned_slots, load_weights
from bookings.queries.planning.journeys import read_journey
from bookings.queries.planning.problem import WEIGHT_NAMES
from bookings.queries.planning.results import RunView, find_newest_run, find_run
from bookings.queries.visits import VisitFile, load_visit_file
from bookings.services.planning import (
    apply_plan,
    ask_for_programmes,
    lock_slot,
    save_weights,
    set_release_rule,
    stop_run,
)
from bookings.services.planning.choices import RELEASE_RULE
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.meanwhile import list_meanwhile, read_seen
from bookings.web.planning.change_form import ChangeForm, build_change_form
from bookings.web.planning.forms import WeightsForm, fill_in
from bookings.web.planning.journey_form import JourneyForm, fill_in_journey
from bookings.web.planning.timeline import build_columns
from bookings.web.planning.why import Answer, explain_host, find_hosts
from bookings.web.planning.words import PARTS, Teller
from bookings.web.planning_texts import duration_words
from bookings.web.security import can_change_visit, current_staff, staff_gate
from bookings.web.staff_refusals import refused_page
from bookings.web.texts import Names

staff_planning = Blueprint("staff_planning", __name__, url_prefix="/staff")
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)

_REFRESH_SECONDS = 2
_LONGEST_SEARCH = 100


@staff_planning.get("/visits/<reference>/programmes")
@reader
def programmes(reference: str) -> ResponseReturnValue:
    file = load_visit_file(read_session(), reference)
    run = find_newest_run(read_session(), file.visit.reference)
    response = make_response(programmes_page(file, run, fill_in_weights(run)))
    if run is not None and run.is_open:
        # No script needed: the page comes again until the run has ended, with what there is by then.
        response.headers["Refresh"] = str(_REFRESH_SECONDS)
    return response


@staff_planning.post("/visits/<reference>/programmes")
@coordinator
def ask(reference: str) -> ResponseReturnValue:
    """Propose programmes: with the weights that count, or with others for this once."""
    file = load_visit_file(read_session(), reference)
    reference = file.visit.reference
    if "area" not in request.form:
        return _start(file, points=None, needs_wanted=False)
    form = WeightsForm()
    if not form.validate():
        return programmes_page(file, find_newest_run(read_session(), reference), form), 422
    if request.form.get("keep"):
        save_weights(form.points, who=current_staff(), now=utc_now())
        flash(_("These weights count for all visits from now on."), "success")
    return _start(file, points=form.points, needs_wanted=form.needs_wanted.data)


@staff_planning.post("/visits/<reference>/programmes/<int(max=2147483647):run_id>/stop")
@coordinator
def stop(reference: str, run_id: int) -> ResponseReturnValue:
    run = _find(reference, run_id)
    stop_run(run.id, now=utc_now())
    return back_to_programmes(run.reference)


@staff_planning.post("/visits/<reference>/programmes/<int(max=2147483647):run_id>/apply")
@coordinator
def apply(reference: str, run_id: int) -> ResponseReturnValue:
    run = _find(reference, run_id)
    try:
        done = apply_plan(
            run.id, request.form.get("number", 0, type=whole_number), who=current_staff(), now=utc_now()
        )
    except BookingError as error:
        return refused(error, load_visit_file(read_session(), reference))
    flash(ngettext("%(num)d draft was added.", "%(num)d drafts were added.", done.added), "success")
    if done.removed:
        flash(ngettext("%(num)d draft was removed.", "%(num)d drafts were removed.", done.removed), "info")
    if done.asked:
        flash(
            ngettext("%(num)d host was asked at once.", "%(num)d hosts were asked at once.", done.asked),
            "info",
        )
    return redirect(url_for("staff_visits.show", reference=run.reference, _anchor="programme"), 303)


@staff_planning.get("/visits/<reference>/programmes/<int(max=2147483647):run_id>/why")
@reader
def why(reference: str, run_id: int) -> str:
    """Why a host is not in a programme: a search by name, and the planner's answer."""
    file, run = load_visit_file(read_session(), reference), _find(reference, run_id)
    number = request.args.get("number", 1, type=whole_number)
    if not 1 <= number <= len(run.programmes):
        raise NotFoundError("programme", str(number))
    teller, text = build_teller(file), _read_search()
    directory = teller.names.directory
    chosen = directory.companies.get(request.args.get("host", ""))
    found = [chosen] if chosen else find_hosts(directory, text) if text else []
    answer: Answer | None = None
    if len(found) == 1:
        answer = explain_host(run, number, found[0], teller, now=utc_now())
    return render_template(
        "planning/why.html",
        file=file,
        run=run,
        number=number,
        text=text or (chosen.name if chosen else ""),
        found=found,
        answer=answer,
        can_act=_can_plan(file),
        names=teller.names,
    )


@staff_planning.post("/visits/<reference>/programmes/release-rule")
@coordinator
def release_rule(reference: str) -> ResponseReturnValue:
    file = load_visit_file(read_session(), reference)
    releases = request.form.get("releases") == "y"
    try:
        set_release_rule(
            file.visit.reference, releases=releases, seen=read_seen(), who=current_staff(), now=utc_now()
        )
    except RecordChangedError:
        for one in list_meanwhile(file.visit.id, read_seen(), RELEASE_RULE):
            flash(_("In the meantime, %(name)s: %(what)s", name=one.who, what=one.what), "warning")
        file = load_visit_file(read_session(), reference)
        run = find_newest_run(read_session(), file.visit.reference)
        return programmes_page(file, run, fill_in_weights(run)), 409
    flash(
        _("Hosts that wish it are asked as soon as you apply a programme.")
        if releases
        else _("All hosts wait for your release."),
        "success",
    )
    return back_to_programmes(file.visit.reference)


@staff_planning.post("/slots/<int(max=2147483647):slot_id>/lock")
@coordinator
def lock(slot_id: int) -> ResponseReturnValue:
    """The planner leaves the slot where it is, or may move it again."""
    is_locked = request.form.get("locked") == "y"
    lock_slot(slot_id, is_locked=is_locked, who=current_staff(), now=utc_now())
    flash(
        _("The stop is locked: the planner leaves it where it is.")
        if is_locked
        else _("The stop is unlocked."),
        "success",
    )
    reference = request.form.get("reference", "")
    return redirect(url_for("staff_visits.show", reference=reference, _anchor=f"slot-{slot_id}"), 303)


def _find(reference: str, run_id: int) -> RunView:
    file = load_visit_file(read_session(), reference)
    return find_run(read_session(), file.visit.reference, run_id)


def back_to_programmes(reference: str) -> ResponseReturnValue:
    """To the page, after something was done."""
    return redirect(url_for("staff_planning.programmes", reference=reference), 303)


def _start(file: VisitFile, *, points: dict[str, int] | None, needs_wanted: bool) -> ResponseReturnValue:
    try:
        ask_for_programmes(
            file.visit.reference,
            points=points,
            needs_wanted=needs_wanted,
            who=current_staff(),
            now=utc_now(),
        )
    except BookingError as error:
        return refused(error, file)
    return back_to_programmes(file.visit.reference)


def refused(error: BookingError, file: VisitFile) -> ResponseReturnValue:
    """What cannot be done just now, on a page of its own."""
    slots = list_planned_slots(read_session(), file.visit.id)
    return refused_page(error, reference=file.visit.reference, slots=slots)


def fill_in_weights(run: RunView | None) -> WeightsForm:
    """The weights of the run, else those that count for all visits."""
    weights = load_weights(read_session())
    points = run.points if run else {name: getattr(weights, name) for name in WEIGHT_NAMES}
    return fill_in(points, needs_wanted=bool(run and run.needs_wanted))


def build_teller(file: VisitFile) -> Teller:
    session = read_session()
    return Teller(Names(load_directory(session)), list_planned_slots(session, file.visit.id))


def programmes_page(
    file: VisitFile,
    run: RunView | None,
    form: WeightsForm,
    journey: JourneyForm | None = None,
    *,
    change: ChangeForm | None = None,
) -> str:
    """Everything that the planner found, and what staff can tell it; `change` is a form that was refused."""
    teller = build_teller(file)
    columns = build_columns(run.programmes if run else (), file.wishes.interests, teller)
    can_act = _can_plan(file)
    return render_template(
        "planning/programmes.html",
        file=file,
        visit=file.visit,
        run=run,
        columns=columns,
        part_names=_list_parts(columns),
        parts=PARTS,
        teller=teller,
        names=teller.names,
        form=form,
        planned=list_planned_changes(read_session(), teller.slots).values(),
        journey=journey or fill_in_journey(read_journey(file.visit), teller.names),
        weight_names=WEIGHT_NAMES,
        has_errors=bool(form.errors),
        can_act=can_act,
        changes=_build_changes(run, teller, change) if can_act else {},
        change=change,
        duration_words=duration_words,
    )


def _can_plan(file: VisitFile) -> bool:
    """May whoever looks at it change the programme, and is it the time for that?"""
    can_plan = file.visit.state in PLANNABLE_STATES and not file.visit.is_held_for_moderation
    return can_plan and can_change_visit(file.visit.reference)


def _build_changes(run: RunView | None, teller: Teller, sent: ChangeForm | None) -> dict[int, ChangeForm]:
    """The form of each programme; the refused one as it was sent."""
    if run is None or run.is_open:
        return {}
    numbers = range(1, len(run.programmes) + 1)
    forms = {number: build_change_form(number, run, teller) for number in numbers}
    return {**forms, sent.number: sent} if sent else forms


def _list_parts(columns: Sequence[object]) -> list[str]:
    """The parts of any of the programmes, in one order."""
    return [name for name in PARTS if any(name in getattr(column, "parts", ()) for column in columns)]


def _read_search() -> str:
    try:
        return clean_line(request.args.get("q", "")[:_LONGEST_SEARCH], max_length=_LONGEST_SEARCH)
    except TextNotAllowedError:
        return ""
