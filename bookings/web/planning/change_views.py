"""A proposed programme is changed on its page: stops stay, move or go, and the planner plans the rest."""

from flask import flash, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, NotFoundError
from bookings.domain.planning import Pin, ProgrammeWishes
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.planning.results import RunView, find_run
from bookings.queries.visits import VisitFile, load_visit_file
from bookings.services.planning import ask_for_programmes
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.planning.change_form import build_change_form
from bookings.web.planning.views import (
    back_to_programmes,
    build_teller,
    coordinator,
    fill_in_weights,
    programmes_page,
    refused,
    staff_planning,
)
from bookings.web.security import current_staff


@staff_planning.post("/visits/<reference>/programmes/<int(max=2147483647):run_id>/change")
@coordinator
def change(reference: str, run_id: int) -> ResponseReturnValue:
    """The next run begins from what staff say of each stop of this programme."""
    file = load_visit_file(read_session(), reference)
    run = find_run(read_session(), file.visit.reference, run_id)
    number = request.form.get("number", 0, type=whole_number)
    if not 1 <= number <= len(run.programmes):
        raise NotFoundError("programme", str(number))
    form = build_change_form(number, run, build_teller(file), is_sent=True)
    still_out = tuple(host for host in run.wishes.left_out if host in request.form.getlist("left_out"))
    if not form.is_right(keeps_rest=request.form.get("rest") == "keep", left_out=still_out):
        return programmes_page(file, run, fill_in_weights(run), change=form), 422
    return _plan_again(file, run, form.wishes)


@staff_planning.post("/visits/<reference>/programmes/<int(max=2147483647):run_id>/put-in")
@coordinator
def put_in(reference: str, run_id: int) -> ResponseReturnValue:
    """A host that the planner left out has to be in; what was said of other stops still counts."""
    file = load_visit_file(read_session(), reference)
    run = find_run(read_session(), file.visit.reference, run_id)
    host = request.form.get("host", "")
    if host not in load_directory(read_session()).companies:
        raise NotFoundError("organisation", host)
    pins = tuple(pin for pin in run.wishes.pins if pin.host != host)
    left_out = tuple(one for one in run.wishes.left_out if one != host)
    return _plan_again(file, run, ProgrammeWishes((*pins, Pin("", host)), left_out))


def _plan_again(file: VisitFile, run: RunView, wishes: ProgrammeWishes) -> ResponseReturnValue:
    try:
        ask_for_programmes(
            file.visit.reference,
            points=dict(run.points),
            needs_wanted=run.needs_wanted,
            wishes=wishes,
            who=current_staff(),
            now=utc_now(),
        )
    except BookingError as error:
        return refused(error, file)
    flash(_("The planner plans the rest around what you said. Nobody is told of anything."), "success")
    return back_to_programmes(file.visit.reference)
