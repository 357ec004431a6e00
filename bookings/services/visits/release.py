"""Release: hosts are asked."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain.audit import Who


@dataclass(frozen=True)
class RenderedPreview:
    """A mail that a release would send."""

    recipient: str
    subject: str
    text: str
    html: str
    has_calendar: bool


def release_visit(reference: str, *, who: Who, now: datetime) -> None:
    """Ask the host of every draft slot: holds, invitations and deadlines in one go."""
    raise NotImplementedError


def preview_release(reference: str, *, now: datetime) -> list[RenderedPreview]:
    """The mails that a release would send now; writes nothing."""
    raise NotImplementedError
