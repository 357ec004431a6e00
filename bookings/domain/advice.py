"""Advice on a wished visit: for the visitor or for staff, never a refusal (rules 1-5 and 8 of the form)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from bookings.domain.time import is_weekend

Params = Mapping[str, object]
HolidayMap = Mapping[str, Mapping[date, str]]
"""Country code to its public holidays with their names."""

NOTICE_DAYS = 28
HISTORY_MONTHS = 24
_JULY = 7
_MOST_DAYS_NAMED = 8
_HALF_DAYS_A_DAY = 2
# A request may ask for years; nobody plans further, and the loop over its days must end soon.
_LONGEST_LOOK_DAYS = 366


class Audience(StrEnum):
    VISITOR = "visitor"
    STAFF = "staff"


@dataclass(frozen=True)
class Advice:
    """A code and the values of its sentence. What is for the visitor, staff see too; not the other way."""

    code: str
    params: Params = field(default_factory=dict)
    audience: Audience = Audience.VISITOR


@dataclass(frozen=True)
class DateWindow:
    """Days between which a visit may happen, both inclusive, and how many half days it takes."""

    earliest: date
    latest: date
    half_days: int = 1


@dataclass(frozen=True)
class HostLimits:
    """What a wanted host can receive; `lead_days` where it needs more notice than usual."""

    slug: str
    name: str
    group_min: int | None = None
    group_max: int | None = None
    lead_days: int | None = None


@dataclass(frozen=True)
class EarlierVisit:
    """A visit or request of the same organisation."""

    reference: str
    interests: tuple[str, ...]
    visited_on: date


@dataclass(frozen=True)
class WishedVisit:
    """What the rules look at; `countries_visited` are those of the wished towns, all when none was chosen."""

    group_size: int
    windows: tuple[DateWindow, ...]
    interests: tuple[str, ...] = ()
    visitor_countries: tuple[str, ...] = ()
    countries_visited: tuple[str, ...] = ("SE", "FI")


@dataclass(frozen=True)
class AdviceBasis:
    """What the installation and its records say."""

    today: date
    holidays: HolidayMap = field(default_factory=dict)
    screened_countries: frozenset[str] = frozenset()
    notice_days: int = NOTICE_DAYS
    history_months: int = HISTORY_MONTHS
    july_is_quiet: bool = True


def list_advice(
    wish: WishedVisit,
    basis: AdviceBasis,
    *,
    hosts: Sequence[HostLimits] = (),
    earlier: Sequence[EarlierVisit] = (),
) -> list[Advice]:
    """All advice about a wish: groups, notice, days; then what only staff see."""
    return [
        *advise_on_groups(wish.group_size, hosts),
        *advise_on_notice(wish.windows, basis, hosts=hosts),
        *advise_on_days(wish, basis.holidays, july_is_quiet=basis.july_is_quiet),
        *advise_on_history(wish.interests, earlier, basis),
        *advise_on_screening(wish.visitor_countries, basis.screened_countries),
    ]


def is_urgent(windows: Sequence[DateWindow], basis: AdviceBasis) -> bool:
    """Is the first wished day nearer than the notice that hosts are promised?"""
    return any(window.earliest < basis.today + timedelta(days=basis.notice_days) for window in windows)


def advise_on_groups(group_size: int, hosts: Iterable[HostLimits]) -> list[Advice]:
    """Rules 1 and 2: too large → parallel groups (how many); too small → an open visit day."""
    found = []
    for host in hosts:
        params: Params = {"host": host.slug, "host_name": host.name, "group_size": group_size}
        if host.group_max and group_size > host.group_max:
            groups = count_parallel_groups(group_size, host.group_max)
            extra: Params = {"group_max": host.group_max, "parallel_groups": groups}
            found.append(Advice("group_too_large", {**params, **extra}))
        elif host.group_min and group_size < host.group_min:
            found.append(Advice("group_too_small", {**params, "group_min": host.group_min}))
    return found


def count_parallel_groups(group_size: int, group_max: int) -> int:
    """Into how many groups to part the visitors so that each fits."""
    return -(-group_size // group_max)


def advise_on_notice(
    windows: Sequence[DateWindow], basis: AdviceBasis, *, hosts: Iterable[HostLimits] = ()
) -> list[Advice]:
    """Rule 3: the first day is nearer than usual (`short_notice`) or than one host needs."""
    if not windows:
        return []
    first = min(window.earliest for window in windows)
    days_left = (first - basis.today).days
    told: Params = {"first_day": first, "days_left": days_left}
    usual = Advice("short_notice", {**told, "notice_days": basis.notice_days})
    found = [usual] if days_left < basis.notice_days else []
    for host in hosts:
        if host.lead_days is not None and days_left < host.lead_days:
            own: Params = {"notice_days": host.lead_days, "host": host.slug, "host_name": host.name}
            found.append(Advice("short_notice_for_host", {**told, **own}))
    return found


def advise_on_days(wish: WishedVisit, holidays: HolidayMap, *, july_is_quiet: bool = True) -> list[Advice]:
    """Rule 4: July, holidays and weekends of the countries visited, each naming the days."""
    maps = {country: holidays.get(country, {}) for country in wish.countries_visited}
    found = [advice for window in wish.windows for advice in _advise_on_window(window, maps)]
    return [advice for advice in found if july_is_quiet or advice.code != "july"]


def find_day_concerns(
    day: date, holidays: HolidayMap, *, july_is_quiet: bool = True
) -> list[tuple[str, Params]]:
    """Codes with values for one day: `weekend`, `holiday` for each country that has one, `july`."""
    found: list[tuple[str, Params]] = []
    if is_weekend(day):
        found.append(("weekend", {"day": day}))
    for country, days in holidays.items():
        if day in days:
            found.append(("holiday", {"day": day, "country": country, "name": days[day]}))
    if day.month == _JULY and july_is_quiet:
        found.append(("july", {"day": day}))
    return found


def advise_on_history(
    interests: Sequence[str], earlier: Iterable[EarlierVisit], basis: AdviceBasis
) -> list[Advice]:
    """Rule 5: earlier visits of the same organisation about the same things, newest first; for staff."""
    since = months_before(basis.today, basis.history_months)
    found = []
    for visit in sorted(earlier, key=lambda visit: visit.visited_on, reverse=True):
        shared = shared_interests(interests, visit.interests)
        if visit.visited_on >= since and shared:
            params = {"reference": visit.reference, "visited_on": visit.visited_on, "interests": shared}
            found.append(Advice("earlier_visit", params, Audience.STAFF))
    return found


def advise_on_screening(countries: Iterable[str], screened: frozenset[str]) -> list[Advice]:
    """Rule 8: a country on the owner's list is a task for staff, and nothing else."""
    return [
        Advice("export_control_check", {"country": country}, Audience.STAFF)
        for country in countries
        if country in screened
    ]


