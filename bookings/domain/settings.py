"""What staff own besides texts: deadlines and hours with their bounds, closed days, cost clauses, logos."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from bookings.domain.errors import SettingNotUsableError
from bookings.domain.text import clean_line, clean_text

LANGUAGES = ("en", "sv", "fi")
LONGEST_CLAUSE = 3000
LONGEST_CLOSING_DAYS = 366
MOST_CLOSED_STRETCHES = 100
MOST_LOGOS = 20
_SHORTEST_DAY = timedelta(hours=1)
_WORKING_WEEKDAYS = 5

# Name of the rule: the least and the most that it can be.
DEADLINES: Mapping[str, tuple[int, int]] = {
    "notice_days": (1, 365),
    "answer_working_days": (1, 30),
    "first_reminder_percent": (5, 95),
    "second_reminder_percent": (5, 99),
    "answer_cut_off_hours": (0, 336),
    "first_answer_working_days": (1, 30),
    "planning_working_days": (1, 90),
    "programme_answer_days": (1, 60),
    "needs_info_days": (1, 90),
    "reopen_days": (0, 90),
}
HOURS: Mapping[str, tuple[int, int]] = {"host_buffer_minutes": (0, 240)}


@dataclass(frozen=True)
class WorkingHours:
    """When hosts and coordinators work where nothing else is said; `closed_weekdays` beside the weekend."""

    opens: time | None = None
    closes: time | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)
    closed_weekdays: tuple[int, ...] = ()


@dataclass(frozen=True)
class ClosedDays:
    """Days on which nobody receives visitors: in a town, in a country, or everywhere (both empty)."""

    first_on: date
    last_on: date
    country: str
    place: str
    name: str

    def holds_for(self, country: str, place: str) -> bool:
        """Is this place closed then?"""
        return self.country in ("", country) and self.place in ("", place)


@dataclass(frozen=True)
class CostClause:
    """One version of the cost clause; its texts never change once it is in force."""

    version: str
    effective_on: date
    texts: Mapping[str, str]


@dataclass(frozen=True)
class Logo:
    """A picture of the programme or of a partner; `alt` says in each language what it shows."""

    sha256: str
    name: str
    alt: Mapping[str, str]
    width: int
    height: int


def check_deadlines(values: Mapping[str, int]) -> dict[str, int]:
    """Numbers inside their bounds, reminders in their order. Raises SettingNotUsableError."""
    kept = _check_bounds(values, DEADLINES)
    first, second = (values.get(f"{which}_reminder_percent") for which in ("first", "second"))
    if (first is None) != (second is None):
        raise SettingNotUsableError(f"{'first' if first is None else 'second'}_reminder_percent", "missing")
    if first is not None and second is not None and first >= second:
        raise SettingNotUsableError("second_reminder_percent", "order")
    return kept


def check_hours(hours: WorkingHours) -> dict[str, Any]:
    """Hours of at least one, or the standard when both are empty; a day of the week that stays.

    Raises SettingNotUsableError.
    """
    opens, closes = hours.opens, hours.closes
    kept: dict[str, Any] = _check_bounds(hours.numbers, HOURS)
    if len(set(hours.closed_weekdays)) >= _WORKING_WEEKDAYS:
        raise SettingNotUsableError("closed_weekdays", "many", 0, _WORKING_WEEKDAYS - 1)
    if hours.closed_weekdays:
        kept["closed_weekdays"] = sorted(set(hours.closed_weekdays))
    if (opens is None) != (closes is None):
        raise SettingNotUsableError("opens" if opens is None else "closes", "missing")
    if opens is not None and closes is not None:
        if _minutes(closes) - _minutes(opens) < _SHORTEST_DAY.seconds // 60:
            raise SettingNotUsableError("closes", "order")
        kept |= {"working_hours_start": f"{opens:%H:%M}", "working_hours_end": f"{closes:%H:%M}"}
    return kept


def check_closed_days(closed: ClosedDays) -> ClosedDays:
    """A stretch of days with a name. Raises SettingNotUsableError or TextNotAllowedError."""
    if closed.last_on < closed.first_on:
        raise SettingNotUsableError("last_on", "order")
    if (closed.last_on - closed.first_on).days >= LONGEST_CLOSING_DAYS:
        raise SettingNotUsableError("last_on", "range", 1, LONGEST_CLOSING_DAYS)
    name = clean_line(closed.name, max_length=100)
    if not name:
        raise SettingNotUsableError("name", "missing")
    return ClosedDays(closed.first_on, closed.last_on, closed.country, closed.place, name)


def check_new_clause(clause: CostClause, earlier: Sequence[CostClause], *, today: date) -> CostClause:
    """A version with a name of its own, from today or later, in every language.

    Raises SettingNotUsableError or TextNotAllowedError.
    """
    version = clean_line(clause.version, max_length=40)
    if not version:
        raise SettingNotUsableError("version", "missing")
    if version in {one.version for one in earlier}:
        raise SettingNotUsableError("version", "taken")
    if clause.effective_on < today:
        raise SettingNotUsableError("effective_on", "past")
    texts = {code: clean_text(clause.texts.get(code, ""), max_length=LONGEST_CLAUSE) for code in LANGUAGES}
    for code, text in texts.items():
        if not text:
            raise SettingNotUsableError(f"text_{code}", "missing")
    return CostClause(version, clause.effective_on, texts)


def find_clause(clauses: Sequence[CostClause], *, today: date) -> CostClause | None:
    """The one in force: the latest that has begun; of two that begin on one day the newer one."""
    begun = [clause for clause in clauses if clause.effective_on <= today]
    return max(reversed(begun), key=lambda clause: clause.effective_on, default=None)


def list_closed(closed: Sequence[ClosedDays], *, country: str, place: str) -> dict[date, str]:
    """Each closed day of a place with the name of why."""
    found: dict[date, str] = {}
    for stretch in closed:
        if stretch.holds_for(country, place):
            for number in range((stretch.last_on - stretch.first_on).days + 1):
                found.setdefault(stretch.first_on + timedelta(days=number), stretch.name)
    return found


def _check_bounds(values: Mapping[str, int], bounds: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    for name, value in values.items():
        least, most = bounds[name]
        if not least <= value <= most:
            raise SettingNotUsableError(name, "range", least, most)
    return dict(values)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
