"""What staff can do with a visit: one table; each act has a page that says who gets a mail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bookings.domain.audit import Who
from bookings.domain.next_steps import Step
from bookings.domain.slots import SlotState
from bookings.domain.visits import OPEN_STATES, VISIT_MACHINE, VisitAction, VisitState
from bookings.i18n import lazy_gettext as _l
from bookings.queries.visits import VisitFile
from bookings.services.requests import let_request_pass
from bookings.services.visits import (
    answer_wish,
    ask_visitor,
    cancel_visit_by_staff,
    propose_programme,
    refuse_visit,
    reopen_visit,
    start_planning,
)

_BEFORE_HOSTS = (VisitState.SUBMITTED, VisitState.NEEDS_INFO, VisitState.PLANNING)


@dataclass(frozen=True, kw_only=True)
class StaffAction:
    """One button: its words, when it is there, and the use case behind it."""

    name: str
    button: str
    title: str
    lede: str
    done: str
    run: Callable[..., None]
    is_offered: Callable[[VisitFile], bool]
    step: Step | None = None
    """The step that this act is the answer to: its button comes first then."""
    asks_for: str = ""
    """Label of the text that is needed; nothing when the button says it all."""
    needs_words: bool = True
    """Otherwise the text may stay empty, and no mail leaves."""
    kind: str = "quiet"

    def act(self, reference: str, text: str, *, seen: int | None, who: Who, now: datetime) -> None:
        """Call the use case. Raises RecordChangedError when the visit is not as it was `seen`."""
        if self.run is let_request_pass:
            let_request_pass(reference, who=who, now=now)
        elif self.asks_for:
            self.run(reference, text, seen=seen, who=who, now=now)
        else:
            self.run(reference, seen=seen, who=who, now=now)


def _can(action: VisitAction) -> Callable[[VisitFile], bool]:
    return lambda file: (
        not file.visit.is_held_for_moderation and VISIT_MACHINE.can(VisitState(file.visit.state), action)
    )


def _can_start(file: VisitFile) -> bool:
    return file.visit.state != VisitState.PLANNING and _can(VisitAction.PLAN)(file)


def _can_refuse(file: VisitFile) -> bool:
    return file.visit.state in _BEFORE_HOSTS and _can(VisitAction.REFUSE)(file)


def _can_cancel(file: VisitFile) -> bool:
    return file.visit.state not in _BEFORE_HOSTS and _can(VisitAction.CANCEL)(file)


def _can_reopen(file: VisitFile) -> bool:
    return file.visit.anonymised_at is None and _can(VisitAction.REOPEN)(file)


def _can_propose(file: VisitFile) -> bool:
    is_planned = file.visit.state in (VisitState.PLANNING, VisitState.AWAITING_HOSTS)
    return is_planned and file.standing.count(SlotState.ACCEPTED) > 0


def _can_answer_wish(file: VisitFile) -> bool:
    return file.standing.has_wish and file.visit.state in OPEN_STATES


_ALL = (
    StaffAction(
        name="let-pass",
        button=_l("Let it pass"),
        title=_l("Let this request pass?"),
        lede=_l(
            "More requests than usual came from this mailbox or network. The visitor gets the mail that asks "
            "to confirm the address; after that the request stands in the queue."
        ),
        done=_l("The request was let pass. The visitor is asked to confirm the address."),
        run=let_request_pass,
        is_offered=lambda file: file.visit.is_held_for_moderation,
        step=Step.MODERATE,
    ),
    StaffAction(
        name="plan",
        button=_l("Start planning"),
        title=_l("Start planning this visit?"),
        lede=_l("The visitor's own page says that the visit is being planned. No host is asked yet."),
        done=_l("Planning has started. Choose hosts now."),
        run=start_planning,
        is_offered=_can_start,
        step=Step.TRIAGE,
    ),
    StaffAction(
        name="propose",
        button=_l("Propose to the visitor"),
        title=_l("Propose the programme to the visitor?"),
        lede=_l(
            "The visitor gets one mail with the programme as it stands and the cost agreement, and is asked "
            "to accept it or to wish a change."
        ),
        done=_l("The programme was sent to the visitor."),
        run=propose_programme,
        is_offered=_can_propose,
        step=Step.PROPOSE,
    ),
    StaffAction(
        name="answer-wish",
        button=_l("Dealt with the wish"),
        title=_l("Have you dealt with this wish?"),
        lede=_l(
            "The visitor sees it on their own page. What you write stands there too, and goes to the visitor "
            "in one mail."
        ),
        done=_l("The wish is dealt with."),
        run=answer_wish,
        is_offered=_can_answer_wish,
        step=Step.READ_WISH,
        asks_for=_l("Your answer to the visitor"),
        needs_words=False,
    ),
    StaffAction(
        name="ask",
        button=_l("Ask the visitor"),
        title=_l("Ask the visitor a question"),
        lede=_l("The visitor gets one mail with your question and a link to answer it."),
        done=_l("Your question was sent to the visitor."),
        run=ask_visitor,
        is_offered=_can(VisitAction.ASK),
        asks_for=_l("Your question"),
    ),
    StaffAction(
        name="decline",
        button=_l("Decline the request"),
        title=_l("Decline this request"),
        lede=_l("The visitor gets one mail with your reason. No host is told anything."),
        done=_l("The request was declined and the visitor told."),
        run=refuse_visit,
        is_offered=_can_refuse,
        asks_for=_l("Reason, as the visitor will read it"),
        kind="danger",
    ),
    StaffAction(
        name="cancel",
        button=_l("Cancel the visit"),
        title=_l("Cancel this visit"),
        lede=_l(
            "The visitor and every host who was asked get one mail each, and calendars remove the entries."
        ),
        done=_l("The visit was cancelled and everybody told."),
        run=cancel_visit_by_staff,
        is_offered=_can_cancel,
        asks_for=_l("Reason, as visitor and hosts will read it"),
        kind="danger",
    ),
    StaffAction(
        name="reopen",
        button=_l("Reopen the visit"),
        title=_l("Reopen this visit?"),
        lede=_l("The visit goes back to planning. Nobody gets a mail until you release something."),
        done=_l("The visit is being planned again."),
        run=reopen_visit,
        is_offered=_can_reopen,
    ),
)

ACTIONS = {action.name: action for action in _ALL}


def list_offered(file: VisitFile) -> list[StaffAction]:
    """What can be done with the visit as it stands."""
    return [action for action in _ALL if action.is_offered(file)]
