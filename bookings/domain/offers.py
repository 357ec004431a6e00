"""Rules of visit offers: what one may say, and when one is open."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bookings.domain.directory import LANGUAGE_CODES, LARGEST_GROUP
from bookings.domain.errors import HostDetailNotUsableError

LONGEST_MINUTES = 12 * 60
SHORTEST_MINUTES = 15
MOST_LEAD_DAYS = 365
MOST_VISITS = 100
MOST_TOPICS = 12
MOST_WINDOWS = 8
HIGHEST_FEE_CENTS = 10_000_000
CURRENCIES = ("EUR", "SEK")
EVERY_DAY = ("01-01", "12-31")
WORKING_WEEK = "12345"

_LEAP_YEAR = 2024
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class OfferStatus(StrEnum):
    OFFERED = "offered"
    HIDDEN = "hidden"


class PhotoPolicy(StrEnum):
    UNKNOWN = "unknown"
    FREE = "free"
    SOME = "some"
    NONE = "none"


class StepAccess(StrEnum):
    """Can it be seen without steps?"""

    UNKNOWN = "unknown"
    STEP_FREE = "step_free"
    FEW_STEPS = "few_steps"
    STAIRS = "stairs"


@dataclass(frozen=True)
class SeasonHours:
    """When an offer is open: days of the year ("05-01"), ISO weekdays ("12345"), wall times ("08:00")."""

    from_day: str
    to_day: str
    weekdays: str
    opens_at: str
    closes_at: str

    def covers(self, day: date) -> bool:
        """Is the day one of the season's weekdays? A season may go over New Year and has both its ends."""
        return self.is_in_season(day) and str(day.isoweekday()) in self.weekdays

    def is_in_season(self, day: date) -> bool:
        """Does the season cover this day of the year?"""
        now = f"{day:%m-%d}"
        if self.from_day <= self.to_day:
            return self.from_day <= now <= self.to_day
        return now >= self.from_day or now <= self.to_day


@dataclass(frozen=True, kw_only=True)
class OfferPlan:
    """All that can be said of an offer. Empty numbers: not limited, or not known."""

    titles: tuple[str, str, str]
    """English, Swedish, Finnish."""
    descriptions: tuple[str, str, str] = ("", "", "")
    topics: tuple[str, ...] = ()
    minutes: int
    languages: tuple[str, ...] = ()
    group_min: int | None = None
    group_max: int | None = None
    people_per_guide: int | None = None
    guides: int | None = None
    lead_days: int | None = None
    monthly_cap: int | None = None
    fee_cents: int | None = None
    fee_currency: str = ""
    clothing: str = ""
    photo_policy: PhotoPolicy = PhotoPolicy.UNKNOWN
    needs_identity_list: bool = False
    minimum_age: int | None = None
    step_access: StepAccess = StepAccess.UNKNOWN
    hours: tuple[SeasonHours, ...] = ()


def check_offer(plan: OfferPlan) -> None:
    """Raises HostDetailNotUsableError with the field that is wrong and why."""
    if not any(plan.titles):
        raise HostDetailNotUsableError("titles", "missing")
    _check_numbers(plan)
    if plan.group_min and plan.group_max and plan.group_min > plan.group_max:
        raise HostDetailNotUsableError("group_max", "order")
    if any(code not in LANGUAGE_CODES for code in plan.languages):
        raise HostDetailNotUsableError("languages", "unknown")
    if plan.fee_cents and plan.fee_currency not in CURRENCIES:
        raise HostDetailNotUsableError("fee_currency", "missing")
    if len(plan.topics) > MOST_TOPICS:
        raise HostDetailNotUsableError("topics", "many", MOST_TOPICS)
    if len(plan.hours) > MOST_WINDOWS:
        raise HostDetailNotUsableError("hours", "many", MOST_WINDOWS)
    for window in plan.hours:
        check_hours(window)


def check_hours(window: SeasonHours) -> None:
    """Raises HostDetailNotUsableError: days that no year has, no weekday, closing before opening."""
    if not (is_day_of_year(window.from_day) and is_day_of_year(window.to_day)):
        raise HostDetailNotUsableError("hours", "day")
    if not window.weekdays or not set(window.weekdays) <= set("1234567"):
        raise HostDetailNotUsableError("hours", "weekdays")
    if not (_CLOCK.fullmatch(window.opens_at) and _CLOCK.fullmatch(window.closes_at)):
        raise HostDetailNotUsableError("hours", "clock")
    if window.opens_at >= window.closes_at:
        raise HostDetailNotUsableError("hours", "order")


def is_day_of_year(text: str) -> bool:
    """A month and a day that some year has, like "02-29"?"""
    try:
        return f"{date.fromisoformat(f'{_LEAP_YEAR}-{text}'):%m-%d}" == text
    except ValueError:
        return False


def simplify_hours(windows: Sequence[SeasonHours]) -> tuple[SeasonHours, ...]:
    """The same windows in a fixed order, each once."""
    return tuple(sorted(set(windows), key=lambda one: (one.from_day, one.weekdays, one.opens_at, one.to_day)))


_RANGES = {
    "minutes": (SHORTEST_MINUTES, LONGEST_MINUTES),
    "group_min": (1, LARGEST_GROUP),
    "group_max": (1, LARGEST_GROUP),
    "people_per_guide": (1, LARGEST_GROUP),
    "guides": (1, 50),
    "lead_days": (0, MOST_LEAD_DAYS),
    "monthly_cap": (1, MOST_VISITS),
    "fee_cents": (0, HIGHEST_FEE_CENTS),
    "minimum_age": (1, 99),
}


def _check_numbers(plan: OfferPlan) -> None:
    for field, (smallest, largest) in _RANGES.items():
        number = getattr(plan, field)
        if number is not None and not smallest <= number <= largest:
            raise HostDetailNotUsableError(field, "range", smallest, largest)


def translate_title(title: str, titles: Mapping[str, str], language: str) -> str:
    """What a slot shows, in the reader's language where it is called as an offer is; own words stay."""
    return (title in titles.values() and titles.get(language)) or title
