"""What staff set, as it is now: read anew only when the newest row carries another mark than what is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.adapters.holidays import load_holidays
from bookings.db import table_of
from bookings.domain.errors import NotFoundError
from bookings.domain.settings import ClosedDays, CostClause, Logo, list_closed
from bookings.models.settings import LogoFile, StaffSetting
from bookings.settings import Settings, VisitSettings

DEADLINES, HOURS, CLOSED_DAYS, CLAUSES, LOGOS = "deadlines", "hours", "closed_days", "clauses", "logos"
_SETTINGS = table_of(StaffSetting).c
_NEWEST = select(func.max(_SETTINGS.id)).scalar_subquery()
MARK = select(_SETTINGS.mark).where(_SETTINGS.id == _NEWEST).scalar_subquery()
"""For statements that read something anyway: hand what it answers to `see_mark`."""
_PERCENT = 100
_DAYS_OF_YEAR = 366
_NO_WORK = "–"
"""In the place of a holiday's name: on this weekday nobody works."""


@dataclass(frozen=True)
class SavedSetting:
    """The newest version of one setting; `value` is nothing where the standard holds."""

    version: int = 0
    value: Any = None
    saved_at: datetime | None = None
    saved_by: str = ""


@dataclass(frozen=True)
class OwnSettings:
    """All that staff set, at one moment."""

    mark: str = ""
    saved: Mapping[str, SavedSetting] = field(default_factory=dict)
    closed_days: tuple[ClosedDays, ...] = ()
    july_is_quiet: bool = True
    clauses: tuple[CostClause, ...] = ()
    logos: tuple[Logo, ...] = ()

    def find(self, key: str) -> SavedSetting:
        """What is saved under a key; version 0 where nothing ever was."""
        return self.saved.get(key, SavedSetting())

    def page_text(self, name: str, language: str) -> str:
        """Staff's own text of a page, or nothing."""
        return self.find(page_key(name, language)).value or ""

    def mail_words(self, template: str, language: str) -> Mapping[str, str]:
        """The parts of a mail that staff wrote."""
        return self.find(mail_key(template, language)).value or {}


def mail_key(template: str, language: str) -> str:
    """Where the words of a mail in one language are kept."""
    return f"mail.{template}.{language}"


def page_key(name: str, language: str) -> str:
    """Where a text of a page in one language is kept."""
    return f"page.{name}.{language}"


def own_settings() -> OwnSettings:
    """What staff set, as this process saw it last; `refresh_settings` and `see_mark` look anew."""
    found: OwnSettings = current_app.extensions.setdefault("own_settings", OwnSettings())
    return found


def refresh_settings(session: Session) -> OwnSettings:
    """Look once, in one statement when nothing changed."""
    see_mark(session, session.scalar(select(MARK)))
    return own_settings()


def see_mark(session: Session, mark: str | None) -> None:
    """The newest mark was read beside something else: take over what staff set if it is another one."""
    if own_settings().mark != (mark or ""):
        take_over(read_settings(session))


def take_over(own: OwnSettings) -> None:
    """From now on this process works by these settings."""
    kept = current_app.extensions
    shipped = kept.setdefault("shipped_visits", kept["settings"].visits)
    settings: Settings = kept["settings"]
    kept["settings"] = settings.model_copy(update={"visits": _change_rules(shipped, own)})
    kept["own_settings"] = own


def shipped_rules() -> VisitSettings:
    """The rules as the configuration has them."""
    kept = current_app.extensions
    found: VisitSettings = kept.get("shipped_visits", kept["settings"].visits)
    return found


def read_settings(session: Session) -> OwnSettings:
    """Every newest version, from the database."""
    version = func.max(StaffSetting.version).label("version")
    found = select(StaffSetting.key, version).group_by(StaffSetting.key).subquery()
    rows = session.scalars(
        select(StaffSetting)
        .join(found, (StaffSetting.key == found.c.key) & (StaffSetting.version == found.c.version))
        .order_by(StaffSetting.id)
    ).all()
    saved = {row.key: SavedSetting(row.version, row.value, row.saved_at, row.saved_by) for row in rows}
    closed = (saved.get(CLOSED_DAYS) or SavedSetting()).value or {}
    return OwnSettings(
        mark=rows[-1].mark if rows else "",
        saved=saved,
        closed_days=tuple(_read_closed(one) for one in closed.get("stretches", ())),
        july_is_quiet=closed.get("july_is_quiet", True),
        clauses=tuple(_read_clause(one) for one in _list_of(saved, CLAUSES)),
        logos=tuple(Logo(**one) for one in _list_of(saved, LOGOS)),
    )


def find_logo(session: Session, digest: str) -> tuple[str, bytes]:
    """Media type and content. Raises NotFoundError."""
    row = session.execute(
        select(LogoFile.media_type, LogoFile.content).where(LogoFile.sha256 == digest)
    ).one_or_none()
    if row is None:
        raise NotFoundError("logo", digest)
    return row.media_type, row.content


def list_holidays(country: str, years: Iterable[int], *, place: str = "") -> Mapping[date, str]:
    """Public holidays, and the days on which staff said that a country or a town is closed."""
    years = tuple(years)
    official = load_holidays(country, years)
    own = own_settings()
    closed = _list_closed(own.closed_days, country, place)
    weekly = _list_weekly(tuple((own.find(HOURS).value or {}).get("closed_weekdays", ())), years)
    return {**weekly, **closed, **official} if closed or weekly else official


# A calendar asks for each of its days.
@lru_cache(maxsize=64)
def _list_closed(closed: tuple[ClosedDays, ...], country: str, place: str) -> Mapping[date, str]:
    return list_closed(closed, country=country, place=place)


@lru_cache(maxsize=16)
def _list_weekly(weekdays: tuple[int, ...], years: tuple[int, ...]) -> Mapping[date, str]:
    """Weekdays on which nobody works, as days."""
    if not weekdays:
        return {}
    firsts = [date(year, 1, 1) for year in years]
    days = [first + timedelta(days=number) for first in firsts for number in range(_DAYS_OF_YEAR)]
    return {day: _NO_WORK for day in days if day.isoweekday() in weekdays}


def _list_of(saved: Mapping[str, SavedSetting], key: str) -> list[dict[str, Any]]:
    found = saved.get(key)
    return list(found.value or ()) if found else []


def _read_closed(value: Mapping[str, str]) -> ClosedDays:
    first, last = (date.fromisoformat(value[name]) for name in ("first_on", "last_on"))
    return ClosedDays(first, last, value["country"], value["place"], value["name"])


def _read_clause(value: Mapping[str, Any]) -> CostClause:
    return CostClause(value["version"], date.fromisoformat(value["effective_on"]), value["texts"])


def _change_rules(shipped: VisitSettings, own: OwnSettings) -> VisitSettings:
    changed: dict[str, Any] = {
        **(own.find(DEADLINES).value or {}),
        **(own.find(HOURS).value or {}),
    }
    parts = [changed.pop(f"{which}_reminder_percent", None) for which in ("first", "second")]
    if None not in parts:
        changed["reminder_parts"] = [part / _PERCENT for part in parts if part is not None]
    return shipped.model_copy(update=changed)
