"""How a slot stands, in the host's words, and which answers can be given now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten

from bookings.domain.slots import (
    ASKED_STATES,
    SLOT_MACHINE,
    SlotAction,
    SlotState,
    answer_cut_off,
    has_expired,
)
from bookings.domain.visits import CLOSED_STATES, PLANNABLE_STATES
from bookings.i18n import format_instant_on
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.hosts import HostPage

_ANSWERABLE = (*ASKED_STATES, SlotState.ACCEPTED, SlotState.DECLINED, SlotState.CANCELLED)

Words = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is true, until when it can be changed, and which parts of the form are there."""

    title: str
    sentences: tuple[str, ...]
    tone: str
    answers: frozenset[SlotAction]
    by: datetime | None = None

    @property
    def can_accept(self) -> bool:
        return SlotAction.ACCEPT in self.answers

    @property
    def can_decline(self) -> bool:
        return SlotAction.DECLINE in self.answers

    @property
    def can_propose(self) -> bool:
        return SlotAction.PROPOSE_TIME in self.answers

    @property
    def can_hesitate(self) -> bool:
        return SlotAction.MAYBE in self.answers


def describe(page: HostPage, *, now: datetime, cut_off_hours: int) -> Situation:
    """The situation of a slot for its host."""
    slot = page.slot
    state = current_state(page, now=now)
    cut_off = answer_cut_off(slot.starts_at, hours=cut_off_hours, respond_by=slot.respond_by)
    is_late = now >= cut_off
    answers = frozenset() if is_late or not page.is_current else _list_answers(page, state)
    title, text, tone = _state_words(page, state)
    by = slot.respond_by if state in ASKED_STATES else None
    if state is SlotState.ACCEPTED and answers:
        by = cut_off
    return Situation(
        title=title,
        sentences=tuple(filter(None, (text, _limits(page, state, is_late=is_late)))),
        tone=tone,
        answers=answers,
        by=by,
    )


def current_state(page: HostPage, *, now: datetime) -> SlotState:
    """The state as the nightly job would write it: who let the deadline pass has expired."""
    state = SlotState(page.slot.state)
    if state in ASKED_STATES and has_expired(page.slot.respond_by, now=now):
        return SlotState.EXPIRED
    return state


def _list_answers(page: HostPage, state: SlotState) -> frozenset[SlotAction]:
    is_open = page.slot.visit.state in PLANNABLE_STATES and not page.is_replaced
    if state not in _ANSWERABLE or not is_open:
        return frozenset()
    wanted = [SlotAction.ACCEPT, SlotAction.PROPOSE_TIME, SlotAction.DECLINE]
    if state is SlotState.PENDING:
        wanted.append(SlotAction.MAYBE)
    found = {action for action in wanted if SLOT_MACHINE.can(state, action)}
    # A yes that is given needs no button for it; taking it back is the host's cancelling.
    if state is SlotState.ACCEPTED:
        found = {SlotAction.PROPOSE_TIME, SlotAction.DECLINE}
    if state in (SlotState.DECLINED, SlotState.CANCELLED):
        found &= {SlotAction.ACCEPT}
    return frozenset(found)


def _limits(page: HostPage, state: SlotState, *, is_late: bool) -> str:
    """Why nothing can be answered here, when something still could be answered somewhere."""
    if state not in (*ASKED_STATES, SlotState.ACCEPTED):
        return ""
    if not page.is_current:
        return _(
            "The visit has changed since the mail whose link you used. Below is what is planned now. "
            "This link cannot answer any more: please use the newest mail about this visit."
        )
    if is_late:
        return _("The visit is too close to change the answer here. Please call or write to the coordinator.")
    return ""


def _state_words(page: HostPage, state: SlotState) -> Words:
    """Title, sentence and tone."""
    slot = page.slot
    when = format_instant_on(slot.answered_at, slot.time_zone) if slot.answered_at else ""
    if state is SlotState.CANCELLED and page.is_current and when:
        # A link follows the host's own answers only.
        return _("You have taken your yes back"), _no_words(when), "calm"
    if state is SlotState.WITHDRAWN and slot.visit.state in CLOSED_STATES:
        state = SlotState.CANCELLED
    if state in _ANSWERS:
        # A heading: the whole name stands below it.
        name = shorten(slot.visit.delegation.organisation_name, 60, placeholder="…")
        return _ANSWERS[state](name, when)
    title, text, tone = _QUIET_WORDS[state]
    return str(title), str(text), tone


def _no_words(when: str) -> str:
    if when:
        return _("You declined on %(time)s. Your time is free again.", time=when)
    return _("Your time is free again.")


def _asked(name: str, _when: str) -> Words:
    return _("Can you receive %(delegation)s?", delegation=name), "", "wait"


def _unsure(name: str, _when: str) -> Words:
    text = _("You said that you are not sure yet.")
    return _("Can you receive %(delegation)s?", delegation=name), text, "wait"


def _accepted(name: str, when: str) -> Words:
    text = _("You accepted on %(time)s.", time=when) if when else _("You have accepted.")
    return _("You receive %(delegation)s", delegation=name), text, "good"


def _declined(_name: str, when: str) -> Words:
    return _("You have declined"), _no_words(when), "calm"


_ANSWERS: dict[SlotState, Callable[[str, str], Words]] = {
    SlotState.PENDING: _asked,
    SlotState.TENTATIVE: _unsure,
    SlotState.ACCEPTED: _accepted,
    SlotState.DECLINED: _declined,
}
_QUIET_WORDS: dict[SlotState, Words] = {
    SlotState.DRAFT: (_l("This visit is being planned"), _l("You need not do anything."), "calm"),
    SlotState.COUNTERED: (
        _l("You have proposed other times"),
        _l("We look at your proposal and write to you. Until then we keep the first time as well."),
        "info",
    ),
    SlotState.EXPIRED: (
        _l("The time to answer has passed"),
        _l("Your time is free again, and we may have asked somebody else. Write to us if you still can."),
        "calm",
    ),
    SlotState.WITHDRAWN: (
        _l("This question has been taken back"),
        _l("The programme has changed, and your time is free again. You need not do anything."),
        "calm",
    ),
    SlotState.CANCELLED: (
        _l("This visit does not take place"),
        _l("Your time is free again. You need not do anything."),
        "bad",
    ),
    SlotState.COMPLETED: (_l("The visit has taken place"), _l("Thank you for receiving it."), "calm"),
    SlotState.NO_SHOW: (_l("The visit did not take place"), _l("We are sorry."), "calm"),
}
