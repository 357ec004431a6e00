"""Staff's events: the list, one event, its texts and times, and its ways from draft to past."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.events import EventState, Readiness, is_past, list_advice, list_missing
from bookings.domain.staff import StaffRole, has_role
from bookings.domain.time import home_day
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.i18n import ngettext
from bookings.queries.directory import load_directory
from bookings.queries.events import (
    EventFilter,
    EventView,
    count_by_state,
    count_waiting,
    list_events,
    load_event,
)
from bookings.services.events import (
    cancel_event,
    change_event,
    copy_event,
    create_event,
    decide_event,
    make_series,
    plan_of,
    publish_event,
)
from bookings.web.clock import utc_now
from bookings.web.event_refusals import tell_missing
from bookings.web.event_texts import KINDS, STATES, event_when, event_where, in_own_words
from bookings.web.events.fields import EventForm
from bookings.web.events.forms import CopyForm, EventPlanForm, ReasonForm, SeriesForm, site_choices
from bookings.web.events.shown import speaker_line
from bookings.web.events.staff_pages import WORDS, list_links, next_step, render_form, save_form
from bookings.web.events.texts import tell_advice
from bookings.web.events.views import page_values
from bookings.web.forms import whole_number
from bookings.web.security import current_staff, signed_in, staff_gate

staff_events = Blueprint("staff_events", __name__, url_prefix="/staff/events")
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)
_SHOWN = ("coming", "draft", "past", "all")


class SitesForm(EventForm):
    """The hosts' sites that an event leads to."""

    sites = SelectMultipleField(_l("Sites of hosts"), coerce=int)


@staff_events.get("")
@reader
def index() -> str:
    """What is to come and what is a draft, unless others are asked for."""
    session, now = read_session(), utc_now()
    shown = request.args.get("show", "coming")
    shown = shown if shown in _SHOWN else "coming"
    rows = list_events(session, _filter(shown, now))
    ids = [row.id for row in rows]
    waiting, counts = count_waiting(session, ids), count_by_state(session, ids)
    lines = [
        {
            "row": row,
            "title": in_own_words(row.title),
            "kind": KINDS.get(row.kind, row.kind),  # type: ignore[call-overload]
            "when": event_when(row.starts_at, row.ends_at, row.time_zone),
            "is_past": is_past(row.ends_at, now=now),
            "people": counts.get(row.id, {}).get("seated", 0),
            "waiting": waiting.get(row.id, 0),
            "next": next_step(
                row, pending=counts.get(row.id, {}).get("pending", 0), waiting=waiting.get(row.id, 0), now=now
            ),
        }
        for row in rows
    ]
    return render_template(
        "events/staff_index.html", lines=lines, shown=shown, may_change=_may_change(), states=STATES
    )


def _filter(shown: str, now: datetime) -> EventFilter:
    if shown == "past":
        return EventFilter(ends_before=now)
    if shown == "draft":
        return EventFilter(states=(EventState.DRAFT,))
    return EventFilter() if shown == "all" else EventFilter(ends_after=now)


def _may_change() -> bool:
    return has_role(signed_in().roles, StaffRole.COORDINATOR)


@staff_events.route("/new", methods=["GET", "POST"])
@coordinator
def new() -> ResponseReturnValue:
    """A draft from its first facts."""
    form = _plan_form(None)
    made: list[str] = []
    if request.method == "POST" and form.validate():
        plan = form.read(None)
        if plan is not None and form.attempt(
            lambda: made.append(create_event(plan, who=current_staff(), now=utc_now()))
        ):
            flash(_("The draft is saved. Nobody else sees it yet."), "success")
            return redirect(url_for("staff_events.show", slug=made[0]), 303)
    page = render_template(
        "events/staff_edit.html", form=form, event=None, has_errors=form.has_problems, meanwhile=None,
        version=0, **WORDS,
    )  # fmt: skip
    return page, 422 if form.has_problems else 200


