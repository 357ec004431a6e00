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


@dataclass
class QuestionNotUsableError(BookingError):
    """A question of a form cannot be like this: `field` of the question `key`.

    `code`: label, many (more than `most`), options (`least` to `most`), option_label, option_twice,
    consent_required, sensitive_required, sensitive_consent, condition_unknown, condition_later or
    condition_value (nobody could ever see the question).
    """

    code: str
    key: str
    field: str
    least: int = 0
    most: int = 0


@dataclass
class QuestionAnsweredError(BookingError):
    """`people` have answered the question: whoever removes it has to say that their answers go too."""

    key: str
    people: int


@dataclass
class TimeHeldError(BookingError):
    """A person, a table or an adviser (`kind` of resource and `subject_id`) is in another meeting then."""

    kind: str
    subject_id: int
    starts_at: datetime
