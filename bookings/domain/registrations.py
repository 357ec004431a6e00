"""Registrations: one person's place at an event, from the form to the day itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Any

from bookings.domain.event_errors import AlreadyRegisteredError, GroupTooLargeError, RegistrationClosedError


class RegistrationState(StrEnum):
    UNVERIFIED = "unverified"
    """Sent, the address is not proved; its seats are kept until `respond_by`."""
    PENDING = "pending"
    """Staff have to say yes first (approval mode); takes no seat."""
    WAITING = "waiting"
    """In the queue; takes no seat."""
    OFFERED = "offered"
    """A freed place is kept for this person until `respond_by`."""
    REGISTERED = "registered"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    EXPIRED = "expired"


SEATED_STATES = (RegistrationState.UNVERIFIED, RegistrationState.OFFERED, RegistrationState.REGISTERED)
"""These have seats in the pools of their ticket and their parts."""
LIVE_STATES = (*SEATED_STATES, RegistrationState.PENDING, RegistrationState.WAITING)


class CameBy(StrEnum):
    """The door through which a registration came in."""

    FORM = "form"
    STAFF = "staff"
    IMPORT = "import"
    WALK_IN = "walk_in"


class QuestionKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    SEVERAL = "several"
    DATE = "date"
    COUNTRY = "country"
    CONSENT = "consent"


class OfferState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"


class CheckInKind(StrEnum):
    IN = "in"
    UNDO = "undo"


class SurveyStage(StrEnum):
    DAY_1 = "day_1"
    DAY_180 = "day_180"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody who comes, as the form or staff said it. A member may be without name and address yet."""

    name: str
    email: str
    phone: str = ""
    role: str = ""
    organisation_name: str = ""
    organisation_number: str = ""
    country: str = ""
    language: str
    time_zone: str
    answers: Mapping[str, Any] = field(default_factory=dict)
    part_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Application:
    """A form that was sent: one person, or one with a group."""

    event_slug: str
    ticket_id: int
    access_code: str = ""
    leader: Person
    members: tuple[Person, ...] = ()
    accepts_costs: bool = False
    clause_version: str = ""
    """The cost clause that stood on the page; empty: the one in force."""
    wants_newsletter: bool = False
    newsletter_wording: str = ""
    consents: Mapping[str, str] = field(default_factory=dict)
    """Question key → the words that were agreed to."""
    form_key: str
    network_address: str = ""
    came_by: CameBy = CameBy.FORM
    joins_waiting_list: bool = False
    """Where it is full: stand in the queue."""
    looks_automatic: bool = False

    @property
    def people(self) -> tuple[Person, ...]:
        """The leader first."""
        return (self.leader, *self.members)


@dataclass(frozen=True)
class Outcome:
    """What became of a registration."""

    reference: str
    state: RegistrationState
    waiting_place: int | None = None
    token: str | None = None
    """After `register` the one that proves the address and leaves by mail only (None: no mail goes to a new
    address); after `verify_registration` that of the person's page. A view never shows the first one."""
    registration_id: int | None = None
    """None where the page must look as if the registration were new, and it is not."""


_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that are read as another."""


def build_registration_reference(numbers: Sequence[int]) -> str:
    """A readable reference of eight random numbers: KR-7HQ2-M4XC."""
    letters = "".join(_LETTERS[number % len(_LETTERS)] for number in numbers)
    return f"KR-{letters[:4]}-{letters[4:]}"


def build_badge_code(numbers: Sequence[int]) -> str:
    """What a QR holds, in capitals and figures: small squares, and a person can type it."""
    return "".join(_LETTERS[number % len(_LETTERS)] for number in numbers)


def fold_email(email: str) -> str:
    """One address has one spelling within an event."""
    return email.strip().lower()


def check_window(
    *,
    opens_at: datetime | None,
    closes_at: datetime | None,
    starts_at: datetime,
    time_zone: str,
    now: datetime,
) -> None:
    """Raises RegistrationClosedError before registration opens and after it closes."""
    if opens_at is not None and now < opens_at:
        raise RegistrationClosedError("soon", opens_at, time_zone)
    if now >= min(closes_at or starts_at, starts_at):
        raise RegistrationClosedError("closed")


def check_group(application: Application, *, largest_group: int) -> None:
    """Raises GroupTooLargeError, or AlreadyRegisteredError when two of a group have one address."""
    if len(application.people) > max(1, largest_group):
        raise GroupTooLargeError(largest_group)
    addresses = [fold_email(person.email) for person in application.people if person.email]
    if len(set(addresses)) < len(addresses):
        raise AlreadyRegisteredError


def is_code_right(expected: str, typed: str) -> bool:
    """Access codes are read out on the telephone: case and blanks around don't count."""
    return compare_digest(expected.strip().casefold().encode(), typed.strip().casefold().encode())
