"""The next best host for a stop that fell out: shown with what would move, and drafted at staff's nod."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError
from bookings.domain.slots import FAILED_STATES, HOLDING_STATES
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.planning import find_planned_slot, list_planned_slots
from bookings.queries.planning.mending import find_next_best, find_room
from bookings.queries.planning.slot_plans import build_slot_plan
from bookings.queries.visits import load_visit_file
from bookings.services.planning import apply_repair, take_time_with_room
from bookings.services.slots import plan_change
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.planning.mending_form import read_repair, write_repair
from bookings.web.planning.views import coordinator, staff_planning
from bookings.web.planning.words import Teller
from bookings.web.security import current_staff
from bookings.web.staff_refusals import refused_page
from bookings.web.texts import Names

__all__ = ["staff_planning"]

_LARGEST_ID = 2**31


@staff_planning.get("/visits/<reference>/next-best")
@coordinator
def find_failed(reference: str) -> ResponseReturnValue:
    """From the queue to the first stop that waits for another host."""
    file = load_visit_file(read_session(), reference)
    slots = list_planned_slots(read_session(), file.visit.id)
    replaced = {slot.replaces_id for slot in slots}
    failed = [slot.id for slot in slots if slot.state in FAILED_STATES and slot.id not in replaced]
    if not failed:
        return redirect(url_for("staff_visits.show", reference=file.visit.reference))
    return redirect(url_for("staff_planning.next_best", slot_id=failed[0]))


@staff_planning.get("/slots/<int(max=2147483647):slot_id>/next-best")
@coordinator
def next_best(slot_id: int) -> str:
    """The next best host; with a time that the host offers (`time`), what has to move for it."""
    session = read_session()
    time_id = _read_time()
    if time_id:
        found = find_room(session, slot_id, time_id, now=utc_now())
    else:
        found = find_next_best(session, slot_id, now=utc_now())
    names = Names(load_directory(session))
    return render_template(
        "planning/make_room.html" if time_id else "planning/next_best.html",
        found=found,
        slot=found.slot,
        stop=found.stop,
        repair=write_repair(found) if found.stop else "",
        slots={str(slot.id): slot for slot in found.slots},
        teller=Teller(names),
        names=names,
    )


@staff_planning.post("/slots/<int(max=2147483647):slot_id>/next-best")
@coordinator
def take_next_best(slot_id: int) -> ResponseReturnValue:
    """All that was shown, at once: the stop as a draft in the place of the slot, and what makes room for it.

    Where the host still counts on the slot and nothing else moves, the change waits for the release.
    """
    session = read_session()
    slot, repair = find_planned_slot(session, slot_id), read_repair()
    new_id, done = slot_id, _("The next best host is a draft now. Release it to ask the host.")
    try:
        if time_id := _read_time():
            take_time_with_room(slot_id, time_id, repair, who=current_staff(), now=utc_now())
            done = _("The other time was taken, and what stood in its way has moved. The hosts are told.")
        elif slot.state in HOLDING_STATES and not repair.moves:
            plan = build_slot_plan(
                session, repair.stop, language=load_visit_file(session, slot.reference).visit.language,
                groups=repair.groups,
            )  # fmt: skip
            plan_change(slot_id, plan, version=slot.version, who=current_staff(), now=utc_now())
        else:
            new_id = apply_repair(slot_id, repair, who=current_staff(), now=utc_now())
    except BookingError as error:
        return refused_page(
            error, reference=slot.reference, slots=list_planned_slots(read_session(), slot.visit_id)
        )
    flash(done, "success")
    return redirect(url_for("staff_visits.show", reference=slot.reference, _anchor=f"slot-{new_id}"), 303)


def _read_time() -> int:
    """The offered time that the page is about; 0 where it is about another host."""
    time_id = request.args.get("time", 0, type=whole_number)
    return time_id if 0 <= time_id < _LARGEST_ID else 0
