"""Statuses and sentences of what events, registrations, doors and meetings refuse."""

from collections.abc import Callable

from bookings.domain import event_errors as e
from bookings.domain.errors import BookingError
from bookings.domain.events import choose_text
from bookings.i18n import current_language, format_instant, ngettext
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
    "known": lambda: _("Somebody with this address advises at this event already."),
    "booked": lambda: _("Meetings that are booked would fall out of the day. Move or cancel these first."),
}

_MEETING_PROBLEMS: dict[str, Callable[[], str]] = {
    "times": lambda: _("No meeting fits into these times, or they overlap, or there are too many."),
    "tables": lambda: _("Give between 1 and 400 tables."),
    "taken": lambda: _("Meetings stand in the old times or at the old tables. Call these off first."),
    "cancelled": lambda: _("The meeting is off, or one of the two does not take part any more."),
    "again": lambda: _("The two meet already, or their organisations do."),
    "full": lambda: _("One of the two has as many meetings as a day can hold."),
    "no_time": lambda: _("There is no time that is free for both, with a break in each half of the day."),
    "gone": lambda: _("This time is not free for both any more. Choose another one."),
    "no_table": lambda: _("All tables are taken at this time."),
    "stands": lambda: _("You have a meeting with this person. Call it off first."),
    "phase": lambda: _("This is not possible at this stage of the planning."),
    "past": lambda: _("The time of this meeting is over."),
    "older": lambda: _(
        "An earlier version of this site found this schedule and chose no tables: it cannot be applied. "
        "Ask the solver again."
    ),
    "stale": lambda: _("Times or tables have changed since the solver looked at them. Ask it again."),
    "own_never": lambda: _("You have said that you never want to meet this person. Take that back first."),
    "early": lambda: _("This is possible once the meeting has begun."),
    "open": lambda: _("You have asked this person already, and the answer is still open."),
    "closed": lambda: _("The time for this is over."),
    "profile": lambda: _("Write your own profile first, so that others know who asks."),
    "colleague": lambda: _("This colleague is in another meeting then. Name somebody else."),
    "renamed": lambda: _("You have changed the name often today. Try again tomorrow, or write to us."),
    "many": lambda: _("Many of your requests are still open. Wait for answers, or take one back."),
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
        "A condition needs an answer that the other question has: otherwise nobody would ever see this one."
    ),
}


def _tell_full(error: e.EventFullError) -> str:
    # Free ones may be too few for a group, or wait for those in front.
    what = ", ".join(choose_text(one, current_language()) for one in error.what)
    if error.waiting_list_is_open and what:
        return _(
            "%(what)s: the places are taken, too few, or kept for the queue. You can stand in the queue.",
            what=what,
        )
    if error.waiting_list_is_open:
        return _("The places are taken, too few, or kept for the queue. You can stand in the queue.")
    if what:
        return _("%(what)s: the places are taken, or too few.", what=what)
    return _("The places are taken, or too few.")


def _tell_soon(error: e.RegistrationClosedError) -> str:
    if error.opens_at is None:
        return _("Registration has not opened yet.")
    return _("Registration opens %(when)s.", when=format_instant(error.opens_at, error.time_zone))


_CLOSED: dict[str, Callable[[e.RegistrationClosedError], str]] = {
    "soon": _tell_soon,
    "closed": lambda error: _("Registration is closed."),
    "cancelled": lambda error: _("The event does not take place."),
}


def _tell_lapsed(error: e.OfferLapsedError) -> str:
    if error.expired_at is None:
        return _("Register again: you then stand at the end of the queue.")
    return _(
        "It was kept until %(when)s. Register again: you then stand at the end of the queue.",
        when=format_instant(error.expired_at, error.time_zone),
    )