@staff_events.get("/<slug>")
@reader
def show(slug: str) -> str:
    """Everything about one event, and what can be done with it."""
    session, now = read_session(), utc_now()
    view = load_event(session, slug)
    directory, event = load_directory(session), view.event
    plan = plan_of(event, view.site_ids)
    readiness = Readiness(plan=plan, part_count=len(view.parts), ticket_count=len(view.tickets))
    waiting = count_waiting(session, [event.id]).get(event.id, 0)
    counts = count_by_state(session, [event.id]).get(event.id, {})
    names = dict(site_choices(directory))
    return render_template(
        "events/staff_show.html",
        view=view,
        event=event,
        may_change=_may_change() and event.state != EventState.CANCELLED,
        is_past=is_past(event.ends_at, now=now),
        when=event_when(event.starts_at, event.ends_at, event.time_zone),
        where=event_where(event, directory, with_street=True),
        event_when=event_when,
        missing=[tell_missing(code) for code in list_missing(readiness, now=now)],
        advice=tell_advice(list_advice(readiness)),
        links=list_links(view),
        waiting=waiting,
        people=counts.get("seated", 0),
        next=next_step(event, pending=counts.get("pending", 0), waiting=waiting, now=now),
        can_decide=event.state == EventState.PUBLISHED and event.minimum is not None and not event.decided_at,
        sites=[names[one] for one in view.site_ids if one in names],
        speaker_line=speaker_line,
        part_titles={one.part.id: in_own_words(one.part.title) for one in view.parts},
        **WORDS,
    )


@staff_events.get("/<slug>/preview")
@reader
def preview(slug: str) -> str:
    """The page as everybody will see it."""
    view = load_event(read_session(), slug)
    return render_template("events/staff_preview.html", **page_values(view, now=utc_now(), is_preview=True))


@staff_events.route("/<slug>/edit", methods=["GET", "POST"])
@coordinator
def edit(slug: str) -> ResponseReturnValue:
    """Texts, time and place, and the rules of registration."""
    view = load_event(read_session(), slug)
    before = plan_of(view.event, view.site_ids)
    form = _plan_form(view)

    def render(**values: object) -> str:
        shown = {"version": view.event.version, "meanwhile": None, **values}
        return render_template(
            "events/staff_edit.html",
            form=form,
            event=view.event,
            has_errors=form.has_problems,
            **WORDS,
            **shown,
        )

    if request.method == "GET":
        form.put(before)
        return render()
    plan = form.read(before) if form.validate() else None
    if plan is None:
        return render(version=request.form.get("version", 0, type=whole_number)), 422
    return save_form(
        view,
        form,
        lambda version: change_event(slug, plan, version=version, who=current_staff(), now=utc_now()),
        render,
        lambda: _saved(slug, _("The event is saved.")),
    )


def _plan_form(view: EventView | None) -> EventPlanForm:
    session = read_session()
    form = EventPlanForm()
    others = list_events(session, EventFilter(ends_after=utc_now()))
    umbrellas = {row.id: in_own_words(row.title) for row in others}
    if view and view.umbrella and view.event.umbrella_id:
        umbrellas[view.event.umbrella_id] = in_own_words(view.umbrella.title)
    if view:
        umbrellas.pop(view.event.id, None)
    form.fill_choices(load_directory(session), umbrellas)
    return form


