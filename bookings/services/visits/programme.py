"""The programme goes to the visitor and comes back."""

from datetime import datetime

from bookings.domain.audit import Who


def propose_programme(reference: str, *, who: Who, now: datetime) -> None:
    """Send the programme as it stands to the visitor."""
    raise NotImplementedError


def accept_programme(token: str, *, now: datetime) -> None:
    """The visitor accepts: the visit is confirmed and everybody told."""
    raise NotImplementedError


def wish_change(token: str, text: str, *, now: datetime) -> None:
    """The visitor wishes something else: back to planning, hosts stay held."""
    raise NotImplementedError
