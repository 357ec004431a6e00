"""What the address of a calendar page asks for; what makes no sense there is left out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from urllib.parse import parse_qsl, quote, urlencode

from flask import url_for

from bookings.domain.references import is_reference
from bookings.queries.calendar import KINDS, NO_OWNER, STATES, CalendarFilter
from bookings.queries.directory import Directory
from bookings.web.calendar.sheets import PLACE, ROWS, SHOWN_ZONES, VIEWS, Sheet, build_sheet

_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_USUAL = {"view": VIEWS[0], "zone": PLACE, "rows": ROWS[0], "page": "1"}
_LONGEST_BACK = 500
_LONGEST_ID = 10


@dataclass(frozen=True)
class Asked:
    """Days, filters and page of the rows; `moved` is the stop that was moved last."""

    sheet: Sheet
    wanted: CalendarFilter
    page: int
    moved: int

    def address(self, **changes: str) -> str:
        """The page with these changes."""
        values = {**self._values, "page": "", **changes} if changes else self._values
        query = urlencode(
            {name: value for name, value in values.items() if value and _USUAL.get(name) != value}
        )
        return f"{self._base}?{query}" if query else self._base

    @cached_property
    def back(self) -> str:
        """This page as a value of another address."""
        return quote(self.address().partition("?")[2], safe="")

    @cached_property
    def _base(self) -> str:
        return url_for("staff_calendar.show")

    @cached_property
    def _values(self) -> dict[str, str]:
        wanted, sheet = self.wanted, self.sheet
        return {
            "view": sheet.view,
            "date": sheet.day.isoformat(),
            "zone": sheet.zone,
            "rows": sheet.rows,
            "kind": wanted.kind,
            "town": wanted.town,
            "owner": wanted.owner,
            "state": wanted.state,
            "interest": wanted.interest,
            "visit": wanted.visit,
            "page": str(self.page),
        }


def read_asked(
    values: Mapping[str, str], directory: Directory, *, owners: Collection[int], today: date
) -> Asked:
    """What is asked for, as far as there is such a thing."""
    owner = values.get("owner", "")
    wanted = CalendarFilter(
        kind=_one_of(values.get("kind", ""), KINDS),
        town=_one_of(values.get("town", ""), directory.places.by_slug),
        owner=owner if owner == NO_OWNER or _number(owner) in owners else "",
        state=_one_of(values.get("state", ""), STATES),
        interest=_one_of(values.get("interest", ""), directory.interests.by_slug),
        visit=visit.strip().upper() if is_reference(visit := values.get("visit", "")) else "",
    )
    sheet = build_sheet(
        _one_of(values.get("view", ""), VIEWS) or VIEWS[0],
        _read_day(values.get("date", ""), today),
        _one_of(values.get("zone", ""), SHOWN_ZONES) or PLACE,
        _one_of(values.get("rows", ""), ROWS) or ROWS[0],
    )
    return Asked(sheet, wanted, max(1, _number(values.get("page", ""))), _number(values.get("moved", "")))


def way_back(text: str, *, moved: int = 0, day: date | None = None) -> str:
    """The calendar page that somebody came from, on the day and at the entry that was moved."""
    values = dict(parse_qsl(text[:_LONGEST_BACK])) if text.isprintable() else {}
    kept = {name: value for name, value in values.items() if name in _KEPT}
    if day is not None:
        kept |= {"date": day.isoformat()}
    if moved:
        kept |= {"moved": str(moved)}
    query = f"?{urlencode(kept)}" if kept else ""
    return url_for("staff_calendar.show") + query + (f"#slot-{moved}" if moved else "")


_KEPT = frozenset(
    ("view", "date", "zone", "rows", "kind", "town", "owner", "state", "interest", "visit", "page")
)


def _one_of(text: str, known: Collection[str]) -> str:
    return text if text in known else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _LONGEST_ID else 0


def _read_day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if _FIRST_YEAR <= day.year < _LAST_YEAR else today