def _saved(slug: str, sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    return redirect(url_for("staff_events.show", slug=slug), 303)


@staff_events.route("/<slug>/sites", methods=["GET", "POST"])
@coordinator
def sites(slug: str) -> ResponseReturnValue:
    """The hosts' sites that the event leads to."""
    session = read_session()
    view = load_event(session, slug)
    form = SitesForm()
    form.sites.choices = site_choices(load_directory(session))
    title = _("Sites of hosts")
    if request.method == "GET":
        form.sites.data = list(view.site_ids)
        return render_form(view, form, title, form_kind="sites")
    if not form.validate():
        return render_form(view, form, title, form_kind="sites"), 422
    plan = replace(plan_of(view.event), site_ids=tuple(form.sites.data or ()))
    return save_form(
        view,
        form,
        lambda version: change_event(slug, plan, version=version, who=current_staff(), now=utc_now()),
        lambda **values: render_form(view, form, title, form_kind="sites", **values),
        lambda: _saved(slug, _("The event is saved.")),
    )


@staff_events.post("/<slug>/publish")
@coordinator
def publish(slug: str) -> ResponseReturnValue:
    """Everybody sees it from now on."""
    publish_event(slug, version=_seen(), who=current_staff(), now=utc_now())
    return _saved(slug, _("The event is published."))


@staff_events.route("/<slug>/cancel", methods=["GET", "POST"])
@coordinator
def cancel(slug: str) -> ResponseReturnValue:
    """Call it off; everybody who is registered reads why."""

    def act(form: ReasonForm, version: int) -> None:
        cancel_event(slug, reason=form.reason.data or "", version=version, who=current_staff(), now=utc_now())

    return _give_reason(slug, _("Cancel the event"), act, _("The event is cancelled."))


@staff_events.post("/<slug>/go")
@coordinator
def go(slug: str) -> ResponseReturnValue:
    """It takes place."""
    decide_event(slug, takes_place=True, version=_seen(), who=current_staff(), now=utc_now())
    return _saved(slug, _("It is decided: the event takes place."))


@staff_events.route("/<slug>/no-go", methods=["GET", "POST"])
@coordinator
def no_go(slug: str) -> ResponseReturnValue:
    """Too few come: it does not take place."""

    def act(form: ReasonForm, version: int) -> None:
        reason = form.reason.data or ""
        decide_event(
            slug, takes_place=False, reason=reason, version=version, who=current_staff(), now=utc_now()
        )

    return _give_reason(slug, _("It does not take place"), act, _("The event is cancelled."))


def _give_reason(
    slug: str, title: str, act: Callable[[ReasonForm, int], None], done: str
) -> ResponseReturnValue:
    view = load_event(read_session(), slug)
    if view.event.state == EventState.DRAFT:
        raise NotFoundError("event", slug)
    form = ReasonForm()

    def render(**values: object) -> str:
        return render_form(view, form, title, form_kind="reason", **values)

    if request.method == "GET":
        return render()
    if not form.validate():
        return render(), 422
    return save_form(view, form, lambda version: act(form, version), render, lambda: _saved(slug, done))


@staff_events.route("/<slug>/copy", methods=["GET", "POST"])
@coordinator
def copy(slug: str) -> ResponseReturnValue:
    """The same event on another day, as a draft."""
    view, form = load_event(read_session(), slug), CopyForm()
    title = _("Copy the event")
    if request.method == "POST" and form.validate():
        made = copy_event(slug, form.first_on.data or home_day(utc_now()), who=current_staff(), now=utc_now())
        return _saved(made, _("This is the copy. Nobody else sees it yet."))
    return render_form(view, form, title, form_kind="copy"), 422 if form.has_problems else 200


@staff_events.route("/<slug>/series", methods=["GET", "POST"])
@coordinator
def series(slug: str) -> ResponseReturnValue:
    """The same event again and again, as drafts."""
    view, form = load_event(read_session(), slug), SeriesForm()
    made: list[str] = []
    if request.method == "POST" and form.validate():
        every, count = form.every_days.data or 0, form.count.data or 0
        if form.attempt(
            lambda: made.extend(
                make_series(slug, every_days=every, count=count, who=current_staff(), now=utc_now())
            )
        ):
            flash(ngettext("%(num)d draft was made.", "%(num)d drafts were made.", len(made)), "success")
            return redirect(url_for("staff_events.index", show="draft"), 303)
    page = render_form(view, form, _("Make a series"), form_kind="series")
    return page, 422 if form.has_problems else 200


def _seen() -> int:
    return request.form.get("version", 0, type=whole_number)
