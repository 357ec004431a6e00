"""How a visit stands, in the visitor's words: what is true, what comes next, who acts, and by when."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bookings.domain.visits import Actor, VisitState
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.i18n import ngettext
from bookings.queries.promises import promise_first_answer, promise_planning
from bookings.queries.visitor import OwnVisit


@dataclass(frozen=True, kw_only=True)
class Situation:
    """`actor` is whose turn it is, in words; nobody's when it is empty."""

    title: str
    text: str
    next: str = ""
    actor: str = ""
    by: datetime | None = None
    tone: str = "info"


_YOU, _COORDINATORS, _HOSTS = _l("You"), _l("The coordinators"), _l("The hosts")


def describe(own: OwnVisit, *, now: datetime) -> Situation:
    """The situation of a visit for its visitor. A promise that was not kept is no date, but a regret."""
    found = _held(own) if own.visit.is_held_for_moderation else _SITUATIONS[own.state](own)
    is_late = found.by is not None and found.by <= now and found.actor == str(_COORDINATORS)
    if not is_late:
        return found
    sorry = _("It takes longer than we promised; we are sorry. Write to us if you cannot wait.")
    return replace(found, by=None, next=f"{found.next} {sorry}")


def _held(own: OwnVisit) -> Situation:
    return Situation(
        title=_("We look at your request first"),
        text=_("Many requests came in at once, so a coordinator looks at this one before it goes on."),
        next=_("You need not do anything. We write to you when it goes on."),
        actor=str(_COORDINATORS),
        by=promise_first_answer(own.visit.created_at),
    )


def _unverified(own: OwnVisit) -> Situation:
    return Situation(
        title=_("Your e-mail address is not confirmed yet"),
        text=_("Nobody sees your request before you confirm your address."),
        next=_("Open the mail that we sent you and press the button in it."),
        actor=str(_YOU),
        by=own.visit.answer_by,
        tone="wait",
    )


def _submitted(own: OwnVisit) -> Situation:
    text = _("We have your answer, thank you.") if own.visit.answer else _("Your request has reached us.")
    return Situation(
        title=_("We are reading your request"),
        text=" ".join((text, _("It is a request, not yet a confirmed visit."))),
        next=_("A coordinator reads it, looks for hosts that fit, and asks you if something is unclear."),
        actor=str(_COORDINATORS),
        by=promise_first_answer(own.visit.state_changed_at),
    )


def _needs_info(own: OwnVisit) -> Situation:
    return Situation(
        title=_("We have a question for you"),
        text=_("We need your answer before we can go on."),
        next=_("Answer the question below."),
        actor=str(_YOU),
        by=own.visit.answer_by,
        tone="wait",
    )


def _planning(own: OwnVisit) -> Situation:
    text = _("We are choosing hosts and times that fit your request.")
    if own.open_wishes:
        text = _("We have your wish and are changing the programme. Hosts that said yes keep your time free.")
    return Situation(
        title=_("We are planning your visit"),
        text=text,
        next=_("We ask the hosts, and then send you a programme to accept."),
        actor=str(_COORDINATORS),
        by=promise_planning(own.visit.state_changed_at),
    )


def _awaiting_hosts(own: OwnVisit) -> Situation:
    asked = len(own.stops)
    said_yes = ngettext("%(num)d host has been asked.", "%(num)d hosts have been asked.", asked)
    deadlines = [stop.respond_by for stop in own.open_stops if stop.respond_by]
    return Situation(
        title=_("We are waiting for the hosts"),
        text=" ".join((said_yes, _("%(done)d of them have said yes.", done=len(own.agreed_stops)))),
        next=_(
            "When the hosts have answered, we send you the programme. If one cannot, we look for another."
        ),
        actor=str(_HOSTS if deadlines else _COORDINATORS),
        by=max(deadlines) if deadlines else promise_planning(own.visit.state_changed_at),
        tone="wait",
    )


def _proposed(own: OwnVisit) -> Situation:
    return Situation(
        title=_("Your programme is ready"),
        text=_("The hosts have agreed to these times and keep them free for you."),
        next=_("We wait for a letter; below you see from whom.")
        if own.letter_from
        else _("Look through the programme. Accept it, or tell us what you wish to have changed."),
        actor=str(_YOU),
        by=own.visit.answer_by,
        tone="wait",
    )


def _confirmed(own: OwnVisit) -> Situation:
    return Situation(
        title=_("Your visit is confirmed"),
        text=_("All hosts expect you. Put the programme into your calendar."),
        next=_("Come in good time. If something changes, we write to you, and this page shows it."),
        tone="good",
    )


def _completed(own: OwnVisit) -> Situation:
    return Situation(
        title=_("The visit has taken place"),
        text=_("Thank you for coming. We hope that you saw what you came for."),
        next=_("If you want to come again, send a new request."),
        tone="calm",
    )


def _declined(own: OwnVisit) -> Situation:
    return Situation(
        title=_("We cannot receive this visit"),
        text=_("We are sorry. You find the reason below."),
        next=_("You are welcome with another request, or write to us."),
        tone="bad",
    )


def _cancelled(own: OwnVisit) -> Situation:
    by_visitor = own.visit.closed_by == Actor.VISITOR
    return Situation(
        title=_("You have withdrawn this visit") if by_visitor else _("The visit is called off"),
        text=_("Every host that kept time free for you has been told.")
        if own.has_let_go
        else _("No host keeps time free for you, so nobody else needs to be told."),
        next=_("If this was a mistake, write to us: we can take the visit up again. Or send a new request."),
        tone="bad",
    )


def _expired(own: OwnVisit) -> Situation:
    return Situation(
        title=_("This request has run out"),
        text=_("We had no answer from you in time, so the hosts have their time back.")
        if own.has_let_go
        else _("We had no answer from you in time, so we have closed it."),
        next=_("Write to us if you still want to come: we can take it up again. Or send a new request."),
        tone="calm",
    )


_SITUATIONS: dict[VisitState, Callable[[OwnVisit], Situation]] = {
    VisitState.UNVERIFIED: _unverified,
    VisitState.SUBMITTED: _submitted,
    VisitState.NEEDS_INFO: _needs_info,
    VisitState.PLANNING: _planning,
    VisitState.AWAITING_HOSTS: _awaiting_hosts,
    VisitState.PROPOSED: _proposed,
    VisitState.CONFIRMED: _confirmed,
    VisitState.COMPLETED: _completed,
    VisitState.DECLINED: _declined,
    VisitState.CANCELLED: _cancelled,
    VisitState.EXPIRED: _expired,
}
