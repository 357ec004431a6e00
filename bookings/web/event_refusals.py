"""Statuses and sentences of what events, registrations, doors and meetings refuse."""

from collections.abc import Callable

from bookings.domain import event_errors as e
from bookings.domain.errors import BookingError
from bookings.i18n import format_instant
from bookings.i18n import gettext as _
from bookings.web.refusals import Refusal


def _tell_adviser_taken(error: e.AdviserTakenError) -> str:
    if not error.next_free:
        return _("This time has just been booked. Choose another one.")
    times = " · ".join(format_instant(moment, error.time_zone) for moment in error.next_free)
    return _("This time has just been booked. The next free times are: %(times)s.", times=times)


_DAY_PROBLEMS: dict[str, Callable[[], str]] = {
    "length": lambda: _("The day of an adviser ends after it begins, and lasts 14 hours at most."),
    "outside": lambda: _("The day of an adviser lies within the event."),
    "pause": lambda: _("The pause lies inside the day, with time before and after it."),
    "short": lambda: _("The day is too short for a single meeting."),
    "booked": lambda: _("Meetings that are booked would fall out of the day. Move or cancel these first."),
}

EVENT_REFUSALS: dict[type[BookingError], Refusal] = {
    e.AdviserDayError: Refusal(
        422,
        lambda: _("The adviser's day cannot be like this"),
        lambda error: _DAY_PROBLEMS[error.code](),
    ),
    e.AdviceTimeError: Refusal(
        409,
        lambda: _("This time cannot be booked"),
        lambda error: _("The adviser has no free time that begins then. Choose one of the times shown."),
    ),
    e.AdviserTakenError: Refusal(409, lambda: _("This time is taken"), _tell_adviser_taken),
}
