"""Arrival and departure of a delegation: told by staff, counted by the planner."""

from flask import flash, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, JourneyNotUsableError
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.planning.results import find_newest_run
from bookings.queries.visits import load_visit_file
from bookings.services.planning import save_journey
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.planning.journey_form import JourneyForm
from bookings.web.planning.views import (
    back_to_programmes,
    coordinator,
    fill_in_weights,
    programmes_page,
    refused,
    staff_planning,
)
from bookings.web.security import current_staff
from bookings.web.texts import Names


@staff_planning.post("/visits/<reference>/programmes/journey")
@coordinator
def journey(reference: str) -> ResponseReturnValue:
    file = load_visit_file(read_session(), reference)
    form = JourneyForm()
    form.set_places(Names(load_directory(read_session())))
    if form.is_right():
        try:
            save_journey(
                file.visit.reference,
                form.journey,
                version=request.form.get("version", type=whole_number),
                who=current_staff(),
                now=utc_now(),
            )
        except JourneyNotUsableError as error:
            form.tell(error)
        except BookingError as error:
            return refused(error, file)
    if form.errors:
        file = load_visit_file(read_session(), reference)  # a refusal took back what was read
        run = find_newest_run(read_session(), file.visit.reference)
        return programmes_page(file, run, fill_in_weights(run), form), 422
    flash(_("Saved. Programmes that are asked for from now on keep to it."), "success")
    return back_to_programmes(file.visit.reference)
