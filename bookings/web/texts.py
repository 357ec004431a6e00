"""Words for codes that several features show: states, kinds, the names of places, topics and languages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_interval, format_skeleton
from babel.lists import format_list

from bookings.domain.slots import SlotState
from bookings.domain.time import to_local
from bookings.domain.visits import OrganisationOfVisitorKind, VisitKind, VisitState
from bookings.i18n import current_language, format_clock, zone_label
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import Directory

VISIT_STATES = {
    VisitState.UNVERIFIED: _l("Address not confirmed"),
    VisitState.SUBMITTED: _l("Received"),
    VisitState.NEEDS_INFO: _l("Waiting for an answer from the visitor"),
    VisitState.PLANNING: _l("Being planned"),
    VisitState.AWAITING_HOSTS: _l("Waiting for the hosts"),
    VisitState.PROPOSED: _l("Programme proposed"),
    VisitState.CONFIRMED: _l("Confirmed"),
    VisitState.COMPLETED: _l("Completed"),
    VisitState.DECLINED: _l("Declined"),
    VisitState.CANCELLED: _l("Cancelled"),
    VisitState.EXPIRED: _l("Expired"),
}

SLOT_STATES = {
    SlotState.DRAFT: _l("Draft"),
    SlotState.PENDING: _l("Waiting for the host"),
    SlotState.TENTATIVE: _l("Host says maybe"),
    SlotState.COUNTERED: _l("Host proposes another time"),
    SlotState.ACCEPTED: _l("Host has accepted"),
    SlotState.DECLINED: _l("Host has declined"),
    SlotState.EXPIRED: _l("No answer in time"),
    SlotState.WITHDRAWN: _l("Withdrawn"),
    SlotState.CANCELLED: _l("Cancelled"),
    SlotState.COMPLETED: _l("Completed"),
    SlotState.NO_SHOW: _l("Did not take place"),
}

VISIT_KINDS = {
    VisitKind.STUDY_VISIT: _l("Study visit"),
    VisitKind.BUSINESS: _l("Business meetings"),
    VisitKind.OFFICIAL: _l("Official delegation"),
    VisitKind.INVESTMENT: _l("Investment"),
    VisitKind.RESEARCH: _l("Research"),
    VisitKind.PRESS: _l("Press"),
}

VISITOR_KINDS = {
    OrganisationOfVisitorKind.PUBLIC: _l("Public body"),
    OrganisationOfVisitorKind.COMPANY: _l("Company"),
    OrganisationOfVisitorKind.UNIVERSITY: _l("University"),
    OrganisationOfVisitorKind.NGO: _l("Non-governmental organisation"),
    OrganisationOfVisitorKind.PRESS: _l("Press"),
    OrganisationOfVisitorKind.EMBASSY: _l("Embassy"),
    OrganisationOfVisitorKind.OTHER: _l("Other"),
}

_CLOCKS = {
    "Europe/Stockholm": _l("Swedish time"),
    "Europe/Helsinki": _l("Finnish time"),
    "UTC": _l("UTC"),
}


@dataclass(frozen=True)
class Names:
    """The directory's names in the reader's language."""

    directory: Directory

    def place(self, slug: object) -> str:
        """A town."""
        return self.directory.places.name(str(slug), current_language())

    def topic(self, slug: object) -> str:
        """An area or a topic."""
        return self.directory.interests.label(str(slug), current_language())

    def topics(self, slugs: object) -> str:
        """Areas and topics as a list in words."""
        return in_words(self.topic(slug) for slug in as_items(slugs))

    def places(self, slugs: object) -> str:
        """Towns as a list in words."""
        return in_words(self.place(slug) for slug in as_items(slugs))


def short_instant(instant: datetime, time_zone: str) -> str:
    """ "1 Feb 2027 09:00 CET": for records, where the weekday says nothing."""
    local = to_local(instant, time_zone)
    day = _write_day("yMMMd", local.date(), _day_locale())
    return f"{day} {format_clock(instant, time_zone)} {zone_label(instant, time_zone)}"


def clock_words(zone: str) -> str:
    """By whose clocks: of either shore in words, and of other places by the name of their zone."""
    return str(_CLOCKS.get(zone, zone))


def day_range(first: date, last: date) -> str:
    """ "15–17 Mar 2027"."""
    if first == last:
        return _write_day("yMMMEd", first, _day_locale())
    return _write_days(first, last, _day_locale())


def weekday_and_day(day: date) -> str:
    """ "Mon 12 Oct": in a calendar whose year is known."""
    return format_skeleton("MMMEd", day, locale=_day_locale())


def month_name(day: date) -> str:
    """ "March 2027" as a heading."""
    return format_skeleton("yMMMM", day, locale=_day_locale()).capitalize()


@lru_cache(maxsize=2_000)
def _write_day(skeleton: str, day: date, locale: str) -> str:
    """A list writes the same days again and again, and looking up how is most of the work."""
    return format_skeleton(skeleton, day, locale=locale)


@lru_cache(maxsize=2_000)
def _write_days(first: date, last: date, locale: str) -> str:
    return format_interval(first, last, "yMMMd", locale=locale)


def _day_locale() -> str:
    """British order of day and month in English: readers are Europeans."""
    return "en_GB" if current_language() == "en" else current_language()


def language_name(code: object) -> str:
    """A language in the reader's language; the code itself when it is unknown."""
    return str(Locale(current_language()).languages.get(str(code), code))


def language_names(codes: object) -> str:
    """Languages as a list in words."""
    return in_words(language_name(code) for code in as_items(codes))


def in_words(parts: Iterable[str]) -> str:
    """ "a, b and c" in the reader's language."""
    return format_list(list(parts), locale=current_language())


def as_items(values: object) -> Iterable[object]:
    """The values of a list that comes with a code."""
    return values if isinstance(values, list | tuple) else ()
