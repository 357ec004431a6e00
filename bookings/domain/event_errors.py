"""The refusals of events, registrations, doors and meetings; those of everything else stand in `errors`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bookings.domain.errors import BookingError


@dataclass
class AdviserDayError(BookingError):
    """Nobody could be met on such a day. `code`: length, outside (the event), pause, short, known, booked."""

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
class HandOverError(BookingError):
    """A place is not handed over while its holder has meetings that stand."""


@dataclass
class TimeHeldError(BookingError):
    """A person, a table or an adviser (`kind` of resource and `subject_id`) is in another meeting then."""

    kind: str
    subject_id: int
    starts_at: datetime


@dataclass
class EventFullError(BookingError):
    """There are not as many seats. `what`: titles of the parts and tickets that are full; none: the event."""

    what: tuple[Mapping[str, str], ...] = ()
    """Language → text."""
    waiting_list_is_open: bool = False


@dataclass
class RegistrationClosedError(BookingError):
    """Nobody can register now. `code`: soon (it opens at `opens_at`), closed or cancelled."""

    code: str
    opens_at: datetime | None = None
    time_zone: str = "UTC"


@dataclass
class OrganisationLimitError(BookingError):
    """From one organisation come at most so many."""

    most: int


@dataclass
class GroupTooLargeError(BookingError):
    """One person registers at most so many, that person included."""

    most: int


@dataclass
class AlreadyRegisteredError(BookingError):
    """This address has a place, or stands in the queue, already; or two of a group have one address."""


@dataclass
class OfferLapsedError(BookingError):
    """The place was kept until `expired_at`; somebody else has it now."""

    expired_at: datetime | None = None
    time_zone: str = "UTC"


@dataclass
class PartNotAvailableError(BookingError):
    """A part cannot be chosen: it is another event's, has begun, or doesn't fit the ticket."""

    part_ids: tuple[int, ...] = ()


@dataclass
class AccessCodeError(BookingError):
    """This kind of ticket needs a code, and another one."""


@dataclass
class TooManyMailsError(BookingError):
    """So many mails went to this address, or for this group, that no other one leaves today."""

    email: str


@dataclass
class TooManyCodesError(BookingError):
    """So many wrong codes came from one address that none opens anything for a while."""

    minutes: int


@dataclass
class MeetingNotPossibleError(BookingError):
    """Something about a meeting cannot be done. `code`: times (no slot fits into the day), tables (their
    number), taken (meetings stand in the old times), cancelled (the other side is not in any more), again
    (the two, or their organisations, meet already), full, break (a half day without one), no_time (none in
    common), gone (this one has just been taken), no_table, stands (the two meet; call it off first), phase,
    past, early, open (asked already), closed (the time to answer is over), profile (write your own first),
    older (an earlier version found it, without tables), stale (the day has changed since the solver looked
    at it), many (asked too often), own_never (the one asked is never to be met), colleague (who should
    stand in sits elsewhere then) or renamed (somebody else too often in one day).
    """

    code: str


@dataclass
class EventNotUsableError(BookingError):
    """An event, part, ticket kind or series cannot be like this. `code` says why, `field` where.

    Codes: missing, order, long, range (up to `number`), late, opening, decision_missing, minimum (above the
    capacity `number`), outside (of the event's time), partner_capacity, partner_seats (`number` are set
    aside), presence, taken (`number` seats), in_use (by `number` registrations), last_ticket, self,
    clocks (of the place show another time), over (by now).
    """

    code: str
    field: str = ""
    number: int = 0


@dataclass
class EventNotReadyError(BookingError):
    """An event cannot be published yet; `missing` are codes of what it lacks."""

    missing: tuple[str, ...]
