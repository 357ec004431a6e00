"""Whose page it is: what all pages of one participant's meetings share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.event_errors import MeetingNotPossibleError, TimeHeldError
from bookings.domain.links import LinkPurpose
from bookings.domain.meetings import MatchPhase, MeetingState
from bookings.queries.meetings.day import Day, PersonView, load_day
from bookings.queries.meetings.own import OwnKeys, open_own
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.meetings.shown import event_title
from bookings.web.security import link_gate

meetings = Blueprint("meetings", __name__, url_prefix="/registrations/<token>/meetings")
gate = link_gate(LinkPurpose.MANAGE_REGISTRATION)


@dataclass(frozen=True)
class Own:
    """Whose page it is, on which day."""

    keys: OwnKeys
    day: Day

    @property
    def id(self) -> int:
        return self.keys.registration_id

    @property
    def person(self) -> PersonView | None:
        """The participant, once there is a profile."""
        return self.day.people.get(self.id)

    def sees(self, state: str) -> bool:
        """Provisional meetings are seen once they are released."""
        return self.day.view.phase is not MatchPhase.OPEN or state != MeetingState.PROVISIONAL


def open_page(token: str) -> Own:
    keys = open_own(read_session(), token, now=utc_now())
    return Own(keys, load_day(read_session(), keys.event_id))


def show_page(name: str, token: str, own: Own, **values: object) -> str:
    """A page with what all of them read."""
    return render_template(
        f"meetings/{name}.html", token=token, own=own, day=own.day, event_title=event_title(own.day), **values
    )


def act(token: str, use_case: Callable[[], object], done: str, endpoint: str = "show") -> ResponseReturnValue:
    """One use case; what cannot be done now is said on the page."""
    try:
        use_case()
    except (MeetingNotPossibleError, TimeHeldError) as error:
        flash(refusal_sentence(error), "error")
    else:
        flash(done, "success")
    return back_to(token, endpoint)


def back_to(token: str, endpoint: str = "show", **values: Any) -> ResponseReturnValue:
    """To a page, after something was done."""
    return redirect(url_for(f"meetings.{endpoint}", token=token, **values), 303)
