"""How visits end, and come back."""

from datetime import datetime

from bookings.domain.audit import Who


def refuse_visit(reference: str, reason: str, *, who: Who, now: datetime) -> None:
    """Staff cannot receive this visit; the visitor is told why."""
    raise NotImplementedError


def cancel_visit_by_staff(reference: str, reason: str, *, who: Who, now: datetime) -> None:
    """Call the visit off: every host and the visitor get one mail."""
    raise NotImplementedError


def cancel_visit_by_visitor(token: str, reason: str, *, now: datetime) -> None:
    """The visitor calls the visit off."""
    raise NotImplementedError


def reopen_visit(reference: str, *, who: Who, now: datetime) -> None:
    """Bring a closed visit back to planning."""
    raise NotImplementedError


def complete_visits(*, now: datetime) -> int:
    """Close confirmed visits whose last stop has ended; returns how many."""
    raise NotImplementedError


def expire_visits(*, now: datetime) -> int:
    """Remind and close visits whose visitor owes an answer; returns how many were closed."""
    raise NotImplementedError
