"""What staff do with a matchmaking day: solve, stop, apply, release; and with one meeting."""

from collections.abc import Callable

from flask import flash, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import RecordChangedError
from bookings.domain.event_errors import MeetingNotPossibleError, TimeHeldError
from bookings.i18n import gettext as _
from bookings.i18n import ngettext
from bookings.queries.meetings.runs import find_match
from bookings.services.meetings import (
    Replanned,
    apply_match,
    ask_for_schedule,
    cancel_meeting_by_staff,
    move_meeting,
    pin_meeting,
    release_final,
    release_provisional,
    say_here_by_staff,
    settle_meeting,
    stop_match,
)
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import whole_number
from bookings.web.meetings.staff_views import ID, back, coordinator, open_day, staff_meetings
from bookings.web.security import current_staff

_USUAL_SECONDS = 20


@staff_meetings.post("/solve")
@coordinator
def solve(slug: str) -> ResponseReturnValue:
    seconds = request.form.get("seconds", _USUAL_SECONDS, type=whole_number)
    return _do(
        slug,
        lambda: ask_for_schedule(slug, seconds=seconds, who=current_staff(), now=utc_now()),
        _("The solver begins."),
    )


@staff_meetings.post(f"/runs/{ID}run_id>/stop")
@coordinator
def stop(slug: str, run_id: int) -> ResponseReturnValue:
    event, _day = open_day(slug)
    run = find_match(read_session(), event.id, run_id)
    stop_match(run.id, now=utc_now())
    return back(slug)


@staff_meetings.post(f"/runs/{ID}run_id>/apply")
@coordinator
def apply(slug: str, run_id: int) -> ResponseReturnValue:
    event, _day = open_day(slug)
    run = find_match(read_session(), event.id, run_id)
    try:
        done = apply_match(run.id, who=current_staff(), now=utc_now())
    except (MeetingNotPossibleError, TimeHeldError) as error:
        flash(refusal_sentence(error), "error")
        return back(slug)
    flash(
        _(
            "Applied: %(placed)d new, %(moved)d moved, %(removed)d taken out. Nobody is told yet.",
            placed=done.placed,
            moved=done.moved,
            removed=done.removed,
        ),
        "success",
    )
    return back(slug)


@staff_meetings.post("/release-provisional")
@coordinator
def provisional(slug: str) -> ResponseReturnValue:
    return _do(
        slug,
        lambda: release_provisional(slug, who=current_staff(), now=utc_now()),
        _("The provisional schedules are on their way. Everybody has 48 hours to answer."),
    )


@staff_meetings.post("/release-final")
@coordinator
def final(slug: str) -> ResponseReturnValue:
    return _do(
        slug,
        lambda: release_final(slug, who=current_staff(), now=utc_now()),
        _("The meetings stand. Schedules and calendar entries are on their way."),
    )


@staff_meetings.post(f"/{ID}meeting_id>/cancel")
@coordinator
def cancel(slug: str, meeting_id: int) -> ResponseReturnValue:
    replans = request.form.get("replans") == "y"
    try:
        done = cancel_meeting_by_staff(slug, meeting_id, replans=replans, who=current_staff(), now=utc_now())
    except (MeetingNotPossibleError, TimeHeldError) as error:
        flash(refusal_sentence(error), "error")
        return back(slug, "tables")
    flash(_("The meeting is called off."), "success")
    _tell_replanned(done)
    return back(slug, "tables")


def _tell_replanned(done: Replanned) -> None:
    for one, other in done.placed:
        flash(_("New meeting: %(one)s and %(other)s", one=one, other=other), "info")
    if done.moved:
        flash(
            ngettext(
                "%(num)d meeting had to move for it.", "%(num)d meetings had to move for it.", len(done.moved)
            ),
            "info",
        )
    for one, other in done.moved:
        flash(_("Moved: %(one)s and %(other)s", one=one, other=other), "info")


@staff_meetings.post(f"/{ID}meeting_id>/move")
@coordinator
def move(slug: str, meeting_id: int) -> ResponseReturnValue:
    slot_id = request.form.get("slot", 0, type=whole_number)
    version = request.form.get("version", type=whole_number)
    return _do(
        slug,
        lambda: move_meeting(slug, meeting_id, slot_id, version=version, who=current_staff(), now=utc_now()),
        _("The meeting has a new time."),
        meeting_id=meeting_id,
    )


@staff_meetings.post(f"/{ID}meeting_id>/pin")
@coordinator
def pin(slug: str, meeting_id: int) -> ResponseReturnValue:
    is_pinned = request.form.get("pinned") == "y"
    return _do(
        slug,
        lambda: pin_meeting(slug, meeting_id, is_pinned=is_pinned, who=current_staff(), now=utc_now()),
        _("The meeting stays where it is.") if is_pinned else _("The solver may move the meeting."),
        meeting_id=meeting_id,
    )


@staff_meetings.post(f"/{ID}meeting_id>/settle")
@coordinator
def settle(slug: str, meeting_id: int) -> ResponseReturnValue:
    was_held = request.form.get("held") == "y"
    return _do(
        slug,
        lambda: settle_meeting(slug, meeting_id, was_held=was_held, who=current_staff(), now=utc_now()),
        _("Noted."),
        meeting_id=meeting_id,
    )


@staff_meetings.post(f"/people/{ID}person_id>/here")
@coordinator
def here(slug: str, person_id: int) -> ResponseReturnValue:
    say_here_by_staff(slug, person_id, who=current_staff(), now=utc_now())
    flash(_("Noted."), "success")
    return back(slug, "board")


def _do(
    slug: str, use_case: Callable[[], object], done: str, *, meeting_id: int | None = None
) -> ResponseReturnValue:
    """One use case; what cannot be done now is said on the page."""
    try:
        use_case()
    except (MeetingNotPossibleError, TimeHeldError, RecordChangedError) as error:
        flash(refusal_sentence(error), "error")
    else:
        flash(done, "success")
    return back(slug) if meeting_id is None else back(slug, "meeting", meeting_id=meeting_id)
