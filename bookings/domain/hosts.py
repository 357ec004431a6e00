"""Rules of hosts: what is known of them, how they are asked, whom they do not receive, when they confirm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bookings.domain.directory import (
    FIRST_LEVEL_LIMIT,
    HOST_COUNTRIES,
    LANGUAGE_CODES,
    LARGEST_GROUP,
    is_organisation_number,
)
from bookings.domain.errors import HostDetailNotUsableError
from bookings.domain.offers import MOST_VISITS
from bookings.domain.text import organisation_key
from bookings.domain.time import Interval, is_time_zone

MOST_UNANSWERED = 2
"""Asked in vain so often, a host is no longer suggested."""


class AskingWay(StrEnum):
    """How a host likes to be asked. `AUTOMATIC`: without a member of staff looking at it first."""

    MAIL = "mail"
    PHONE = "phone"
    AUTOMATIC = "automatic"


class ExclusionKind(StrEnum):
    """What a private exclusion looks at: where visitors come from, what they are, or who."""

    COUNTRY = "country"
    SECTOR = "sector"
    ORGANISATION = "organisation"


@dataclass(frozen=True, kw_only=True)
class OrganisationPlan:
    """What the directory says of an organisation; texts in English, Swedish, Finnish."""

    name: str
    kind: str
    country: str
    place: str = ""
    website: str = ""
    summaries: tuple[str, str, str] = ("", "", "")
    organisation_number: str = ""
    topics: tuple[str, ...] = ()
    hosts_visits: str = "unknown"
    status: str = "published"


@dataclass(frozen=True, kw_only=True)
class TermsPlan:
    """What an organisation asks for as a host."""

    languages: tuple[str, ...] = ()
    asking: AskingWay = AskingWay.MAIL
    monthly_cap: int | None = None


@dataclass(frozen=True, kw_only=True)
class ContactPlan:
    """Somebody who answers for a host; `stands_in_for` are ids of colleagues."""

    name: str
    email: str
    role: str = ""
    phone: str = ""
    language: str = "en"
    languages: tuple[str, ...] = ()
    is_host: bool = True
    is_public: bool = False
    is_shared: bool = False
    stands_in_for: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SitePlan:
    """Where visitors are received; hours as local wall times, empty where the usual ones count."""

    name: str
    address: str = ""
    place: str = ""
    time_zone: str
    opens_at: str = ""
    closes_at: str = ""
    group_min: int | None = None
    group_max: int | None = None
    access_rules: str = ""


@dataclass(frozen=True)
class Visitor:
    """What a private exclusion compares: codes of the country and the kind, and the name."""

    country: str
    kind: str
    name: str


@dataclass(frozen=True)
class Exclusion:
    """Visitors whom a host does not receive."""

    kind: ExclusionKind
    value: str

    def meets(self, visitor: Visitor) -> bool:
        """Is this visitor meant? Names are compared as people write them: without case, accents, "Ltd"."""
        if self.kind is ExclusionKind.COUNTRY:
            return self.value == visitor.country
        if self.kind is ExclusionKind.SECTOR:
            return self.value == visitor.kind
        return organisation_key(self.value) == organisation_key(visitor.name)


@dataclass(frozen=True)
class Confirmation:
    """Where a host stands with saying that all is still right."""

    ask_on: date
    is_open: bool
    """Was it asked, and has not answered yet?"""
    unanswered: int


def check_organisation(plan: OrganisationPlan, places: Mapping[str, str]) -> None:
    """`places`: the country of each town. Raises HostDetailNotUsableError."""
    _need(plan.name, "name")
    if plan.country not in HOST_COUNTRIES:
        raise HostDetailNotUsableError("country", "unknown")
    if plan.place and places.get(plan.place) != plan.country:
        raise HostDetailNotUsableError("place", "unknown")
    if plan.organisation_number and not is_organisation_number(plan.organisation_number, plan.country):
        raise HostDetailNotUsableError("organisation_number", "number")
    if len({topic.partition("/")[0] for topic in plan.topics}) > FIRST_LEVEL_LIMIT:
        raise HostDetailNotUsableError("topics", "areas", FIRST_LEVEL_LIMIT)


def check_terms(plan: TermsPlan) -> None:
    """Raises HostDetailNotUsableError."""
    _check_languages(plan.languages)
    if plan.monthly_cap is not None and not 1 <= plan.monthly_cap <= MOST_VISITS:
        raise HostDetailNotUsableError("monthly_cap", "range", 1, MOST_VISITS)


def check_contact(plan: ContactPlan) -> None:
    """Raises HostDetailNotUsableError."""
    _need(plan.name, "name")
    _need(plan.email, "email")
    _check_languages(plan.languages)


def check_site(plan: SitePlan) -> None:
    """Raises HostDetailNotUsableError."""
    _need(plan.name, "name")
    if not is_time_zone(plan.time_zone):
        raise HostDetailNotUsableError("time_zone", "unknown")
    if bool(plan.opens_at) != bool(plan.closes_at) or (plan.opens_at and plan.opens_at >= plan.closes_at):
        raise HostDetailNotUsableError("closes_at", "order" if plan.closes_at else "missing")
    for field in ("group_min", "group_max"):
        number = getattr(plan, field)
        if number is not None and not 1 <= number <= LARGEST_GROUP:
            raise HostDetailNotUsableError(field, "range", 1, LARGEST_GROUP)
    if plan.group_min and plan.group_max and plan.group_min > plan.group_max:
        raise HostDetailNotUsableError("group_max", "order")


def next_confirmation(
    known: Confirmation, *, today: date, every: timedelta, remind: timedelta
) -> Confirmation:
    """What a day on which a host is due brings: a question, a reminder, or silence until next year.

    It is to be asked now exactly when the answer says that the question is open.
    """
    unanswered = known.unanswered + known.is_open
    if known.is_open and unanswered >= MOST_UNANSWERED:
        return Confirmation(today + every - remind, False, unanswered)
    return Confirmation(today + remind, True, unanswered)


def is_silent(unanswered: int) -> bool:
    """Was the host asked in vain so often that it is not suggested any more?"""
    return unanswered >= MOST_UNANSWERED


def intersect_busy(diaries: Sequence[Sequence[Interval]]) -> list[Interval]:
    """When all of these people are busy at the same time; nobody's diary: never."""
    if not diaries:
        return []
    found = merge_busy(diaries[0])
    for diary in diaries[1:]:
        others = merge_busy(diary)
        found = [
            Interval(max(one.start, other.start), min(one.end, other.end))
            for one in found
            for other in others
            if one.overlaps(other)
        ]
    return found


def merge_busy(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps, in order."""
    merged: list[Interval] = []
    for one in sorted(intervals):
        if merged and one.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, one.end))
        else:
            merged.append(one)
    return merged


def _need(text: str, field: str) -> None:
    if not text:
        raise HostDetailNotUsableError(field, "missing")


def _check_languages(languages: Iterable[str]) -> None:
    if any(code not in LANGUAGE_CODES for code in languages):
        raise HostDetailNotUsableError("languages", "unknown")
