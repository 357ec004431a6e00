"""What the list of events is narrowed to, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bookings.domain.errors import TextNotAllowedError
from bookings.domain.events import LANGUAGES, EventKind
from bookings.domain.text import clean_line
from bookings.domain.time import Interval
from bookings.queries.directory import Directory
from bookings.queries.events import EventFilter

VIEWS = ("list", "month")
_ZONE = "Europe/Helsinki"
_YEARS = range(2000, 2200)
_LONGEST_TEXT = 100


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The address as it was read; what makes no sense in it is left out."""

    view: str = "list"
    kind: str = ""
    town: str = ""
    language: str = ""
    text: str = ""
    umbrella: str = ""
    month: date | None = None
    is_past: bool = False

    def parameters(self, **changes: str | None) -> dict[str, str]:
        """For an address that leads to this list, or to it with some changes."""
        found = {
            "view": "" if self.view == "list" else self.view,
            "kind": self.kind,
            "town": self.town,
            "lang_of": self.language,
            "q": self.text,
            "umbrella": self.umbrella,
            "month": self.month.strftime("%Y-%m") if self.month else "",
            "past": "1" if self.is_past else "",
            **{name: value or "" for name, value in changes.items()},
        }
        return {name: value for name, value in found.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Is anything of the list left out by a choice of the reader?"""
        return bool(self.kind or self.town or self.language or self.text or self.umbrella or self.month)


def read_asked(values: Mapping[str, str], directory: Directory, *, today: date) -> Asked:
    """The reader's choices; a month view shows this month unless another is named."""
    view = values.get("view", "")
    month = read_month(values.get("month", ""))
    kind, town, language = (values.get(name, "") for name in ("kind", "town", "lang_of"))
    return Asked(
        view=view if view in VIEWS else "list",
        kind=kind if kind in set(EventKind) else "",
        town=town if town in directory.places.by_slug else "",
        language=language if language in LANGUAGES else "",
        text=_clean(values.get("q", "")),
        umbrella=_clean(values.get("umbrella", "")),
        month=month or (today.replace(day=1) if view == "month" else None),
        is_past=values.get("past") == "1",
    )


def read_month(text: str) -> date | None:
    """The first day of a month written as 2027-03; nothing when it is none."""
    try:
        found = datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def next_month(month: date, step: int) -> date:
    """The first day of the month that many months on."""
    number = month.year * 12 + month.month - 1 + step
    return date(number // 12, number % 12 + 1, 1)


def build_filter(
    asked: Asked, directory: Directory, *, umbrella_id: int | None, now: datetime
) -> EventFilter:
    """The question to the database: what is to come, unless a month or the past is asked for."""
    place = directory.places.by_slug.get(asked.town)
    return EventFilter(
        kind=asked.kind,
        place_id=place.id if place else None,
        umbrella_id=umbrella_id,
        language=asked.language,
        text=asked.text,
        span=_span(asked.month) if asked.month else None,
        ends_after=None if asked.month or asked.is_past else now,
        ends_before=now if asked.is_past and not asked.month else None,
    )


def _span(month: date) -> Interval:
    starts, ends = (datetime.combine(day, time(), ZoneInfo(_ZONE)) for day in (month, next_month(month, 1)))
    return Interval(starts, ends)


def _clean(text: str) -> str:
    try:
        return clean_line(text[:_LONGEST_TEXT], max_length=_LONGEST_TEXT)
    except TextNotAllowedError:
        return ""
