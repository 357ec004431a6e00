"""Every refusal has a name. Only `web/errors.py` knows HTTP statuses and sentences for them."""

from dataclasses import dataclass, field
from datetime import date, datetime


class BookingError(Exception):
    """A rule of the domain said no; the attributes say what the reader needs to go on."""


@dataclass
class TimeDoesNotExistError(BookingError):
    """The clock is put forward over this wall time; `nearest` are the instants before and after the gap."""

    wall_time: datetime
    time_zone: str
    nearest: tuple[datetime, datetime]


@dataclass
class TimeIsAmbiguousError(BookingError):
    """The clock is put back over this wall time; `candidates` are its two instants."""

    wall_time: datetime
    time_zone: str
    candidates: tuple[datetime, datetime]


@dataclass
class TextNotAllowedError(BookingError):
    """A text is too long or holds control characters. `code` is `control` or `too_long`."""

    code: str
    max_length: int | None = None


@dataclass
class TransitionNotAllowedError(BookingError):
    """The state machine has no way from `state` by `action`."""

    noun: str
    state: str
    action: str


@dataclass
class SlotTakenError(BookingError):
    """Somebody else holds the time. `next_free` are starts (UTC) that were free when it was refused."""

    resource_key: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str = "UTC"
    organisation_name: str = ""
    next_free: tuple[datetime, ...] = field(default_factory=tuple)
    slot_id: int | None = None
    """The slot of a release that could not have its time."""


@dataclass
class CostsNotAcceptedError(BookingError):
    """The cost clause was not agreed to, or (`has_changed`) an older version of it was."""

    current_version: str
    has_changed: bool = False


@dataclass
class AgreementMissingError(BookingError):
    """A visit cannot be confirmed without its cost agreement."""

    reference: str


@dataclass
class LetterMissingError(BookingError):
    """A visit on behalf of somebody else cannot be confirmed before that one's letter is there."""

    reference: str
    on_behalf_of: str


@dataclass
class LinkNotFoundError(BookingError):
    """No link has this token, it was for another purpose, or it was revoked."""


@dataclass
class LinkExpiredError(BookingError):
    """The link was right once; `expired_at` says until when."""

    purpose: str
    expired_at: datetime


@dataclass
class LinkOutdatedError(BookingError):
    """The link belongs to an earlier version of the invitation and never acts."""

    link_sequence: int
    current_sequence: int


@dataclass
class CutOffPassedError(BookingError):
    """Answers can be changed until `cut_off_at`; staff can still help."""

    cut_off_at: datetime


@dataclass
class TooManyProposedTimesError(BookingError):
    """A host may offer at most `limit` other times."""

    limit: int


@dataclass
class ProposedTimeNotUsableError(BookingError):
    """A time that a host offers makes no sense. `code` is none, past, order, same, short, long or far.

    `first` and `last` are the days at the place between which the visitors can come.
    """

    code: str
    first: date | None = None
    last: date | None = None


@dataclass
class SlotTimeNotUsableError(BookingError):
    """A stop cannot be planned at this time. `code` is `past` or `order`."""

    code: str


@dataclass
class NothingToReleaseError(BookingError):
    """All that could be told was told already."""

    reference: str


@dataclass
class SlotsOverlapError(BookingError):
    """Two slots of one delegation overlap, travel included. Minutes say what the travel needs and has."""

    first_slot_id: int
    second_slot_id: int
    needed_minutes: int
    available_minutes: int


@dataclass
class RequiredSlotsOpenError(BookingError):
    """The programme cannot go on: required slots are not accepted."""

    open_slots: int


@dataclass
class AddressNotProvedError(BookingError):
    """The visitor's address was never verified."""

    reference: str


@dataclass
class RecordChangedError(BookingError):
    """Somebody else saved the record since it was read."""

    noun: str


@dataclass
class NotFoundError(BookingError):
    """There is no such record, or not for this reader."""

    noun: str
    key: str = ""


@dataclass
class NotAllowedError(BookingError):
    """The signed-in person's role does not reach this far."""

    action: str


@dataclass
class DraftNotCompleteError(BookingError):
    """Steps of the form are missing; `steps` names them in order."""

    steps: tuple[str, ...]


@dataclass
class ImportRefusedError(BookingError):
    """Nothing was imported. `problems` are (line, column, code, value, expected)."""

    problems: tuple[tuple[int, str, str, str, str], ...]


