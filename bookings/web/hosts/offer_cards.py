"""Visit offers in the reader's language: for visitors, for staff and for the hosts themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time

from babel.dates import format_skeleton
from babel.numbers import format_currency

from bookings.domain.offers import EVERY_DAY, PhotoPolicy, SeasonHours, StepAccess
from bookings.i18n import current_language, ngettext
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory
from bookings.queries.offers import OfferView
from bookings.web.hosts.words import PHOTO_POLICIES, STEP_ACCESS, WEEKDAYS
from bookings.web.texts import language_name

_LEAP_YEAR = 2024


@dataclass(frozen=True)
class OfferCard:
    """An offer with its words and facts; `description_language` may be another than the reader's."""

    id: int
    title: str
    description: str
    description_language: str
    topics: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    is_example: bool
    is_offered: bool


def build_offer_cards(directory: Directory, offers: Iterable[OfferView]) -> tuple[OfferCard, ...]:
    """The offers in their order."""
    language = current_language()
    return tuple(_build_card(directory, offer, language) for offer in offers)


def _build_card(directory: Directory, offer: OfferView, language: str) -> OfferCard:
    description, description_language = offer.description(language)
    return OfferCard(
        id=offer.id,
        title=offer.title(language),
        description=description,
        description_language=description_language,
        topics=tuple(directory.interests.label(slug, language) for slug in offer.topics),
        facts=tuple((label, value) for label, value in _list_facts(offer, language) if value),
        is_example=offer.is_example,
        is_offered=offer.is_offered,
    )


def _list_facts(offer: OfferView, language: str) -> Iterable[tuple[str, str]]:
    yield _("Takes"), ngettext("%(num)d minute", "%(num)d minutes", offer.minutes)
    yield _("Languages"), ", ".join(language_name(code) for code in offer.languages)
    yield _("Group"), _tell_group(offer)
    yield _("Notice"), ngettext("%(num)d day", "%(num)d days", offer.lead_days) if offer.lead_days else ""
    yield _("Open"), "; ".join(tell_hours(window, language) for window in offer.hours)
    yield _("Fee"), _tell_fee(offer, language)
    yield _("Steps"), _known(STEP_ACCESS, offer.step_access, StepAccess.UNKNOWN)
    yield _("Photos"), _known(PHOTO_POLICIES, offer.photo_policy, PhotoPolicy.UNKNOWN)
    yield _("Shoes and protective clothing"), offer.clothing
    yield _("Minimum age"), str(offer.minimum_age or "")
    yield _("Before the visit"), _("A list of names is needed.") if offer.needs_identity_list else ""


def tell_hours(window: SeasonHours, language: str) -> str:
    """A window in words: season, days, times of the place."""
    days = ", ".join(str(WEEKDAYS[day]) for day in window.weekdays)
    days = (
        _("Mon–Fri") if window.weekdays == "12345" else _("every day") if len(window.weekdays) == 7 else days
    )
    opens, closes = (
        time.fromisoformat(text).strftime("%H:%M") for text in (window.opens_at, window.closes_at)
    )
    hours = f"{days} {opens}–{closes}"
    if (window.from_day, window.to_day) == EVERY_DAY:
        return hours
    first, last = (_day_of_year(text, language) for text in (window.from_day, window.to_day))
    return f"{first} – {last}: {hours}"


def _day_of_year(text: str, language: str) -> str:
    return format_skeleton("MMMd", date.fromisoformat(f"{_LEAP_YEAR}-{text}"), locale=_locale(language))


def _locale(language: str) -> str:
    return {"en": "en_GB"}.get(language, language)


def _tell_group(offer: OfferView) -> str:
    if offer.group_min and offer.group_max:
        return _("%(least)s to %(most)s people", least=offer.group_min, most=offer.group_max)
    if offer.group_max:
        return _("Up to %(most)s people", most=offer.group_max)
    return _("At least %(least)s people", least=offer.group_min) if offer.group_min else ""


def _tell_fee(offer: OfferView, language: str) -> str:
    if not offer.fee_cents:
        return ""
    return format_currency(offer.fee_cents / 100, offer.fee_currency, locale=_locale(language))


def _known(words: dict[str, str], code: str, unknown: str) -> str:
    return "" if code == unknown else str(words[code])
