"""What staff's pages of events share: the frame of a form, who was quicker, and what comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import RecordChangedError
from bookings.domain.events import EventState
from bookings.domain.visits import Actor
from bookings.i18n import format_instant, ngettext
from bookings.i18n import gettext as _
from bookings.queries.events import EventView, list_event_news, load_event
from bookings.web.event_texts import KINDS, PRESENCES, in_own_words
from bookings.web.events.fields import EventForm
from bookings.web.forms import whole_number
from bookings.web.meanwhile import News
from bookings.web.planning_texts import ACTORS
from bookings.web.texts import short_instant
from bookings.web.trail_texts import audit_sentence

_OF_OTHERS = (
    ("staff_registrations.index", lambda: _("Registrations")),
    ("staff_questions.index", lambda: _("Questions of the form")),
    ("staff_mailings.to_people", lambda: _("Write to the people")),
    ("staff_doors.show", lambda: _("Check-in at the door")),
    ("staff_papers.show", lambda: _("Badges, lists and certificates")),
    ("staff_surveys.show", lambda: _("What people said afterwards")),
)
_OF_MATCHMAKING = (("staff_meetings.show", lambda: _("Matchmaking")),)
_OF_ADVICE = (("staff_advisers.index", lambda: _("Advisers and their times")),)


@dataclass(frozen=True)
class Link:
    """A page about the same event."""

    label: str
    url: str


def list_links(view: EventView) -> list[Link]:
    """The pages about this event that there are in this installation."""
    more = {"matchmaking_day": _OF_MATCHMAKING, "advisory_day": _OF_ADVICE}.get(view.event.kind, ())
    return [
        Link(label(), url_for(endpoint, slug=view.event.slug))
        for endpoint, label in (*_OF_OTHERS, *more)
        if endpoint in current_app.view_functions
    ]


def save_form(
    view: EventView,
    form: EventForm,
    act: Callable[[int], Any],
    render: Callable[..., str],
    done: Callable[[], ResponseReturnValue],
) -> ResponseReturnValue:
    """Do what a valid form asks for; where that fails, the form again with what was typed."""
    version = request.form.get("version", 0, type=whole_number)
    try:
        if form.attempt(lambda: act(version)) and not form.has_problems:
            return done()
    except RecordChangedError:
        fresh = load_event(read_session(), view.event.slug)
        return render(version=fresh.event.version, meanwhile=list_meanwhile(fresh, version)), 409
    return render(version=version), 422


def list_meanwhile(view: EventView, seen: int) -> list[News]:
    """Who did what to the event since that version, in words."""
    count = max(0, view.event.version - seen)
    return [
        News(
            entry.happened_at,
            entry.actor_name if entry.actor_kind != Actor.SYSTEM else str(ACTORS[Actor.SYSTEM]),
            audit_sentence(entry.action),
        )
        for entry in list_event_news(read_session(), view.event.id, count=count)
    ]


def render_form(view: EventView, form: EventForm, title: str, **values: Any) -> str:
    """The page of one form about an event."""
    defaults: dict[str, Any] = {"version": view.event.version, "meanwhile": None, "remove_url": ""}
    return render_template(
        "events/staff_form.html",
        view=view,
        event=view.event,
        form=form,
        title=title,
        has_errors=form.has_problems,
        in_own_words=in_own_words,
        short_instant=short_instant,
        **{**defaults, **values},
    )


def next_step(row: Any, *, pending: int, waiting: int, now: datetime) -> str:
    """What staff have to do about an event next; nothing when all goes by itself."""
    if row.state == EventState.DRAFT:
        return _("Complete and publish it")
    if row.state == EventState.CANCELLED or row.ends_at <= now:
        return ""
    if row.minimum is not None and row.decided_at is None:
        return _decision(row, now)
    if pending:
        return ngettext("Answer %(num)d registration", "Answer %(num)d registrations", pending)
    if waiting:
        return ngettext("%(num)d person waits for a place", "%(num)d people wait for a place", waiting)
    return ""


def _decision(row: Any, now: datetime) -> str:
    if row.decides_at <= now:
        return _("Decide now whether it takes place")
    return _("Decide by %(moment)s", moment=format_instant(row.decides_at, row.time_zone))


WORDS = {"kinds": KINDS, "presences": PRESENCES, "in_own_words": in_own_words}
