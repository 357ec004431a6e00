"""The sentences of refusals that are made of what the refusal carries; web/errors.py says which is whose."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bookings.domain import errors as e
from bookings.i18n import format_day, format_instant, ngettext
from bookings.i18n import gettext as _
from bookings.web.planning_texts import duration_words


@dataclass(frozen=True)
class Refusal:
    """How one refusal is told: status, heading, and the sentence made of its attributes."""

    status: int
    title: Callable[[], str]
    sentence: Callable[[Any], str]


def tell_nearest(error: e.TimeDoesNotExistError) -> str:
    """The times before and after the gap."""
    before, after = (format_instant(moment, error.time_zone) for moment in error.nearest)
    return _(
        "The clocks are put forward then, so this time does not exist. "
        "The nearest times are %(before)s and %(after)s.",
        before=before,
        after=after,
    )


def tell_candidates(error: e.TimeIsAmbiguousError) -> str:
    """The two equal times."""
    first, second = (format_instant(moment, error.time_zone) for moment in error.candidates)
    return _(
        "The clocks are put back then, so this time comes twice: "
        "%(first)s and %(second)s. Choose one of them.",
        first=first,
        second=second,
    )


def tell_taken(error: e.SlotTakenError) -> str:
    """Who is not free, and when next."""
    if not error.next_free:
        return _("This time has just been taken. Choose another one.")
    times = " · ".join(format_instant(moment, error.time_zone) for moment in error.next_free)
    return _(
        "%(host)s is not free at this time any more. The next free times are: %(times)s.",
        host=error.organisation_name or _("The host"),
        times=times,
    )


def tell_overlap(error: e.SlotsOverlapError) -> str:
    """Whether they overlap themselves, or leave too little time to travel."""
    if error.available_minutes < 0:
        return ngettext(
            "Two stops overlap by %(num)d minute.",
            "Two stops overlap by %(num)d minutes.",
            -error.available_minutes,
        )
    if error.needed_minutes <= error.available_minutes:  # somebody else was quicker, and the database says so
        return _("Something has changed in the meantime. Load the page again to see how things stand now.")
    return _(
        "The delegation needs %(needed)s between two stops and has %(available)s.",
        needed=duration_words(error.needed_minutes),
        available=duration_words(error.available_minutes),
    )


MAILING_PROBLEMS: dict[str, Callable[[], str]] = {
    "missing": lambda: _("Write it in one language at least."),
    "half": lambda: _("Write both the subject and the text in each language that you use."),
    "nobody": lambda: _("Nobody would get this mail."),
}


def tell_text_problem(error: e.TextNotAllowedError) -> str:
    """Too long, or invisible characters."""
    if error.code == "too_long":
        return _("Use at most %(count)s characters.", count=error.max_length)
    return _("Remove the invisible control characters from this text.")


def tell_costs_problem(error: e.CostsNotAcceptedError) -> str:
    """No tick, or a tick under an older text."""
    if error.has_changed:
        return _(
            "The text about the costs has changed since you opened this page. Read the text as it is "
            "now, tick the box if you agree to it, and send the request once more."
        )
    return _("Tick the box to say that you pay your own costs. We cannot plan a visit without it.")


PROPOSAL_PROBLEMS: dict[str, Callable[[], str]] = {
    "none": lambda: _("Offer at least one other time."),
    "past": lambda: _("Offer times that lie in the future."),
    "order": lambda: _("The end has to be after the start."),
    "short": lambda: _("A stop takes at least 15 minutes. Check both times."),
    "long": lambda: _("A stop takes at most 12 hours. Check both times."),
    "same": lambda: _("This is the time that was asked for. Accept it instead, or offer another one."),
}


def tell_proposal_problem(error: e.ProposedTimeNotUsableError) -> str:
    """Why this time cannot be offered."""
    if error.first is None or error.last is None:
        return PROPOSAL_PROBLEMS[error.code]()
    return _(
        "The visitors are not here then. Offer a time between %(first)s and %(last)s, or decline and say "
        "when it would suit you.",
        first=format_day(error.first),
        last=format_day(error.last),
    )


PASSWORD_PROBLEMS: dict[str, Callable[[int], str]] = {
    "too_short": lambda limit: _(
        "Use at least %(count)s characters. A sentence that only you know is easy to remember.", count=limit
    ),
    "too_long": lambda limit: _("Use at most %(count)s characters.", count=limit),
    "common": lambda limit: _(
        "This password is easy to guess: it is made of common words or of one part repeated. Choose another."
    ),
    "personal": lambda limit: _("Do not use your name, your address or the name of this service."),
    "same": lambda limit: _("Choose a password that differs from the one you have now."),
}

SLOT_TIME_PROBLEMS: dict[str, Callable[[], str]] = {
    "past": lambda: _("This time has passed. Choose one that lies ahead."),
    "order": lambda: _("The end has to be after the start."),
}

CALENDAR_PROBLEMS: dict[str, Callable[[], str]] = {
    "too_long": lambda: _("This address is too long."),
    "characters": lambda: _("Copy the whole address, without blanks and without letters like ä or ö."),
    "no_address": lambda: _(
        "This is not the address of a calendar. Copy it whole from the calendar program."
    ),
    "no_https": lambda: _("Only addresses that begin with https:// or webcal:// are read."),
    "sign_in": lambda: _("Leave out the name and the password: only addresses without a sign-in are read."),
    "not_public": lambda: _("Only calendars on the open internet are read, none inside a network."),
}

DETAIL_PROBLEMS: dict[str, Callable[[], str]] = {
    "missing": lambda: _("Fill this in."),
    "order": lambda: _("The end has to be after the start."),
    "unknown": lambda: _("Choose one of the list."),
    "day": lambda: _("Write a day that exists, like 2026-10-12."),
    "weekdays": lambda: _("Choose at least one day of the week."),
    "clock": lambda: _("Write a time of the day, like 13:30."),
    "taken": lambda: _("This is here already."),
    "number": lambda: _("This is not an organisation number of that country. Check every digit."),
}


def tell_detail_problem(error: e.HostDetailNotUsableError) -> str:
    """What is wrong with something said of a host."""
    if error.code == "range":
        return _("Write a number between %(least)s and %(most)s.", least=error.least, most=error.most)
    if error.code == "areas":
        return _("Choose topics of at most %(count)s areas.", count=error.least)
    if error.code == "many":
        return _("Choose %(count)s at most.", count=error.least)
    return DETAIL_PROBLEMS[error.code]()


def tell_journey_problem(error: e.JourneyNotUsableError) -> str:
    """Why a delegation cannot come, go or part like this."""
    if error.code == "days" and error.first and error.last:
        return _(
            "This is too far from the wished days. Choose a day between %(first)s and %(last)s.",
            first=format_day(error.first),
            last=format_day(error.last),
        )
    if error.code == "range":
        return _("Write a whole number between 1 and %(most)d.", most=error.most)
    if error.code == "in_use":
        return _(
            "Stops of single groups stand in the programme: it keeps %(groups)d groups. Give these stops to "
            "the whole delegation first.",
            groups=error.most,
        )
    return JOURNEY_PROBLEMS[error.code]()


JOURNEY_PROBLEMS: dict[str, Callable[[], str]] = {
    "place": lambda: _("Choose one of the list."),
    "order": lambda: _("The departure has to be after the arrival."),
}


def tell_missing_fields(error: e.FieldsMissingError) -> str:
    """Which fields the text must have."""
    names = ", ".join(f"{{{name}}}" for name in error.missing)
    return _("The reader needs %(names)s: put it into the text, or leave the text empty.", names=names)


SETTING_PROBLEMS: dict[str, Callable[[], str]] = {
    "missing": lambda: _("Fill this in."),
    "order": lambda: _("The second one has to be after the first."),
    "taken": lambda: _("There is a version of this name already."),
    "past": lambda: _("Choose today or a later day."),
    "used": lambda: _("Visitors have agreed to this version, so it stays. Add a new version instead."),
    "shown": lambda: _("This picture is shown already."),
    "picture": lambda: _("This is no picture that we can show. Choose a PNG, JPEG or WebP file."),
}


def tell_setting_problem(error: e.SettingNotUsableError) -> str:
    """What is wrong with a setting."""
    if error.code == "range":
        return _("Write a number between %(least)s and %(most)s.", least=error.least, most=error.most)
    if error.code == "large":
        return _("The file is too large. It may have %(most)s kB at most.", most=error.most)
    if error.code == "many":
        return _("There can be %(most)s at most. Remove one first.", most=error.most)
    return SETTING_PROBLEMS[error.code]()


def tell_fields_problem(error: e.FieldsNotKnownError) -> str:
    """Which fields are not known here, and which are."""
    unknown = ", ".join(f"{{{name}}}" for name in error.unknown)
    if not error.allowed:
        return _(
            "%(names)s is no field of this text: it has none. Write the words themselves.", names=unknown
        )
    return _(
        "%(names)s is no field of this text. It may have: %(allowed)s.",
        names=unknown,
        allowed=", ".join(f"{{{name}}}" for name in error.allowed),
    )


def tell_label_problem(error: e.LabelNotUsableError) -> str:
    """Why a label cannot be called or made so."""
    if error.code == "many":
        return _("There are %(count)s labels already. Remove one first.", count=error.most)
    return _("There is such a label already.") if error.code == "taken" else _("Write the name.")


def tell_merge_problem(error: e.VisitsNotMergeableError) -> str:
    """Why two requests cannot be taken together."""
    if error.code == "same":
        return _("This is the same request. Choose another one.")
    if error.code == "closed":
        return _("%(reference)s is closed. Only open requests are taken together.", reference=error.reference)
    return _(
        "Hosts were asked for %(reference)s already: %(hosts)s. Withdraw these stops first, or let this "
        "request be the one that stays.",
        reference=error.reference,
        hosts=", ".join(error.hosts),
    )


def tell_hold_problem(error: e.HoldNotAllowedError) -> str:
    """Which last day evidence can have."""
    if error.code == "past":
        return _("This day is over. Write a day to come.")
    return _("Evidence is kept for %(years)s years at most.", years=error.years)


UNDO_PROBLEMS: dict[str, Callable[[str], str]] = {
    "done": lambda by: _("This was taken back already."),
    "changed": lambda by: (
        _("%(name)s has changed it since. Look at how it is now, and change it there.", name=by)
        if by
        else _("It was changed since. Look at how it is now, and change it there.")
    ),
    "told": lambda by: _(
        "People know of this already, so nothing is taken back behind them. Plan a change or withdraw the "
        "stop: they are told with the next release."
    ),
    "old": lambda by: _("This was too long ago. Change it where it stands."),
}


def tell_letter_missing(error: e.LetterMissingError) -> str:
    """Whose letter it is."""
    return _(
        "Visit %(reference)s is on behalf of %(name)s. It can be confirmed once we have their letter.",
        reference=error.reference,
        name=error.on_behalf_of,
    )