@dataclass
class PasswordNotAllowedError(BookingError):
    """A new password is no good. `code` is `too_short`, `too_long`, `common`, `personal` or `same`."""

    code: str
    limit: int = 0


@dataclass
class PasswordWrongError(BookingError):
    """The current password that was typed is not the account's."""


@dataclass
class CodeWrongError(BookingError):
    """The code of the authenticator app is wrong or too old."""


@dataclass
class TooManyAttemptsError(BookingError):
    """A limit on attempts is reached; the next one is welcome after `wait_minutes`."""

    wait_minutes: int


@dataclass
class StaffExistsError(BookingError):
    """This address has an account already."""

    email: str


@dataclass
class VisitOfOthersError(BookingError):
    """A coordinator of other towns reads this visit and doesn't change it."""

    owner_name: str


@dataclass
class PasskeyNotUsableError(BookingError):
    """What the browser sent proves no passkey; what exactly was wrong is nobody's business."""


@dataclass
class LastAdminError(BookingError):
    """Without this admin nobody could let people in."""


@dataclass
class PersonChangedError(BookingError):
    """Somebody else has changed what this person may do since the page was opened."""


@dataclass
class NestedTransactionError(BookingError):
    """A use case called another use case: share a private helper instead."""


@dataclass
class CalendarAddressNotUsableError(BookingError):
    """A host's calendar is not read from there.

    `code` is too_long, characters, no_address, no_https, sign_in or not_public.
    """

    code: str


@dataclass
class HostDetailNotUsableError(BookingError):
    """Something said of a host cannot be so. `code`: missing, range (`least` to `most`), order, unknown, many
    or areas (more than `least`), day, weekdays, clock, taken or number.
    """

    field: str
    code: str
    least: int = 0
    most: int = 0


@dataclass
class PlanOutdatedError(BookingError):
    """The visit, or one of its slots, changed since the planner was asked; its plan may not fit any more."""

    reference: str


@dataclass
class GroupNotUsableError(BookingError):
    """The delegation has no group of this number; it goes in so many `groups`."""

    number: int
    groups: int


@dataclass
class MailingNotUsableError(BookingError):
    """A mailing cannot be sent like this. `code` says why, `field` where: missing (no words), half (a subject
    without a text in a language, or the other way), nobody (would read it)."""

    code: str
    field: str


@dataclass
class GroupsNotFilledError(BookingError):
    """The delegation goes in so many `groups`, and would be fewer people than that."""

    groups: int


@dataclass
class JourneyNotUsableError(BookingError):
    """A delegation cannot come or go like this. `field` is arrival, departure or groups.

    `code`: place, days (outside `first` to `last` at the place), order, range (1 to `most`), or in_use (stops
    of `most` groups stand in the programme, or their hosts know of them).
    """

    field: str
    code: str
    first: date | None = None
    last: date | None = None
    most: int = 0


@dataclass
class FieldsNotKnownError(BookingError):
    """A text that staff wrote names fields that it cannot have; `allowed` are those it can."""

    unknown: tuple[str, ...]
    allowed: tuple[str, ...]


@dataclass
class FieldsMissingError(BookingError):
    """A text that staff wrote leaves out a field that carries what its reader must learn."""

    missing: tuple[str, ...]


@dataclass
class SettingNotUsableError(BookingError):
    """A setting cannot be like this. `code`: missing, range (`least` to `most`), order, taken, past, used,
    picture, shown, large or many.
    """

    field: str
    code: str
    least: int = 0
    most: int = 0


@dataclass
class LabelNotUsableError(BookingError):
    """A label cannot be like this. `code`: missing, taken, or many (more than `most`)."""

    code: str
    most: int = 0


@dataclass
class VisitsNotMergeableError(BookingError):
    """Two requests stay two. `code`: same, closed, or announced (`hosts` were asked for `reference`)."""

    code: str
    reference: str = ""
    hosts: tuple[str, ...] = ()


@dataclass
class HoldNotAllowedError(BookingError):
    """Evidence cannot be kept until then. `code`: past, or too_long (more than `years`)."""

    code: str
    years: int = 0


@dataclass
class UndoNotPossibleError(BookingError):
    """An act cannot be taken back. `code`: done (already, `by` whom), changed (after it, `by` whom), told
    (people know of it) or old.
    """

    code: str
    by: str = ""