_EVENT_PROBLEMS: dict[str, Callable[[e.EventNotUsableError], str]] = {
    "missing": lambda error: _("Write it in one language at least."),
    "order": lambda error: _("The end has to be after the start."),
    "long": lambda error: _("An event lasts %(days)s days at most.", days=error.number),
    "range": lambda error: _("Write a whole number, %(most)s at most.", most=error.number),
    "late": lambda error: _("This has to be before the event begins."),
    "opening": lambda error: _("Registration has to open before it closes."),
    "decision_missing": lambda error: _("Say by when it is decided whether the event takes place."),
    "minimum": lambda error: _("There are only %(num)s places in all.", num=error.number),
    "outside": lambda error: _("This lies outside the time of the event."),
    "part_outside": lambda error: _("A part of the programme would lie outside the time of the event."),
    "ticket_outside": lambda error: _("A day ticket would be for a day on which the event is not held."),
    "partner_capacity": lambda error: _("Say how many places are set aside for partners."),
    "partner_seats": lambda error: _(
        "%(num)s places are set aside for partners: there cannot be fewer in all.", num=error.number
    ),
    "presence": lambda error: _("The event is not held in this way."),
    "tickets_presence": lambda error: _("There are kinds of tickets for the other way. Change these first."),
    "taken": lambda error: ngettext(
        "%(num)d place is taken already: there cannot be fewer.",
        "%(num)d places are taken already: there cannot be fewer.",
        error.number,
    ),
    "in_use": lambda error: ngettext(
        "%(num)d registration depends on it, so it stays as it is.",
        "%(num)d registrations depend on it, so it stays as it is.",
        error.number,
    ),
    "last_ticket": lambda error: _("An event has one kind of ticket at least."),
    "self": lambda error: _("An event cannot be a part of itself."),
    "over": lambda error: _("The event would be over already. Check day and time."),
    "clocks": lambda error: _("The clocks of this place show another time. Choose the zone of the place."),
}

_MISSING: dict[str, Callable[[], str]] = {
    "past": lambda: _("It is over already: give it another time."),
    "decision_past": lambda: _("The day of the decision is past."),
    "closed": lambda: _("Registration would be closed already."),
    "summary": lambda: _("A sentence that says what it is about is missing."),
    "place": lambda: _("The town is missing."),
    "venue": lambda: _("The name of the venue, or a host's site, is missing."),
    "tickets": lambda: _("There is no kind of ticket."),
}


def tell_missing(code: str) -> str:
    """What an event lacks before it can be published, in a sentence."""
    return _MISSING[code]()


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
    e.MeetingNotPossibleError: Refusal(
        409,
        lambda: _("This meeting is not possible"),
        lambda error: _MEETING_PROBLEMS[error.code](),
    ),
    e.HandOverError: Refusal(
        409,
        lambda: _("You have meetings at this event"),
        lambda error: _("Call your meetings off first; then somebody else can come in your place."),
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
    e.EventFullError: Refusal(409, lambda: _("There are no places left"), _tell_full),
    e.RegistrationClosedError: Refusal(
        409,
        lambda: _("Nobody can register now"),
        lambda error: _CLOSED[error.code](error),
    ),
    e.OrganisationLimitError: Refusal(
        409,
        lambda: _("Others shall have a place, too"),
        lambda error: ngettext(
            "From one organisation can come %(num)d person.",
            "From one organisation can come %(num)d people.",
            error.most,
        ),
    ),
    e.GroupTooLargeError: Refusal(
        422,
        lambda: _("The group is too large"),
        lambda error: ngettext(
            "You can register %(num)d person.",
            "You can register %(num)d people at once, yourself included.",
            error.most,
        ),
    ),
    e.AlreadyRegisteredError: Refusal(
        409,
        lambda: _("This address is registered already"),
        lambda error: _("Each person needs an e-mail address that nobody else at this event has."),
    ),
    e.OfferLapsedError: Refusal(409, lambda: _("The place is no longer kept for you"), _tell_lapsed),
    e.PartNotAvailableError: Refusal(
        422,
        lambda: _("One of the parts cannot be chosen"),
        lambda error: _("It has begun already, or your ticket doesn't cover it. Choose other parts."),
    ),
    e.AccessCodeError: Refusal(
        422,
        lambda: _("The access code is not right"),
        lambda error: _("Check the code in your invitation, or choose another kind of ticket."),
    ),
    e.TooManyMailsError: Refusal(
        429,
        lambda: _("No other mail leaves today"),
        lambda error: _(
            "We have written to %(address)s often today, or to others of your group. Look among the unwanted "
            "mails, or try again tomorrow.",
            address=error.email,
        ),
    ),
    e.TooManyCodesError: Refusal(
        429,
        lambda: _("Too many codes were tried"),
        lambda error: ngettext(
            "From your network came many codes that are not right. Wait for %(num)d minute, then try again.",
            "From your network came many codes that are not right. Wait for %(num)d minutes, then try again.",
            error.minutes,
        ),
    ),
    e.EventNotUsableError: Refusal(
        422,
        lambda: _("The event cannot be like this"),
        lambda error: _EVENT_PROBLEMS[error.code](error),
    ),
    e.EventNotReadyError: Refusal(
        409,
        lambda: _("The event cannot be published yet"),
        lambda error: " ".join(tell_missing(code) for code in error.missing),
    ),
}