def shared_interests(wished: Iterable[str], other: Iterable[str]) -> tuple[str, ...]:
    """Wished interests that the other list meets: the same term, or one is the area of the other."""
    others = set(other)
    areas = {slug.partition("/")[0] for slug in others}
    met = [
        slug
        for slug in dict.fromkeys(wished)
        if slug in others or slug.partition("/")[0] in others or slug in areas
    ]
    return tuple(met)


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months earlier, or the last one that month has."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    first = date(year, month + 1, 1)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return first.replace(day=min(day.day, (following - first).days))


def _advise_on_window(window: DateWindow, holidays: HolidayMap) -> list[Advice]:
    days = _days_of(window)
    found = _advise_on_july(days)
    for country, named in holidays.items():
        for day in [day for day in days if day in named][:_MOST_DAYS_NAMED]:
            found.append(Advice("holiday", {"day": day, "country": country, "name": named[day]}))
    weekend = tuple(day for day in days if is_weekend(day))
    needed = -(-window.half_days // _HALF_DAYS_A_DAY)
    # A wide window always holds weekends; they matter when the visit does not fit between them.
    if weekend and len(days) - len(weekend) < needed:
        found.append(Advice("weekend", {"day": weekend[0], "days": weekend[:_MOST_DAYS_NAMED]}))
    return found


def _advise_on_july(days: Sequence[date]) -> list[Advice]:
    july = [day for day in days if day.month == _JULY]
    return [Advice("july", {"day": july[0], "last_day": july[-1]})] if july else []


def _days_of(window: DateWindow) -> list[date]:
    length = min((window.latest - window.earliest).days + 1, _LONGEST_LOOK_DAYS)
    last = date.max.toordinal()
    first = window.earliest.toordinal()
    return [date.fromordinal(number) for number in range(first, min(first + length, last + 1))]
