"""How a registration stands, in plain words, and what comes next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bookings.domain.events import EventState
from bookings.domain.registrations import RegistrationState
from bookings.i18n import format_instant_on, ngettext
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.registrations.person_page import PersonPage

STATES = {
    RegistrationState.UNVERIFIED: (_l("Address not confirmed"), "draft"),
    RegistrationState.PENDING: (_l("Waiting for the organisers"), "wait"),
    RegistrationState.WAITING: (_l("In the queue"), "wait"),
    RegistrationState.OFFERED: (_l("Place offered"), "info"),
    RegistrationState.REGISTERED: (_l("Registered"), "good"),
    RegistrationState.CANCELLED: (_l("Cancelled"), "bad"),
    RegistrationState.REFUSED: (_l("Declined"), "bad"),
    RegistrationState.EXPIRED: (_l("Expired"), "calm"),
}


@dataclass(frozen=True)
class Situation:
    """One heading, one sentence, and what comes next."""

    tone: str
    title: str
    text: str
    next: str = ""


def describe(page: PersonPage, *, now: datetime) -> Situation:
    """How things stand for whoever opens the page."""
    if page.event.state == EventState.CANCELLED:
        return Situation("bad", _("The event does not take place"), page.event.cancelled_reason)
    if page.state is RegistrationState.REGISTERED and now >= page.event.ends_at:
        return Situation("calm", _("The event is over"), _("Thank you for coming."))
    return _SITUATIONS[page.state](page)


def _unverified(page: PersonPage) -> Situation:
    return Situation(
        "wait",
        _("Your address is not confirmed yet"),
        _("Open the link in the first mail that we sent you."),
    )


def _pending(page: PersonPage) -> Situation:
    return Situation(
        "wait",
        _("The organisers look at your registration"),
        _("They choose who can come, and answer you by mail."),
        _("You need not do anything now."),
    )


def _waiting(page: PersonPage) -> Situation:
    queued = page.queued
    if queued is None:
        return Situation("wait", _("You stand in the queue"), _("We write to you when a place is free."))
    text = _("You are number %(place)d in the queue.", place=queued.place)
    if queued.people > 1:
        text += " " + _(
            "You come as a group of %(people)d: it is offered places when there are enough for all of it.",
            people=queued.people,
        )
    if queued.passed_over:
        text += " " + ngettext(
            "%(num)d time somebody who needs fewer seats was offered a place before you. You stay in front.",
            "%(num)d times somebody who needs fewer seats was offered a place before you. You stay in front.",
            queued.passed_over,
        )
    return Situation(
        "wait",
        _("You stand in the queue"),
        text,
        _("Places are offered in the order of joining. We write to you when one is free."),
    )


def _offered(page: PersonPage) -> Situation:
    until = page.registration.respond_by
    when = format_instant_on(until, page.registration.time_zone) if until else ""
    if page.queued and page.queued.people > 1:
        return Situation(
            "info",
            _("There are places for all of you"),
            _(
                "They are kept for you until %(when)s. After that they go to the next in the queue.",
                when=when,
            ),
            _("Take them or leave them below."),
        )
    return Situation(
        "info",
        _("A place is free for you"),
        _("It is kept for you until %(when)s. After that it goes to the next in the queue.", when=when),
        _("Take it or leave it below."),
    )


def _registered(page: PersonPage) -> Situation:
    if page.awaits_proof:
        return Situation(
            "wait",
            _("A place is kept for you"),
            _(
                "We have written to %(address)s. Open the link in that mail to confirm your address.",
                address=page.registration.email,
            ),
            _("Nothing there? Look among the unwanted mails, or write another address below."),
        )
    if not page.is_complete:
        return Situation(
            "info",
            _("A place is kept for you"),
            _("Somebody has registered you for this event. Tell us who you are, so that we can expect you."),
        )
    return Situation(
        "good",
        _("You are registered"),
        _("We look forward to seeing you."),
        _("If you cannot come, cancel or hand the place over below: others wait for it."),
    )


def _cancelled(page: PersonPage) -> Situation:
    return Situation(
        "calm", _("This registration is cancelled"), _("Your place is free for others. Nothing more to do.")
    )


def _refused(page: PersonPage) -> Situation:
    return Situation(
        "bad", _("The organisers could not give you a place"), page.registration.closed_reason or ""
    )


def _expired(page: PersonPage) -> Situation:
    return Situation(
        "calm",
        _("This registration has expired"),
        _("It was not confirmed in time, and the place went to somebody else. Register again if you like."),
    )


_SITUATIONS: dict[RegistrationState, Callable[[PersonPage], Situation]] = {
    RegistrationState.UNVERIFIED: _unverified,
    RegistrationState.PENDING: _pending,
    RegistrationState.WAITING: _waiting,
    RegistrationState.OFFERED: _offered,
    RegistrationState.REGISTERED: _registered,
    RegistrationState.CANCELLED: _cancelled,
    RegistrationState.REFUSED: _refused,
    RegistrationState.EXPIRED: _expired,
}
