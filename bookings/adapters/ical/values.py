"""What a calendar message is made of: frozen values that cannot hold what calendar programs refuse."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bookings.adapters.characters import check_address, one_line

_UID = re.compile(r"[!-~]{1,255}")


class UnsendableEntryError(ValueError):
    """An entry that some calendar program would refuse or misread."""


class Method(StrEnum):
    """What a message asks of the calendar that receives it (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    DECLINECOUNTER = "DECLINECOUNTER"
    PUBLISH = "PUBLISH"


class EntryStatus(StrEnum):
    """Whether the entry will take place."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Role(StrEnum):
    """What is expected of the attendee."""

    REQUIRED = "REQ-PARTICIPANT"
    OPTIONAL = "OPT-PARTICIPANT"
    CHAIR = "CHAIR"
    INFORMED = "NON-PARTICIPANT"


class PartStat(StrEnum):
    """What the attendee has answered."""

    NEEDS_ACTION = "NEEDS-ACTION"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"
    DELEGATED = "DELEGATED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Organizer:
    """Who invites: the token address to which calendars send the answer."""

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        check_address(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """Who is invited: always the recipient of the mail, never anybody else."""

    address: str
    name: str = ""
    role: Role = Role.REQUIRED
    partstat: PartStat = PartStat.NEEDS_ACTION
    is_list: bool = False
    """Several people read what is sent there: none of them is the attendee, so no buttons."""

    def __post_init__(self) -> None:
        check_address(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationEntry:
    """One version of one calendar entry, as one attendee (or nobody, in feeds) is told of it."""

    uid: str
    sequence: int
    dtstamp: datetime
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    summary: str
    description: str = ""
    location: str = ""
    url: str = ""
    status: EntryStatus = EntryStatus.CONFIRMED
    organizer: Organizer | None = None
    attendee: Attendee | None = None
    is_busy: bool = True
    created_at: datetime | None = None
    last_modified_at: datetime | None = None
    alarm_minutes_before: int | None = None

    def __post_init__(self) -> None:
        _check_identity(self)
        _check_times(self)


def _check_identity(entry: InvitationEntry) -> None:
    if _UID.fullmatch(entry.uid) is None:
        raise UnsendableEntryError("a UID has 1 to 255 visible ASCII characters and no blanks")
    if entry.sequence < 0:
        raise UnsendableEntryError("SEQUENCE never falls below 0")
    if not one_line(entry.summary):
        raise UnsendableEntryError("an entry without a summary shows as an empty box")


def _check_times(entry: InvitationEntry) -> None:
    instants = (entry.dtstamp, entry.starts_at, entry.ends_at, entry.created_at, entry.last_modified_at)
    if any(instant is not None and instant.utcoffset() is None for instant in instants):
        raise UnsendableEntryError("every instant of an entry knows its offset")
    if entry.ends_at <= entry.starts_at:
        raise UnsendableEntryError("an entry ends after it starts")
