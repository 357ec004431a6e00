"""Parts, ticket kinds and speakers of an event: one form each, to add, change and remove."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import load_directory
from bookings.queries.events import EventView, load_event
from bookings.services import events
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.events.fields import EventForm
from bookings.web.events.part_forms import PartForm, SpeakerForm, TicketForm
from bookings.web.events.staff_pages import render_form, save_form
from bookings.web.forms import whole_number
from bookings.web.security import current_staff, staff_gate

staff_event_parts = Blueprint("staff_event_parts", __name__, url_prefix="/staff/events/<slug>")
coordinator = staff_gate(StaffRole.COORDINATOR)


@dataclass(frozen=True, kw_only=True)
class _Kind(ABC):
    """What an event has several of: its words, its use cases and its form."""

    name: str
    to_add: Any
    to_change: Any
    add: Callable[..., Any]
    change: Callable[..., Any]
    remove: Callable[..., Any]

    @abstractmethod
    def rows(self, view: EventView) -> Sequence[Any]:
        """Those that the event has."""

    @abstractmethod
    def open(self, view: EventView, row: Any | None) -> EventForm:
        """The form with its choices; at first sight it shows the row, where there is one."""

    @abstractmethod
    def read(self, form: Any, view: EventView) -> Any:
        """The plan as it was typed; nothing when it is none."""


class _Parts(_Kind):
    def rows(self, view: EventView) -> Sequence[Any]:
        return [one.part for one in view.parts]

    def open(self, view: EventView, row: Any | None) -> EventForm:
        form, zone = PartForm(), view.event.time_zone
        form.fill_choices(load_directory(read_session()))
        if request.method == "GET" and row is not None:
            form.put(events.plan_of_part(row), zone)
        elif request.method == "GET" and not form.is_kept:
            form.put_moment("starts", view.event.starts_at, zone)
        return form

    def read(self, form: PartForm, view: EventView) -> Any:
        return form.read(view.event.time_zone)


class _Tickets(_Kind):
    def rows(self, view: EventView) -> Sequence[Any]:
        return [one.ticket for one in view.tickets]

    def open(self, view: EventView, row: Any | None) -> EventForm:
        form = TicketForm()
        form.fill_choices(view)
        if request.method == "GET" and row is not None:
            form.put(events.plan_of_ticket(row))
        return form

    def read(self, form: TicketForm, view: EventView) -> Any:
        return form.read(view)


class _Speakers(_Kind):
    def rows(self, view: EventView) -> Sequence[Any]:
        return view.speakers

    def open(self, view: EventView, row: Any | None) -> EventForm:
        form = SpeakerForm(obj=row)
        form.fill_choices(view)
        if request.method == "GET" and row is not None:
            form.part.data = row.part_id or 0
        return form

    def read(self, form: SpeakerForm, view: EventView) -> Any:
        return form.read(load_directory(read_session()))


_KINDS = (
    _Parts(
        name="part",
        to_add=_l("Add a part"),
        to_change=_l("Change the part"),
        add=events.add_part,
        change=events.change_part,
        remove=events.remove_part,
    ),
    _Tickets(
        name="ticket",
        to_add=_l("Add a kind of ticket"),
        to_change=_l("Change the kind of ticket"),
        add=events.add_ticket,
        change=events.change_ticket,
        remove=events.remove_ticket,
    ),
    _Speakers(
        name="speaker",
        to_add=_l("Add a speaker"),
        to_change=_l("Change the speaker"),
        add=events.add_speaker,
        change=events.change_speaker,
        remove=events.remove_speaker,
    ),
)


def _bind(kind: _Kind) -> None:
    """Its three pages: `new_part`, `part` and `remove_part`, and so on."""
    all_of_them = f"/{kind.name}s"
    one = f"{all_of_them}/<int(max=2147483647):row_id>"
    route = staff_event_parts.route

    @route(f"{all_of_them}/new", endpoint=f"new_{kind.name}", methods=["GET", "POST"])
    @coordinator
    def add(slug: str) -> ResponseReturnValue:
        return _answer(kind, load_event(read_session(), slug))

    @route(one, endpoint=kind.name, methods=["GET", "POST"])
    @coordinator
    def change(slug: str, row_id: int) -> ResponseReturnValue:
        view = load_event(read_session(), slug)
        return _answer(kind, view, _find(kind.rows(view), row_id))

    @route(f"{one}/remove", endpoint=f"remove_{kind.name}", methods=["POST"])
    @coordinator
    def remove(slug: str, row_id: int) -> ResponseReturnValue:
        return _remove(kind, slug, row_id)


for _kind in _KINDS:
    _bind(_kind)


def _find(rows: Sequence[Any], row_id: int) -> Any:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFoundError("event", str(row_id))
    return found


def _answer(kind: _Kind, view: EventView, row: Any | None = None) -> ResponseReturnValue:
    """The form of a row, or of a new one, and what it does when it is sent."""
    slug, form = view.event.slug, kind.open(view, row)
    shown = {"form_kind": kind.name}
    if row is not None:
        shown["remove_url"] = url_for(f"staff_event_parts.remove_{kind.name}", slug=slug, row_id=row.id)

    def render(**values: Any) -> str:
        return render_form(view, form, str(kind.to_add if row is None else kind.to_change), **shown, **values)

    if request.method == "GET":
        return render()
    plan = kind.read(form, view) if form.validate() else None
    if plan is None:
        return render(version=request.form.get("version", 0, type=whole_number)), 422
    return save_form(
        view, form, lambda version: _save(kind, slug, row, plan, version), render, lambda: _back(slug)
    )


def _save(kind: _Kind, slug: str, row: Any | None, plan: Any, version: int) -> None:
    act, place = (kind.add, (slug,)) if row is None else (kind.change, (slug, row.id))
    act(*place, plan, version=version, who=current_staff(), now=utc_now())


def _remove(kind: _Kind, slug: str, row_id: int) -> ResponseReturnValue:
    version = request.form.get("version", 0, type=whole_number)
    try:
        kind.remove(slug, row_id, version=version, who=current_staff(), now=utc_now())
    except EventNotUsableError as error:
        flash(refusal_sentence(error), "error")
        return redirect(url_for("staff_events.show", slug=slug), 303)
    return _back(slug)


def _back(slug: str) -> ResponseReturnValue:
    flash(_("The event is saved."), "success")
    return redirect(url_for("staff_events.show", slug=slug), 303)
