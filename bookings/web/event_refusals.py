"""Statuses and sentences of what events, registrations, doors and meetings refuse."""

from collections.abc import Callable

from bookings.domain import event_errors as e
from bookings.domain.errors import BookingError
from bookings.i18n import format_instant, ngettext
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

_QUESTION_PROBLEMS: dict[str, Callable[[e.QuestionNotUsableError], str]] = {
    "label": lambda error: _("Write the question, in one language at least."),
    "many": lambda error: _("A form has %(most)s questions at most.", most=error.most),
    "options": lambda error: _(
        "Give between %(least)s and %(most)s answers to choose from.", least=error.least, most=error.most
    ),
    "option_label": lambda error: _("Write each answer, in one language at least."),
    "option_twice": lambda error: _("The same answer stands here twice."),
    "consent_required": lambda error: _(
        "A consent is given freely, so nobody can be made to give it. Take away “has to be answered”."
    ),
    "sensitive_required": lambda error: _(
        "Nobody has to tell about health, diet or faith. Take away “has to be answered”."
    ),
    "sensitive_consent": lambda error: _("A consent is itself no sensitive answer."),
    "condition_unknown": lambda error: _(
        "Another question is shown only after certain answers to this one, or this one depends on a question "
        "that is gone: nobody would ever see it. Change the condition first."
    ),
    "condition_later": lambda error: _(
        "A question can only depend on one that stands above it: otherwise nobody would ever see it."
    ),
    "condition_value": lambda error: _(
        "A condition needs an answer that the other question has: otherwise nobody would ever see the question."
    ),
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
    e.TimeHeldError: Refusal(
        409,
        lambda: _("This time is taken"),
        lambda error: _(
            "One of the two, or the table, is in another meeting at this time. Choose another one."
        ),
    ),
    e.AdviserTakenError: Refusal(409, lambda: _("This time is taken"), _tell_adviser_taken),
    e.QuestionNotUsableError: Refusal(
        422,
        lambda: _("The question cannot be like this"),
        lambda error: _QUESTION_PROBLEMS[error.code](error),
    ),
    e.QuestionAnsweredError: Refusal(
        409,
        lambda: _("The question has answers"),
        lambda error: ngettext(
            "%(num)d person has answered it. If you remove the question, the answer goes too.",
            "%(num)d people have answered it. If you remove the question, the answers go too.",
            error.people,
        ),
    ),
}
