"""What has to happen next with a visit, and whose turn it is: derived from stored state, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bookings.domain.slots import ASKED_STATES, HOLDING_STATES, SlotState
from bookings.domain.visits import Actor, VisitState


class Step(StrEnum):
    VERIFY = "verify"
    MODERATE = "moderate"
    TRIAGE = "triage"
    READ_ANSWER = "read_answer"
    CHOOSE_HOSTS = "choose_hosts"
    RELEASE = "release"
    READ_WISH = "read_wish"
    JUDGE_PROPOSAL = "judge_proposal"
    REPLACE_HOST = "replace_host"
    PROPOSE = "propose"
    AWAIT_HOSTS = "await_hosts"
    AWAIT_VISITOR_ANSWER = "await_visitor_answer"
    AWAIT_LETTER = "await_letter"
    AWAIT_VISITOR_CONSENT = "await_visitor_consent"
    TAKE_PLACE = "take_place"
    NONE = "none"


@dataclass(frozen=True)
class NextStep:
    """What comes next, who acts (nobody: None), and until when where there is a deadline."""

    step: Step
    actor: Actor | None = None
    by: datetime | None = None


@dataclass(frozen=True)
class Standing:
    """What the rule looks at. `failed_hosts` said no or nothing, are required and have no replacement;
    `has_wish` means that the visitor wished a change and staff have not dealt with it, `has_planned` that
    something is planned of a stop and nobody was told of it yet, `lacks_letter` that it comes on behalf of
    somebody whose letter has not come."""

    state: VisitState
    slots: Mapping[SlotState, int] = field(default_factory=dict)
    failed_hosts: int = 0
    is_held: bool = False
    has_answer: bool = False
    has_wish: bool = False
    has_planned: bool = False
    lacks_letter: bool = False
    answer_by: datetime | None = None
    respond_by: datetime | None = None

    def count(self, *states: SlotState) -> int:
        """How many slots are in one of these states."""
        return sum(self.slots.get(state, 0) for state in states)


_STAFF_STEPS = frozenset(
    {
        Step.MODERATE,
        Step.TRIAGE,
        Step.READ_ANSWER,
        Step.CHOOSE_HOSTS,
        Step.RELEASE,
        Step.READ_WISH,
        Step.JUDGE_PROPOSAL,
        Step.REPLACE_HOST,
        Step.PROPOSE,
    }
)

_VISITOR_STEPS = (Step.VERIFY, Step.AWAIT_VISITOR_ANSWER, Step.AWAIT_LETTER, Step.AWAIT_VISITOR_CONSENT)


def find_next_step(standing: Standing) -> NextStep:
    """The one thing that moves the visit on; staff's own work comes before waiting for others."""
    step = _find_step(standing)
    if step in _STAFF_STEPS:
        return NextStep(step, Actor.STAFF)
    if step is Step.AWAIT_HOSTS:
        return NextStep(step, Actor.HOST, standing.respond_by)
    if step in _VISITOR_STEPS:
        return NextStep(step, Actor.VISITOR, standing.answer_by)
    return NextStep(step)


def _find_step(standing: Standing) -> Step:
    if standing.is_held:
        return Step.MODERATE
    if standing.state is VisitState.SUBMITTED:
        return Step.READ_ANSWER if standing.has_answer else Step.TRIAGE
    fixed = {
        VisitState.UNVERIFIED: Step.VERIFY,
        VisitState.NEEDS_INFO: Step.AWAIT_VISITOR_ANSWER,
    }
    if standing.state in fixed:
        return fixed[standing.state]
    if standing.state in (
        VisitState.COMPLETED,
        VisitState.DECLINED,
        VisitState.CANCELLED,
        VisitState.EXPIRED,
    ):
        return Step.NONE
    return _find_planning_step(standing)


def _find_planning_step(standing: Standing) -> Step:
    work = (
        (standing.has_wish, Step.READ_WISH),
        (standing.count(SlotState.COUNTERED), Step.JUDGE_PROPOSAL),
        (standing.has_planned or standing.count(SlotState.DRAFT), Step.RELEASE),
        (standing.failed_hosts, Step.REPLACE_HOST),
        (standing.state is VisitState.PROPOSED and standing.lacks_letter, Step.AWAIT_LETTER),
        (standing.state is VisitState.PROPOSED, Step.AWAIT_VISITOR_CONSENT),
        (standing.state is VisitState.CONFIRMED, Step.TAKE_PLACE),
        (standing.count(*ASKED_STATES), Step.AWAIT_HOSTS),
        (standing.count(*HOLDING_STATES), Step.PROPOSE),
    )
    return next((step for is_due, step in work if is_due), Step.CHOOSE_HOSTS)
