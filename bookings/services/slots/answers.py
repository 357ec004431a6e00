"""Hosts answer by link."""

from collections.abc import Sequence
from datetime import datetime


def accept_slot(token: str, *, now: datetime) -> None:
    """The host says yes. Saying it twice is the same yes."""
    raise NotImplementedError


def answer_maybe(token: str, *, now: datetime) -> None:
    """The host is not sure yet."""
    raise NotImplementedError


def decline_slot(token: str, *, reason: str = "", now: datetime) -> None:
    """The host says no, or takes a yes back."""
    raise NotImplementedError


def propose_times(
    token: str, *, times: Sequence[tuple[datetime, datetime]], comment: str = "", now: datetime
) -> None:
    """The host offers up to three other times (UTC)."""
    raise NotImplementedError
