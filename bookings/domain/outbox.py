"""What happens to a mail that must leave: states and the schedule of retries."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum


class OutboxState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    TOO_LATE = "too_late"


SETTLED_STATES = (OutboxState.SENT, OutboxState.FAILED, OutboxState.DROPPED, OutboxState.TOO_LATE)


def next_attempt_at(
    attempts: int, *, now: datetime, retry_minutes: Sequence[float], jitter: float, chance: float
) -> datetime:
    """When to try again after `attempts` failures; `chance` in [0, 1) spreads the tries by ± `jitter`."""
    minutes = retry_minutes[min(attempts, len(retry_minutes)) - 1]
    return now + timedelta(minutes=minutes * (1 + jitter * (2 * chance - 1)))


def is_too_late(expires_at: datetime | None, *, now: datetime) -> bool:
    """An invitation whose time has passed is listed for staff, not sent."""
    return expires_at is not None and now >= expires_at
