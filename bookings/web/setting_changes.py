"""What a save changed in a setting: old and new, part by part, in words."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from bookings.i18n import LANGUAGE_NAMES
from bookings.i18n import gettext as _
from bookings.web.setting_words import PARTS, RULES, WEEKDAYS
from bookings.web.texts import day_range

NOTHING = "–"
_LONGEST_LINE = 90


class Change(NamedTuple):
    """One part of something, before and after."""

    what: str
    old: str
    new: str

    @property
    def is_long(self) -> bool:
        """Is it better read as two texts than in one line?"""
        return any("\n" in text or len(text) > _LONGEST_LINE for text in (self.old, self.new))


def list_setting_changes(key: str, old: Any, new: Any, *, town: Callable[[str], str] = str) -> list[Change]:
    """The parts that differ; a part that is not there is the standard, or nothing."""
    kind = key.partition(".")[0]
    before, after = (_part(kind, value, town) for value in (old, new))
    missing = NOTHING if kind in ("closed_days", "clauses", "logos") else _("the standard")
    return [
        Change(what, before.get(what) or missing, after.get(what) or missing)
        for what in [*before, *(name for name in after if name not in before)]
        if before.get(what) != after.get(what)
    ]


def _part(kind: str, value: Any, town: Callable[[str], str]) -> dict[str, str]:
    if not value:
        return {}
    if kind == "closed_days":
        return _closed_days(value, town)
    words = _PARTS.get(kind, _rules)
    return words(value)


def _clauses(value: Any) -> dict[str, str]:
    return {_clause(one, code): text for one in value for code, text in one["texts"].items()}


def _rules(value: Any) -> dict[str, str]:
    return {str(RULES.get(name, name)): _rule(name, one) for name, one in value.items()}


def _rule(name: str, value: Any) -> str:
    if name == "closed_weekdays":
        return ", ".join(str(label) for number, label in WEEKDAYS if int(number) in value)
    return str(value)


def _clause(clause: Mapping[str, Any], language: str) -> str:
    name = LANGUAGE_NAMES.get(language, language)
    return _("%(name)s (%(language)s)", name=clause["version"], language=name)


def _closed_days(value: Mapping[str, Any], town: Callable[[str], str]) -> dict[str, str]:
    july = _("warned") if value.get("july_is_quiet", True) else _("not warned")
    found = {_("July"): july} if "july_is_quiet" in value else {}
    for one in value.get("stretches", ()):
        where = town(one["place"]) if one["place"] else one["country"] or _("Everywhere")
        days = day_range(date.fromisoformat(one["first_on"]), date.fromisoformat(one["last_on"]))
        found[f"{one['name']} · {where} · {one['first_on']}"] = days
    return found


_PARTS: dict[str, Callable[[Any], dict[str, str]]] = {
    "page": lambda text: {"": text},
    "mail": lambda words: {str(PARTS.get(name, name)): text for name, text in words.items()},
    "clauses": _clauses,
    "logos": lambda value: {one["name"]: one["alt"].get("en", "") or one["name"] for one in value},
}
