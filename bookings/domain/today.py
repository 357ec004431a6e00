"""What waits for staff: the kinds of things, and whose they are."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bookings.domain.time import local_day

UNSETTLED_DAYS = (7, 2)
"""So long before its first stop staff are told that a visit is not confirmed: some host may wait in vain."""
TASK_DAYS_AHEAD = 7
"""Tasks are shown so long before they are due."""
DECISION_DAYS_AHEAD = 14
"""So long before staff have said whether an event takes place, it is shown that they have to."""


class WaitKind(StrEnum):
    """In the order in which they are looked at."""

    UNSETTLED = "unsettled"
    REQUESTS = "requests"
    REGISTRATIONS = "registrations"
    PROPOSALS = "proposals"
    DECISIONS = "decisions"
    BOUNCES = "bounces"
    GUESTS = "guests"
    LOST = "lost"
    GO_ON = "go-on"
    INBOX = "inbox"
    TASKS = "tasks"
    HOSTS = "hosts"
    WEEK = "week"
    EVENTS = "events"


EVENT_KINDS = (WaitKind.REGISTRATIONS, WaitKind.DECISIONS, WaitKind.GUESTS, WaitKind.EVENTS)
"""What comes of events; the others come of visits."""


class ScopeName(StrEnum):
    MINE = "mine"
    TOWN = "town"
    ALL = "all"


@dataclass(frozen=True)
class Scope:
    """Whose things: those of a person (and what nobody in the person's towns looks after yet), of the towns,
    or everybody's. Without towns all of them are one's own."""

    name: ScopeName
    staff_user_id: int
    towns: tuple[str, ...] = ()


def week_around(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """Monday and the next Monday, midnight by the clocks of a zone."""
    today = local_day(now, zone)
    monday = today - timedelta(days=today.weekday())
    tz = ZoneInfo(zone)
    return (
        datetime.combine(monday, time.min, tz),
        datetime.combine(monday + timedelta(days=7), time.min, tz),
    )
