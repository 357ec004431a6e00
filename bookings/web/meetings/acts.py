"""What participants do: answer requests, call off, say that they are here, rate; and the clock."""

from flask import flash, make_response, request
from flask.typing import ResponseReturnValue

from bookings.adapters.ical.build import build_publish
from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import REMINDER_MINUTES
from bookings.i18n import gettext as _
from bookings.queries.meetings.entries import list_own_entries
from bookings.queries.meetings.own import (
    list_own_ratings,
)
from bookings.services.entries import build_invitation
from bookings.services.meetings import (
    accept_request,
    cancel_meeting,
    decline_request,
    find_rating_stage,
    give_feedback,
    name_stand_in,
    rate_meeting,
    say_here,
    withdraw_request,
)
from bookings.web.calendar_files import calendar_response
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import whole_number
from bookings.web.meetings.forms import RatingForm, StandInForm
from bookings.web.meetings.own import Own, act, back_to, gate, meetings, open_page, show_page
from bookings.web.meetings.shown import (
    ShownMeeting,
    event_title,
    find_slot,
    show_meeting,
    show_schedule,
    slot_words,
)

_BELL_SECONDS = "20"
_ID = "<int(max=2147483647):"


@meetings.post(f"/requests/{_ID}request_id>/accept")
@gate
def accept(token: str, request_id: int) -> ResponseReturnValue:
    slot_id = request.form.get("slot", type=whole_number)
    return act(
        token,
        lambda: accept_request(token, request_id, slot_id=slot_id, now=utc_now()),
        _("The meeting is agreed. Both of you get an entry for the calendar."),
    )


@meetings.post(f"/requests/{_ID}request_id>/decline")
@gate
def decline(token: str, request_id: int) -> ResponseReturnValue:
    return act(token, lambda: decline_request(token, request_id, now=utc_now()), _("You have declined."))


@meetings.post(f"/requests/{_ID}request_id>/withdraw")
@gate
def withdraw(token: str, request_id: int) -> ResponseReturnValue:
    return act(
        token, lambda: withdraw_request(token, request_id, now=utc_now()), _("Your request is taken back.")
    )


@meetings.get(f"/{_ID}meeting_id>/cancel")
@gate
def ask_to_cancel(token: str, meeting_id: int) -> str:
    own = open_page(token)
    return show_page("cancel", token, own, meeting=_find_own(own, meeting_id))


def _find_own(own: Own, meeting_id: int) -> ShownMeeting:
    found = next((one for one in own.day.schedules.get(own.id, []) if one.id == meeting_id), None)
    if found is None or not own.sees(found.state):
        raise NotFoundError("meeting", str(meeting_id))
    return show_meeting(own.day, found, own.id, own.keys.time_zone)


@meetings.get(f"/{_ID}meeting_id>/stand-in")
@gate
def stand_in(token: str, meeting_id: int) -> str:
    """A colleague of the same organisation may come instead."""
    own = open_page(token)
    meeting = _find_own(own, meeting_id)
    return _stand_in_page(token, own, meeting, StandInForm(formdata=None, name=meeting.stand_in))


@meetings.post(f"/{_ID}meeting_id>/stand-in")
@gate
def send_stand_in(token: str, meeting_id: int) -> ResponseReturnValue:
    own, form = open_page(token), StandInForm()
    meeting = _find_own(own, meeting_id)
    if not form.validate():
        return _stand_in_page(token, own, meeting, form), 422
    try:
        name_stand_in(token, meeting_id, form.name.data or "", now=utc_now())
    except MeetingNotPossibleError as error:
        form.name.errors = [refusal_sentence(error)]
        return _stand_in_page(token, own, meeting, form), 409
    flash(_("Noted. The other side reads by mail who comes."), "success")
    return back_to(token)


def _stand_in_page(token: str, own: Own, meeting: ShownMeeting, form: StandInForm) -> str:
    return show_page("stand_in", token, own, meeting=meeting, form=form, has_errors=bool(form.errors))


@meetings.post(f"/{_ID}meeting_id>/cancel")
@gate
def cancel(token: str, meeting_id: int) -> ResponseReturnValue:
    return act(
        token,
        lambda: cancel_meeting(token, meeting_id, now=utc_now()),
        _("The meeting is called off. The other side and both calendars are told."),
    )


@meetings.post(f"/{_ID}meeting_id>/feedback")
@gate
def feedback(token: str, meeting_id: int) -> ResponseReturnValue:
    said = request.form.get("feedback", "")
    return act(token, lambda: give_feedback(token, meeting_id, said, now=utc_now()), _("Thank you, noted."))


@meetings.post("/here")
@gate
def here(token: str) -> ResponseReturnValue:
    minutes = request.form.get("late", 0, type=whole_number)
    done = (
        _("Those whom you meet see that you are late.")
        if minutes
        else _("Welcome! We know that you are here.")
    )
    return act(token, lambda: say_here(token, late_minutes=minutes, now=utc_now()), done)


@meetings.get("/clock")
@gate
def clock(token: str) -> ResponseReturnValue:
    """Which slot runs and what comes next: for a screen in the hall or a phone on the table."""
    own, now = open_page(token), utc_now()
    running, following = find_slot(own.day, now)
    mine = {
        one.view.slot_id: one
        for one in show_schedule(own.day, own.id, own.keys.time_zone)
        if own.sees(one.view.state)
    }
    words = {slot.id: slot_words(own.day, slot, own.keys.time_zone) for slot in (running, following) if slot}
    response = make_response(
        show_page(
            "clock", token, own, running=running, following=following, mine=mine, words=words, now=now,
            minutes_left=-(-(running.ends_at - now).seconds // 60) if running else 0,
        )
    )  # fmt: skip
    response.headers["Refresh"] = _BELL_SECONDS
    return response


@meetings.get("/rate")
@gate
def rate(token: str) -> str:
    return _rate_page(token, open_page(token), None)


@meetings.post(f"/rate/{_ID}meeting_id>")
@gate
def send_rating(token: str, meeting_id: int) -> ResponseReturnValue:
    own, now = open_page(token), utc_now()
    form = RatingForm(meeting_id, find_rating_stage(own.day.view.ends_at, now))
    if not form.validate():
        return _rate_page(token, own, form, meeting_id), 422
    return act(
        token,
        lambda: rate_meeting(token, meeting_id, form.opinion, now=now),
        _("Thank you for your word."),
        "rate",
    )


def _rate_page(token: str, own: Own, wrong: RatingForm | None, meeting_id: int = 0) -> str:
    now, rated = utc_now(), list_own_ratings(read_session(), own.id)
    stage = find_rating_stage(own.day.view.ends_at, now)
    over = [one for one in show_schedule(own.day, own.id, own.keys.time_zone) if one.starts_at <= now]
    forms = [
        (
            one,
            wrong
            if wrong is not None and one.id == meeting_id
            else RatingForm(one.id, stage, given=rated.get((one.id, stage)), formdata=None),
        )
        for one in over
    ]
    return show_page("rate", token, own, forms=forms, stage=stage, wrong=wrong, has_errors=wrong is not None)


@meetings.get("/schedule.ics")
@gate
def file(token: str) -> ResponseReturnValue:
    """Own meetings for calendars that don't take invitations by mail."""
    own = open_page(token)
    entries = list_own_entries(read_session(), own.id)
    body = build_publish(
        [build_invitation(entry, alarm_minutes=REMINDER_MINUTES) for entry in entries],
        name=event_title(own.day),
    )
    return calendar_response(body, name="meetings.ics")
