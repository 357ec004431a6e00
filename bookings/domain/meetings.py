"""1:1 meetings: of two participants of a matchmaking day, or of a visitor with an adviser."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bookings.domain.text import fold
from bookings.domain.time import local_day, wall_to_instant


class MatchMode(StrEnum):
    """Who puts the pairs together: the participants themselves, or the solver from their wishes."""

    ASK = "ask"
    SOLVER = "solver"


class MatchPhase(StrEnum):
    OPEN = "open"
    PROVISIONAL = "provisional"
    """Schedules are shown to participants, who say what has to change until `feedback_by`."""
    FINAL = "final"


class WishStrength(StrEnum):
    MUST = "must"
    LIKE = "like"
    NEVER = "never"
    """Absolute, and secret: nobody but who wished it ever sees it."""


class MeetingRequestState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class MeetingState(StrEnum):
    PROVISIONAL = "provisional"
    AGREED = "agreed"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


STANDING_MEETINGS = (MeetingState.PROVISIONAL, MeetingState.AGREED, MeetingState.HELD, MeetingState.MISSED)
"""These take their people's time and their table."""


class HalfDay(StrEnum):
    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"


class MatchRunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


REQUEST_LIFE, LATE_REQUEST_LIFE, DAY_REQUEST_LIFE = (
    timedelta(hours=72),
    timedelta(hours=24),
    timedelta(hours=2),
)
FEEDBACK_TIME = timedelta(hours=48)
LONGEST_TEXT = 1000
MOST_TABLES = 400
MOST_SLOTS = 200
LATE_MINUTES = (5, 10, 15)
REMINDER_MINUTES = 10
"""So long before a meeting the calendar of both rings: the entry says so, and no mail is sent."""
_LAST_WEEK = timedelta(days=7)
_SHORTEST_HALF_WITH_BREAK = 3
_NOON = 12


@dataclass(frozen=True)
class Session:
    """A stretch of the day in which meetings are, by the clock of the place."""

    opens_at: time
    closes_at: time


@dataclass(frozen=True)
class SlotTime:
    """When a slot is, and in which half of the day it counts."""

    starts_at: datetime
    ends_at: datetime
    half: HalfDay


@dataclass(frozen=True)
class Profile:
    """What a participant says of themselves, and when they can meet."""

    offers: str
    needs: str
    languages: tuple[str, ...]
    interests: tuple[str, ...]
    half_day: HalfDay = HalfDay.ANY
    takes_fill_ins: bool = True
    absent_in: frozenset[int] = frozenset()
    """Slots without a meeting."""


def lay_slots(
    days: Iterable[date], sessions: Iterable[Session], *, zone: str, minutes: int, gap: int
) -> list[SlotTime]:
    """The slots of a matchmaking day: each session is filled from its beginning."""
    length, step = timedelta(minutes=minutes), timedelta(minutes=minutes + gap)
    found, sessions = [], tuple(sessions)
    for day in days:
        for session in sessions:
            start = wall_to_instant(datetime.combine(day, session.opens_at), zone, fold=0)
            end = wall_to_instant(datetime.combine(day, session.closes_at), zone, fold=0)
            half = HalfDay.MORNING if session.opens_at.hour < _NOON else HalfDay.AFTERNOON
            while start + length <= end:
                found.append(SlotTime(start, start + length, half))
                start += step
    return sorted(found, key=lambda slot: slot.starts_at)


def find_request_end(asked_at: datetime, *, starts_at: datetime, ends_at: datetime, zone: str) -> datetime:
    """When a request lapses: after three days, a day in the last week, two hours on the day itself, and
    never later than the event ends. It blocks nothing for ever."""
    if local_day(asked_at, zone) >= local_day(starts_at, zone):
        life = DAY_REQUEST_LIFE
    elif starts_at - asked_at <= _LAST_WEEK:
        life = LATE_REQUEST_LIFE
    else:
        life = REQUEST_LIFE
    return max(asked_at, min(asked_at + life, ends_at))


def find_reminder_time(asked_at: datetime, expires_at: datetime) -> datetime:
    """Half of the time to answer is over."""
    return asked_at + (expires_at - asked_at) / 2


def find_most_meetings(slots: int, own: int | None = None) -> int:
    """How many meetings one person has at most: what staff said, or the slots less a tenth."""
    return min(slots, own) if own is not None else max(1, slots * 9 // 10)


def needs_break(half: Collection[int]) -> bool:
    """So many slots in one half of a day leave everybody one of them free."""
    return len(half) >= _SHORTEST_HALF_WITH_BREAK


def keeps_break(halves: Iterable[Collection[int]], taken: Collection[int]) -> bool:
    """Is there a free slot in each half of the day when these are taken?"""
    return all(not needs_break(half) or any(slot not in taken for slot in half) for half in halves)


def build_pair_key(one: str, other: str) -> str:
    """Two organisations in order; empty where one is unknown or both are the same."""
    if not one or not other or one == other:
        return ""
    return " | ".join(sorted((one[:120], other[:120])))


def score_match(own: Profile, other: Profile) -> int:
    """How well somebody fits: shared interests, and words of what one needs in what the other offers.

    Only from what both say of themselves: wishes of others never show in the order of a list.
    """
    shared = len(set(own.interests) & set(other.interests))
    areas = len(_areas(own) & _areas(other))
    asked = len(_words(own.needs) & _words(other.offers)) + len(_words(own.offers) & _words(other.needs))
    return 3 * asked + 2 * shared + areas + bool(set(own.languages) & set(other.languages))


def _areas(profile: Profile) -> set[str]:
    return {slug.partition("/")[0] for slug in profile.interests}


def _words(text: str) -> set[str]:
    # Shorter words say nothing.
    parts = "".join(character if character.isalnum() else " " for character in fold(text)).split()
    return {word for word in parts if len(word) > 3}
