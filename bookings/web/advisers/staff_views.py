"""Staff keep the advisers of an event and their bookings."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.advisers import AdviserPlan
from bookings.domain.errors import BookingError, NotFoundError
from bookings.domain.staff import StaffRole, has_role
from bookings.domain.time import local_day
from bookings.i18n import gettext as _
from bookings.queries.advisers import AdviserCard, find_event_of_adviser, list_advisers, load_adviser
from bookings.queries.events import EventView, load_event
from bookings.services.advisers import (
    add_adviser,
    cancel_advice_by_staff,
    change_adviser,
    remove_adviser,
    send_adviser_page,
)
from bookings.web.advisers.forms import LANGUAGES, AdviserForm, ReasonForm
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.security import current_staff, signed_in, staff_gate

staff_advisers = Blueprint("staff_advisers", __name__, url_prefix="/staff/events/<slug>/advisers")
_reader = staff_gate(StaffRole.READER)
_coordinator = staff_gate(StaffRole.COORDINATOR)
_ONE = "/<int(max=2147483647):adviser_id>"
_MEETING = "/meetings/<int(max=2147483647):meeting_id>"


@staff_advisers.get("")
@_reader
def index(slug: str) -> str:
    """Everybody who advises, with who comes when."""
    view = _event(slug)
    return _list_page(view, _new_form(view))


@staff_advisers.post("")
@_coordinator
def add(slug: str) -> ResponseReturnValue:
    view, form = _event(slug), _form()
    plan = _read(form, view)
    if plan is None:
        return _list_page(view, form), 422
    try:
        add_adviser(view.event.id, plan, who=current_staff(), now=utc_now())
    except BookingError as refusal:
        form.starts.errors = [refusal_sentence(refusal)]
        return _list_page(view, form), 422
    flash(
        _("%(name)s advises at this event, and has got a mail with the link of an own page.", name=plan.name),
        "success",
    )
    return _to_list(slug)


@staff_advisers.get(_ONE)
@_reader
def edit(slug: str, adviser_id: int) -> str:
    view = _event(slug)
    card = load_adviser(read_session(), adviser_id, event_id=view.event.id)
    form = _form()
    form.fill(card, view.event.time_zone)
    return _edit_page(view, card, form)


@staff_advisers.post(_ONE)
@_coordinator
def change(slug: str, adviser_id: int) -> ResponseReturnValue:
    view, form = _event(slug), _form()
    card = load_adviser(read_session(), adviser_id, event_id=view.event.id)
    plan = _read(form, view)
    if plan is None:
        return _edit_page(view, card, form), 422
    try:
        change_adviser(adviser_id, plan, who=current_staff(), now=utc_now())
    except BookingError as refusal:
        form.starts.errors = [refusal_sentence(refusal)]
        return _edit_page(view, card, form), 422
    flash(_("Saved."), "success")
    return _to_list(slug)


@staff_advisers.post(f"{_ONE}/remove")
@_coordinator
def remove(slug: str, adviser_id: int) -> ResponseReturnValue:
    _check_belongs(slug, adviser_id)
    remove_adviser(adviser_id, who=current_staff(), now=utc_now())
    flash(_("The adviser was taken out."), "success")
    return _to_list(slug)


@staff_advisers.post(f"{_ONE}/page")
@_coordinator
def send_page(slug: str, adviser_id: int) -> ResponseReturnValue:
    _check_belongs(slug, adviser_id)
    send_adviser_page(adviser_id, who=current_staff(), now=utc_now())
    flash(_("A mail with the link is on its way."), "success")
    return _to_list(slug)


@staff_advisers.post(f"{_MEETING}/cancel")
@_coordinator
def cancel(slug: str, meeting_id: int) -> ResponseReturnValue:
    """Call a booked meeting off; both are told."""
    view, form = _event(slug), ReasonForm()
    if not form.validate():
        form.place_at(meeting_id)
        return _list_page(view, _new_form(view), form), 422
    reason = form.reason.data or ""
    cancel_advice_by_staff(
        meeting_id, event_id=view.event.id, reason=reason, who=current_staff(), now=utc_now()
    )
    flash(_("The meeting is cancelled, and both have been told."), "success")
    return _to_list(slug)


def _event(slug: str) -> EventView:
    return load_event(read_session(), slug)


def _check_belongs(slug: str, adviser_id: int) -> None:
    if find_event_of_adviser(read_session(), adviser_id) != _event(slug).event.id:
        raise NotFoundError("adviser", str(adviser_id))


def _form(**values: None) -> AdviserForm:
    form = AdviserForm(**values)
    form.language.choices = list(LANGUAGES)
    form.time_zone.choices = [
        (zone, zone.replace("_", " "))
        for zone in ("Europe/Stockholm", "Europe/Helsinki", "Europe/Oslo", "UTC")
    ]
    return form


def _new_form(view: EventView) -> AdviserForm:
    form = _form(formdata=None)
    form.day.data = local_day(view.event.starts_at, view.event.time_zone)
    form.slot_minutes.data, form.buffer_minutes.data = 30, 0
    return form


def _read(form: AdviserForm, view: EventView) -> AdviserPlan | None:
    if not form.validate():
        return None
    try:
        return form.build_plan(view.event.time_zone)
    except BookingError as refusal:
        form.starts.errors = [refusal_sentence(refusal)]
        return None


def _to_list(slug: str) -> ResponseReturnValue:
    return redirect(url_for("staff_advisers.index", slug=slug), 303)


def _can_edit() -> bool:
    return has_role(signed_in().roles, StaffRole.COORDINATOR)


def _list_page(view: EventView, form: AdviserForm, reason: ReasonForm | None = None) -> str:
    advisers = list_advisers(read_session(), view.event.id)
    return render_template(
        "advisers/staff_index.html",
        staff_page="events",
        event=view.event,
        advisers=advisers,
        form=form,
        reason=reason or ReasonForm(formdata=None),
        now=utc_now(),
        can_edit=_can_edit(),
    )


def _edit_page(view: EventView, card: AdviserCard, form: AdviserForm) -> str:
    return render_template(
        "advisers/staff_edit.html",
        staff_page="events",
        event=view.event,
        card=card,
        form=form,
        can_edit=_can_edit(),
    )
