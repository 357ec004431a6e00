"""What a delegation sends: the value that the form makes, and the rules about its days and areas."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta

from bookings.domain.advice import DateWindow
from bookings.domain.errors import GroupsNotFilledError

MOST_AREAS = 5
MOST_HALF_DAYS = 28
LARGEST_GROUP = 200
MOST_WANTED_HOSTS = 20
PURPOSE_LENGTH = (20, 1500)
SEVERAL_COUNTRIES = "ZZ"
"""Visitors of several countries, or an international organisation."""
_LATEST_DAYS_AHEAD = 3 * 366


@dataclass(frozen=True)
class WishedDays(DateWindow):
    """One choice of days."""

    is_flexible: bool = False


@dataclass(frozen=True, kw_only=True)
class VisitingOrganisation:
    """Who comes."""

    name: str
    country: str
    kind: str
    website: str = ""
    on_behalf_of: str = ""


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Who answers for the delegation."""

    name: str
    email: str
    role: str = ""
    phone: str = ""
    time_zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class RequestedVisit:
    """What a delegation asks for, every shape checked: staff may change it after it was sent."""

    interests: tuple[str, ...]
    visit_kind: str
    purpose: str
    windows: tuple[WishedDays, ...]
    group_size: int
    visit_languages: tuple[str, ...]
    organisation: VisitingOrganisation
    interest_other: str = ""
    wanted_hosts: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    leaves_places_open: bool = True
    is_online: bool = False
    brings_interpreter: bool = False

    @property
    def last_day(self) -> date:
        """The last day on which the visit may still happen."""
        return max(window.latest for window in self.windows)

    def list_changes(self, other: "RequestedVisit") -> tuple[str, ...]:
        """The fields in which the other one asks for something else; the order of ticks means nothing."""
        names = [one.name for one in fields(RequestedVisit)]
        return tuple(name for name in names if _told(getattr(self, name)) != _told(getattr(other, name)))


@dataclass(frozen=True, kw_only=True)
class NewRequest(RequestedVisit):
    """A whole request, as the form sends it."""

    contact: Contact


@dataclass(frozen=True, kw_only=True)
class Sending:
    """How a request was sent: from which form, in which language, under which clause, from where."""

    form_key: str
    language: str
    clause_version: str
    clause_text: str
    accepts_costs: bool
    wants_newsletter: bool = False
    newsletter_wording: str = ""
    client_address: str = ""
    looks_automatic: bool = False


def check_fills_groups(group_size: int, groups: int) -> None:
    """Each group of the delegation has somebody in it. Raises GroupsNotFilledError."""
    if group_size < groups:
        raise GroupsNotFilledError(groups)


def find_window_problem(
    earliest: date, latest: date, half_days: int, *, today: date
) -> tuple[str, str] | None:
    """Which end of the window is impossible and why: `past`, `far`, `order` or `too_short`."""
    if earliest < today:
        return "earliest_on", "past"
    if latest < earliest:
        return "latest_on", "order"
    if latest > today + timedelta(days=_LATEST_DAYS_AHEAD):
        return "latest_on", "far"
    if half_days > 2 * ((latest - earliest).days + 1):
        return "half_days", "too_short"
    return None


def _told(value: object) -> object:
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return frozenset(value)
    return value


def count_areas(interests: Iterable[str], area_of: dict[str, str]) -> int:
    """How many first-level areas the ticked terms belong to."""
    return len({area_of.get(slug, slug) for slug in interests})


def merge_hosts(chosen: Sequence[str], offered: Sequence[str], plan: Sequence[str]) -> tuple[str, ...]:
    """Hosts to tick: those chosen before, and those put into the visit plan since the form showed them."""
    added = [slug for slug in plan if slug not in offered]
    return tuple(dict.fromkeys([*chosen, *added]))[:MOST_WANTED_HOSTS]
