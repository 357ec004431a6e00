"""What happens to a mail that must leave: states and the schedule of retries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain.states import StateMachine


class OutboxState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    TOO_LATE = "too_late"


class OutboxAction(StrEnum):
    RETRY = "retry"
    DROP = "drop"


# What staff may decide; a mail that is just being sent, or was sent, is past deciding.
OUTBOX: StateMachine[OutboxState, OutboxAction] = StateMachine(
    "mail",
    {
        (OutboxState.WAITING, OutboxAction.RETRY): OutboxState.WAITING,
        (OutboxState.FAILED, OutboxAction.RETRY): OutboxState.WAITING,
        (OutboxState.DROPPED, OutboxAction.RETRY): OutboxState.WAITING,
        (OutboxState.WAITING, OutboxAction.DROP): OutboxState.DROPPED,
        (OutboxState.FAILED, OutboxAction.DROP): OutboxState.DROPPED,
        (OutboxState.TOO_LATE, OutboxAction.DROP): OutboxState.DROPPED,
    },
)

RELAY_PREFIX = "relay:"
"""Begins the cause of a mail that waits because the relay was down, not because of itself."""

RESTORED = "restored"
"""The cause of a mail that waited in a backup: since that was made it has left, or not; staff decide."""

UNSETTLED_STATES = (OutboxState.WAITING, OutboxState.SENDING)
SETTLED_STATES = (OutboxState.SENT, OutboxState.FAILED, OutboxState.DROPPED, OutboxState.TOO_LATE)


def next_attempt_at(
    attempts: int, *, now: datetime, retry_minutes: Sequence[float], jitter: float, chance: float
) -> datetime:
    """When to try again after `attempts` failures; `chance` in [0, 1) spreads the tries by ± `jitter`."""
    minutes = retry_minutes[min(attempts, len(retry_minutes)) - 1]
    return now + timedelta(minutes=minutes * (1 + jitter * (2 * chance - 1)))
