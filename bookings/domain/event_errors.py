"""The refusals of events, registrations, doors and meetings; those of everything else stand in `errors`."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain.errors import BookingError


@dataclass
class AdviserDayError(BookingError):
    """Nobody could be met on such a day. `code`: length, outside (of the event), pause, short or booked."""

    code: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None


@dataclass
class AdviceTimeError(BookingError):
    """The adviser has no time that begins then, or it is past."""

    starts_at: datetime


@dataclass
class AdviserTakenError(BookingError):
    """Somebody else has booked this time; `next_free` are starts (UTC) that were free when it was refused."""

    starts_at: datetime
    time_zone: str
    next_free: tuple[datetime, ...] = ()
