"""The doors of an event: what a scan means, and who is there when several doors speak at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain.registrations import CheckInKind, RegistrationState

MOST_SCANS = 200
"""In one message of a device; what is more comes with the next one."""
LINK_LASTS = timedelta(hours=12)
"""After the event: a door that had no network all day can still send."""


class Proof(StrEnum):
    """How somebody was recognised."""

    QR = "qr"
    NAME = "name"
    PAPER = "paper"
    ONLINE = "online"


class ScanCode(StrEnum):
    """What a door hears of one scan. Only the first four change or confirm who is there."""

    IN = "in"
    ALREADY_IN = "already_in"
    OUT = "out"
    NOT_IN = "not_in"
    UNKNOWN = "unknown"
    """No badge of this event."""
    CANCELLED = "cancelled"
    WAITING = "waiting"
    """In the queue, not approved or not verified yet: no seat."""
    NOT_CHOSEN = "not_chosen"
    """At the event, but not in this part of it."""


RECORDED = (ScanCode.IN, ScanCode.ALREADY_IN, ScanCode.OUT, ScanCode.NOT_IN)
_CLOSED = (RegistrationState.CANCELLED, RegistrationState.REFUSED, RegistrationState.EXPIRED)


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One act at a door, as the device wrote it down. Either the badge's code or the person is named."""

    client_key: str
    badge_code: str = ""
    registration_id: int | None = None
    part_id: int | None = None
    kind: CheckInKind = CheckInKind.IN
    proof: Proof = Proof.QR
    door: str = ""
    happened_at: datetime


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the door hears of a scan; `registration_id` is nothing for an unknown badge."""

    client_key: str
    code: ScanCode
    registration_id: int | None = None
    name: str = ""
    arrived_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One thing that a door said of a person, in the order in which it happened."""

    kind: str
    happened_at: datetime
    client_key: str
    door: str = ""
    proof: str = Proof.QR
    part_id: int | None = None


def judge_state(state: str) -> ScanCode | None:
    """Why somebody in this state is not let in; nothing where they are."""
    if state in _CLOSED:
        return ScanCode.CANCELLED
    return None if state == RegistrationState.REGISTERED else ScanCode.WAITING


def find_arrival(spoken: Iterable[Spoken]) -> Spoken | None:
    """The scan by which somebody is there now: the first `in` after the last `undo`.

    Which message came first does not matter, only when each thing happened: two devices that were without a
    network come to the same end whoever sends first. Of one instant the later in the list is the later one.
    """
    arrival: Spoken | None = None
    for one in sorted(spoken, key=lambda said: said.happened_at):
        if one.kind == CheckInKind.UNDO:
            arrival = None
        elif arrival is None:
            arrival = one
    return arrival


def find_arrivals(spoken: Iterable[Spoken]) -> dict[int | None, Spoken]:
    """Where somebody is: part → scan, and nothing → the event; whoever is in a part is at the event, too."""
    by_part: dict[int | None, list[Spoken]] = {}
    for one in spoken:
        by_part.setdefault(one.part_id, []).append(one)
    found = {part: arrival for part, said in by_part.items() if (arrival := find_arrival(said))}
    if found:
        found[None] = min(found.values(), key=lambda said: said.happened_at)
    return found


def bound_clock(happened_at: datetime, *, now: datetime) -> datetime:
    """A device whose clock is fast says nothing of the future: what it said happened now at the latest."""
    return min(happened_at, now)
