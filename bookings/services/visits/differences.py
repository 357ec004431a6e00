"""What a delegation asked for, and what it asks for by now: old and new in words. Parts of use cases."""

from collections.abc import Mapping
from dataclasses import dataclass

from bookings.domain.requests import RequestedVisit, WishedDays
from bookings.i18n import (
    country_name,
    current_language,
    format_day,
    format_length,
    format_people,
    language_name,
)
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory

Row = tuple[str, str]
"""What it is, and "old → new"; of a text that somebody wrote just the new one."""
HOSTS_READ = ("organisation", "country", "on_behalf_of", "people", "purpose", "languages")
"""What stands in an invitation."""
_NOTHING = "–"
_TEXTS = ("purpose", "interest_other")


def list_differences(
    before: RequestedVisit,
    after: RequestedVisit,
    directory: Directory,
    *,
    groups: int = 1,
    group: int | None = None,
) -> Mapping[str, Row]:
    """What differs, by its name, in the language of the moment; of `groups` the reader meets `group`."""
    describe = _Described(directory, groups, group)
    old, new = describe.all_of(before), describe.all_of(after)
    return {
        name: (label, _tell(name, old[name] or _NOTHING, new[name] or _NOTHING))
        for name, label in _labels().items()
        if old[name] != new[name]
    }


def _tell(name: str, old: str, new: str) -> str:
    return new if name in _TEXTS else f"{old} → {new}"


def _labels() -> dict[str, str]:
    return {
        "organisation": _("Organisation"),
        "country": _("Country"),
        "on_behalf_of": _("Visiting organisation"),
        "people": _("How many"),
        "days": _("Dates"),
        "towns": _("Towns"),
        "languages": _("Languages"),
        "interests": _("Interests"),
        "hosts": _("Wanted hosts"),
        "website": _("Website"),
        "purpose": _("Purpose"),
        "interest_other": _("In your own words"),
    }


@dataclass(frozen=True)
class _Described:
    directory: Directory
    groups: int
    group: int | None

    def all_of(self, wish: RequestedVisit) -> dict[str, str]:
        visitor = wish.organisation
        return {
            "organisation": visitor.name,
            "country": country_name(visitor.country),
            "on_behalf_of": visitor.on_behalf_of,
            "people": format_people(wish.group_size, self.groups, self.group),
            "days": "; ".join(_days(window) for window in wish.windows),
            "towns": self._towns(wish),
            "languages": _languages(wish),
            "interests": self._interests(wish),
            "hosts": self._hosts(wish),
            "website": visitor.website,
            "purpose": wish.purpose,
            "interest_other": wish.interest_other,
        }

    def _towns(self, wish: RequestedVisit) -> str:
        towns = sorted(self.directory.places.name(slug, current_language()) for slug in wish.places)
        left_open = [_("Left to us")] * wish.leaves_places_open + [_("Online")] * wish.is_online
        return ", ".join([*towns, *left_open])

    def _interests(self, wish: RequestedVisit) -> str:
        tree = self.directory.interests
        return ", ".join(
            tree.label(slug, current_language()) for slug in tree.by_slug if slug in wish.interests
        )

    def _hosts(self, wish: RequestedVisit) -> str:
        companies = self.directory.companies
        return ", ".join(company.name for slug, company in companies.items() if slug in wish.wanted_hosts)


def _days(window: WishedDays) -> str:
    first, last = (format_day(day) for day in (window.earliest, window.latest))
    days = first if first == last else f"{first} – {last}"
    parts = [days, format_length(window.half_days).lower(), _("flexible") if window.is_flexible else ""]
    return ", ".join(part for part in parts if part)


def _languages(wish: RequestedVisit) -> str:
    names = [language_name(code) for code in wish.visit_languages]
    return ", ".join([*names, *[_("brings an interpreter")] * wish.brings_interpreter])
