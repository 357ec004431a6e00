"""Parts, ticket kinds and speakers of an event: one form each, to add, change and remove."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.events import EventView, load_event
from bookings.services import events
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.events.fields import EventForm
from bookings.web.events.part_forms import PartForm, SpeakerForm, TicketForm
from bookings.web.events.staff_pages import render_form, save_form
from bookings.web.security import current_staff, staff_gate

staff_event_parts = Blueprint("staff_event_parts", __name__, url_prefix="/staff/events/<slug>")
coordinator = staff_gate(StaffRole.COORDINATOR)
_ID = "int(max=2147483647)"


@staff_event_parts.route("/parts/new", methods=["GET", "POST"])
@coordinator
def new_part(slug: str) -> ResponseReturnValue:
    """A part of the programme."""
    view = load_event(read_session(), slug)
    form = _part_form(view)
    if request.method == "GET":
        form.put_moment("starts", view.event.starts_at, view.event.time_zone)
    return _answer(
        _Work(
            view=view,
            form=form,
            title=_("Add a part"),
            kind="part",
            act=lambda plan, version: events.add_part(
                slug, plan, version=version, who=current_staff(), now=utc_now()
            ),
            read=lambda: form.read(view.event.time_zone),
        )
    )


@staff_event_parts.route(f"/parts/<{_ID}:part_id>", methods=["GET", "POST"])
@coordinator
def part(slug: str, part_id: int) -> ResponseReturnValue:
    """Another time, room or number of places."""
    view = load_event(read_session(), slug)
    found = _find([one.part for one in view.parts], part_id)
    form = _part_form(view)
    if request.method == "GET":
        form.put(events.plan_of_part(found), view.event.time_zone)
    return _answer(
        _Work(
            view=view,
            form=form,
            title=_("Change the part"),
            kind="part",
            act=lambda plan, version: events.change_part(
                slug, part_id, plan, version=version, who=current_staff(), now=utc_now()
            ),
            read=lambda: form.read(view.event.time_zone),
            remove_url=url_for("staff_event_parts.remove_part", slug=slug, part_id=part_id),
        )
    )


@staff_event_parts.post(f"/parts/<{_ID}:part_id>/remove")
@coordinator
def remove_part(slug: str, part_id: int) -> ResponseReturnValue:
    """The part goes, unless somebody chose it."""
    return _remove(
        slug,
        lambda version: events.remove_part(
            slug, part_id, version=version, who=current_staff(), now=utc_now()
        ),
    )


@staff_event_parts.route("/tickets/new", methods=["GET", "POST"])
@coordinator
def new_ticket(slug: str) -> ResponseReturnValue:
    """A way to take part."""
    view, form = load_event(read_session(), slug), TicketForm()
    form.fill_choices(view)
    return _answer(
        _Work(
            view=view,
            form=form,
            title=_("Add a kind of ticket"),
            kind="ticket",
            act=lambda plan, version: events.add_ticket(
                slug, plan, version=version, who=current_staff(), now=utc_now()
            ),
            read=lambda: form.read(view),
        )
    )


@staff_event_parts.route(f"/tickets/<{_ID}:ticket_id>", methods=["GET", "POST"])
@coordinator
def ticket(slug: str, ticket_id: int) -> ResponseReturnValue:
    """Another name or number of places."""
    view, form = load_event(read_session(), slug), TicketForm()
    found = _find([one.ticket for one in view.tickets], ticket_id)
    form.fill_choices(view)
    if request.method == "GET":
        form.put(events.plan_of_ticket(found))
    return _answer(
        _Work(
            view=view,
            form=form,
            title=_("Change the kind of ticket"),
            kind="ticket",
            act=lambda plan, version: events.change_ticket(
                slug, ticket_id, plan, version=version, who=current_staff(), now=utc_now()
            ),
            read=lambda: form.read(view),
            remove_url=url_for("staff_event_parts.remove_ticket", slug=slug, ticket_id=ticket_id),
        )
    )


@staff_event_parts.post(f"/tickets/<{_ID}:ticket_id>/remove")
@coordinator
def remove_ticket(slug: str, ticket_id: int) -> ResponseReturnValue:
    """The kind goes, unless somebody ever had it."""
    return _remove(
        slug,
        lambda version: events.remove_ticket(
            slug, ticket_id, version=version, who=current_staff(), now=utc_now()
        ),
    )


@staff_event_parts.route("/speakers/new", methods=["GET", "POST"])
@coordinator
def new_speaker(slug: str) -> ResponseReturnValue:
    """Somebody who speaks."""
    view, form = load_event(read_session(), slug), SpeakerForm()
    form.fill_choices(view)
    return _answer(
        _Work(
            view=view,
            form=form,
            title=_("Add a speaker"),
            kind="speaker",
            act=lambda plan, version: events.add_speaker(
                slug, plan, version=version, who=current_staff(), now=utc_now()
            ),
            read=lambda: form.read(load_directory(read_session())),
        )
    )


@staff_event_parts.route(f"/speakers/<{_ID}:speaker_id>", methods=["GET", "POST"])
@coordinator
def speaker(slug: str, speaker_id: int) -> ResponseReturnValue:
    """Another role or another part."""
    view = load_event(read_session(), slug)
    found = _find(view.speakers, speaker_id)
    form = SpeakerForm(obj=found)
    form.fill_choices(view)
    if request.method == "GET":
        form.part.data = found.part_id or 0
    return _answer(
        _Work(
            view=view,
            form=form,
            title=_("Change the speaker"),
            kind="speaker",
            act=lambda plan, version: events.change_speaker(
                slug, speaker_id, plan, version=version, who=current_staff(), now=utc_now()
            ),
            read=lambda: form.read(load_directory(read_session())),
            remove_url=url_for("staff_event_parts.remove_speaker", slug=slug, speaker_id=speaker_id),
        )
    )


@staff_event_parts.post(f"/speakers/<{_ID}:speaker_id>/remove")
@coordinator
def remove_speaker(slug: str, speaker_id: int) -> ResponseReturnValue:
    """The speaker goes."""
    return _remove(
        slug,
        lambda version: events.remove_speaker(
            slug, speaker_id, version=version, who=current_staff(), now=utc_now()
        ),
    )


def _part_form(view: EventView) -> PartForm:
    form = PartForm()
    form.fill_choices(load_directory(read_session()))
    return form


def _find(rows: Any, row_id: int) -> Any:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFoundError("event", str(row_id))
    return found


@dataclass(frozen=True, kw_only=True)
class _Work:
    """One form: what it is about, how it is read, and what it does with the version that was seen."""

    view: EventView
    form: EventForm
    title: str
    kind: str
    act: Callable[[Any, int], Any]
    read: Callable[[], Any]
    remove_url: str = ""


def _answer(work: _Work) -> ResponseReturnValue:
    def render(**values: Any) -> str:
        shown = {"form_kind": work.kind, "remove_url": work.remove_url, **values}
        return render_form(work.view, work.form, work.title, **shown)

    if request.method == "GET":
        return render()
    plan = work.read() if work.form.validate() else None
    if plan is None:
        return render(version=request.form.get("version", 0, type=int)), 422
    return save_form(
        work.view,
        work.form,
        lambda version: work.act(plan, version),
        render,
        lambda: _back(work.view.event.slug),
    )


def _remove(slug: str, act: Callable[[int], Any]) -> ResponseReturnValue:
    try:
        act(request.form.get("version", 0, type=int))
    except EventNotUsableError as error:
        flash(refusal_sentence(error), "error")
        return redirect(url_for("staff_events.show", slug=slug), 303)
    return _back(slug)


def _back(slug: str) -> ResponseReturnValue:
    flash(_("The event is saved."), "success")
    return redirect(url_for("staff_events.show", slug=slug), 303)
