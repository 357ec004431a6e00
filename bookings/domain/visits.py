"""The states of a visit request and what may happen in each (DESIGN, States)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain.errors import (
    AddressNotProvedError,
    AgreementMissingError,
    RequiredSlotsOpenError,
)
from bookings.domain.states import StateMachine


class VisitState(StrEnum):
    UNVERIFIED = "unverified"
    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    PLANNING = "planning"
    AWAITING_HOSTS = "awaiting_hosts"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class VisitAction(StrEnum):
    VERIFY = "verify"
    ASK = "ask"
    ANSWER = "answer"
    PLAN = "plan"
    REFUSE = "refuse"
    CANCEL = "cancel"
    RELEASE = "release"
    PROPOSE = "propose"
    ACCEPT = "accept"
    WISH = "wish"
    REPLAN = "replan"
    REASK = "reask"
    COMPLETE = "complete"
    REOPEN = "reopen"
    EXPIRE = "expire"


class VisitKind(StrEnum):
    STUDY_VISIT = "study_visit"
    BUSINESS = "business_meetings"
    OFFICIAL = "official_delegation"
    INVESTMENT = "investment"
    RESEARCH = "research"
    PRESS = "press"


class OrganisationOfVisitorKind(StrEnum):
    PUBLIC = "public"
    COMPANY = "company"
    UNIVERSITY = "university"
    NGO = "ngo"
    PRESS = "press"
    EMBASSY = "embassy"
    OTHER = "other"


class Actor(StrEnum):
    """Who did it; the audit entry and the closing record say so."""

    VISITOR = "visitor"
    HOST = "host"
    STAFF = "staff"
    SYSTEM = "system"


_S, _A = VisitState, VisitAction

OPEN_STATES = (_S.SUBMITTED, _S.NEEDS_INFO, _S.PLANNING, _S.AWAITING_HOSTS, _S.PROPOSED, _S.CONFIRMED)
PLANNABLE_STATES = (_S.SUBMITTED, _S.PLANNING, _S.AWAITING_HOSTS, _S.PROPOSED, _S.CONFIRMED)
UNCONFIRMED_STATES = (_S.NEEDS_INFO, _S.PLANNING, _S.AWAITING_HOSTS, _S.PROPOSED)
"""Staff work on it, and it may still come to nothing."""
CLOSED_STATES = (_S.COMPLETED, _S.DECLINED, _S.CANCELLED, _S.EXPIRED)

VISIT_MACHINE = StateMachine(
    "visit_request",
    {
        (_S.UNVERIFIED, _A.VERIFY): _S.SUBMITTED,
        (_S.UNVERIFIED, _A.EXPIRE): _S.EXPIRED,
        (_S.UNVERIFIED, _A.CANCEL): _S.CANCELLED,
        (_S.SUBMITTED, _A.ASK): _S.NEEDS_INFO,
        (_S.SUBMITTED, _A.PLAN): _S.PLANNING,
        (_S.NEEDS_INFO, _A.ANSWER): _S.SUBMITTED,
        (_S.NEEDS_INFO, _A.PLAN): _S.PLANNING,
        (_S.NEEDS_INFO, _A.EXPIRE): _S.EXPIRED,
        (_S.PLANNING, _A.ASK): _S.NEEDS_INFO,
        (_S.PLANNING, _A.PLAN): _S.PLANNING,
        (_S.PLANNING, _A.RELEASE): _S.AWAITING_HOSTS,
        # Staff go on with the hosts that said yes.
        (_S.PLANNING, _A.PROPOSE): _S.PROPOSED,
        (_S.PLANNING, _A.ACCEPT): _S.CONFIRMED,
        (_S.AWAITING_HOSTS, _A.RELEASE): _S.AWAITING_HOSTS,
        (_S.AWAITING_HOSTS, _A.PROPOSE): _S.PROPOSED,
        (_S.AWAITING_HOSTS, _A.ACCEPT): _S.CONFIRMED,
        (_S.AWAITING_HOSTS, _A.REPLAN): _S.PLANNING,
        (_S.PROPOSED, _A.ACCEPT): _S.CONFIRMED,
        (_S.PROPOSED, _A.WISH): _S.PLANNING,
        (_S.PROPOSED, _A.REASK): _S.AWAITING_HOSTS,
        (_S.PROPOSED, _A.REPLAN): _S.PLANNING,
        (_S.PROPOSED, _A.EXPIRE): _S.EXPIRED,
        (_S.CONFIRMED, _A.REASK): _S.AWAITING_HOSTS,
        (_S.CONFIRMED, _A.REPLAN): _S.PLANNING,
        (_S.CONFIRMED, _A.COMPLETE): _S.COMPLETED,
        (_S.COMPLETED, _A.REOPEN): _S.PLANNING,
        (_S.DECLINED, _A.REOPEN): _S.PLANNING,
        (_S.CANCELLED, _A.REOPEN): _S.PLANNING,
        (_S.EXPIRED, _A.REOPEN): _S.PLANNING,
        **{
            (state, _A.REFUSE): _S.DECLINED
            for state in (_S.SUBMITTED, _S.NEEDS_INFO, _S.PLANNING, _S.AWAITING_HOSTS, _S.PROPOSED)
        },
        **{(state, _A.CANCEL): _S.CANCELLED for state in OPEN_STATES},
    },
)


@dataclass(frozen=True, kw_only=True)
class SlotTally:
    """The slots of a visit, counted: those that hosts owe an answer to, the required drafts and failures."""

    accepted: int
    asked: int
    required_asked: int
    required_drafts: int
    required_failed: int
    """Declined, expired or cancelled by the host, and not replaced."""


def choose_progress(state: VisitState, tally: SlotTally) -> VisitAction | None:
    """What follows for the visit from its slots, or None. The one who acts next is what the state says:
    hosts (awaiting_hosts), staff (planning) or the visitor (proposed)."""
    waits = bool(tally.required_asked)
    broken = bool(tally.required_failed) or not tally.accepted
    if state is _S.PLANNING:
        return _A.RELEASE if waits else None
    if state is _S.AWAITING_HOSTS:
        if waits or (tally.asked and not tally.accepted):
            return None
        return _A.REPLAN if broken or tally.required_drafts else _A.PROPOSE
    if state in (_S.PROPOSED, _S.CONFIRMED):
        if waits:
            return _A.REASK
        return _A.REPLAN if broken else None
    return None


def check_can_be_confirmed(
    *, reference: str, is_verified: bool, has_agreement: bool, open_required_slots: int, accepted_slots: int
) -> None:
    """Invariant 11 apart from the times, which the holds guard.

    Raises AddressNotProvedError, AgreementMissingError or RequiredSlotsOpenError.
    """
    if not is_verified:
        raise AddressNotProvedError(reference)
    if not has_agreement:
        raise AgreementMissingError(reference)
    if open_required_slots or not accepted_slots:
        raise RequiredSlotsOpenError(open_required_slots)


def can_reopen(*, state: VisitState, closed_at: datetime, now: datetime, reopen_days: int) -> bool:
    """A completed visit can be reopened for some days; other closed ones always."""
    if state is VisitState.COMPLETED:
        return now <= closed_at + timedelta(days=reopen_days)
    return state in CLOSED_STATES
