"""Moving a stop: what it would do is shown first, then it is done. Dragging leads here, too."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, NotFoundError, RecordChangedError
from bookings.domain.slots import LIVE_STATES, SlotPlan
from bookings.domain.staff import StaffRole
from bookings.domain.time import local_day
from bookings.i18n import format_day, format_interval
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.planned import PlannedView, find_planned_change, plan_of, preview_change
from bookings.queries.planning import PlannedSlot, find_planned_slot, list_planned_slots
from bookings.queries.visits import find_visit_head
from bookings.services.slots import plan_change
from bookings.web.calendar.asking import way_back
from bookings.web.calendar.move_form import MoveForm
from bookings.web.calendar.staff_views import staff_calendar
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.planning_texts import warning_sentence
from bookings.web.security import current_staff, staff_gate
from bookings.web.staff_refusals import refused_page
from bookings.web.texts import Names

coordinator = staff_gate(StaffRole.COORDINATOR)
_CONFLICT = 409


@dataclass(frozen=True)
class _Situation:
    """A stop as it stands, what is planned of it, and what it would become by the form."""

    slot: PlannedSlot
    planned: PlannedView | None
    form: MoveForm

    @property
    def base(self) -> SlotPlan:
        """What the new time is given to: other planned changes of the stop stay."""
        return _base_plan(self.slot, self.planned)


@staff_calendar.route("/slots/<int(max=2147483647):slot_id>/move", methods=["GET", "POST"])
@coordinator
def move(slot_id: int) -> ResponseReturnValue:
    """GET shows the form, or what the move would do; POST does it."""
    session, now = read_session(), utc_now()
    slot = find_planned_slot(session, slot_id)
    if slot.state not in LIVE_STATES:
        raise NotFoundError("slot", str(slot_id))
    planned = find_planned_change(session, slot_id)
    sent = request.form if request.method == "POST" else request.args if "day" in request.args else None
    form = MoveForm.for_plan(_base_plan(slot, planned), slot.time_zone, sent)
    seen = _Situation(slot, planned, form)
    if sent is None or not form.is_right(now=now):
        return _page(seen), 422 if form.errors else 200
    if request.method == "GET":
        return _page(seen, now=now)
    return _carry_out(seen, now=now)


def _carry_out(seen: _Situation, *, now: datetime) -> ResponseReturnValue:
    slot, plan = seen.slot, seen.form.build_plan(seen.base)
    version = request.form.get("version", 0, type=whole_number)
    try:
        kind = plan_change(slot.id, plan, version=version, who=current_staff(), now=now)
    except RecordChangedError:
        read_session().rollback()
        return _page(seen, now=now, was_changed=True), _CONFLICT
    except BookingError as error:
        slots = list_planned_slots(read_session(), slot.visit_id)
        return refused_page(error, reference=slot.reference, slots=slots)
    flash(_done(slot, plan, is_planned=kind is not None), "success")
    day = local_day(plan.starts_at, slot.time_zone)
    return redirect(way_back(request.form.get("back", ""), moved=slot.id, day=day), 303)


def _done(slot: PlannedSlot, plan: SlotPlan, *, is_planned: bool) -> str:
    day = format_day(local_day(plan.starts_at, slot.time_zone))
    values = {
        "host": slot.host_name,
        "day": day,
        "time": format_interval(plan.starts_at, plan.ends_at, slot.time_zone),
    }
    if is_planned:
        return _("Planned: %(host)s on %(day)s, %(time)s. It is told at the next release.", **values)
    return _("Moved: %(host)s on %(day)s, %(time)s.", **values)


def _page(seen: _Situation, *, now: datetime | None = None, was_changed: bool = False) -> str:
    session, slot, form = read_session(), seen.slot, seen.form
    plan = form.build_plan(seen.base) if now and not form.errors else None
    preview = preview_change(session, slot.id, plan, now=now) if plan and now else None
    has_moved = plan is not None and (plan.starts_at, plan.ends_at) != (slot.starts_at, slot.ends_at)
    back = request.values.get("back", "")
    return render_template(
        "calendar/move.html",
        slot=slot,
        planned=seen.planned,
        form=form,
        plan=plan,
        has_moved=has_moved,
        preview=preview,
        was_changed=was_changed,
        same_day=bool(plan) and _is_same_day(slot, plan),
        back=back,
        back_url=way_back(back),
        head=find_visit_head(session, slot.reference),
        names=Names(load_directory(session)),
        warning_sentence=warning_sentence,
        has_errors=bool(form.errors),
    )


def _is_same_day(slot: PlannedSlot, plan: SlotPlan | None) -> bool:
    zone = slot.time_zone
    return plan is not None and local_day(slot.starts_at, zone) == local_day(plan.starts_at, zone)


def _base_plan(slot: PlannedSlot, planned: PlannedView | None) -> SlotPlan:
    return planned.plan if planned and planned.plan and not planned.is_stale else plan_of(slot)
