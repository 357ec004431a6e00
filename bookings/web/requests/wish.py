"""From the forms to the value that a use case takes, and back to what the check page shows."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from flask import url_for

from bookings.domain.advice import Advice, AdviceBasis, WishedVisit, list_advice
from bookings.domain.requests import Contact, NewRequest, RequestedVisit, VisitingOrganisation, WishedDays
from bookings.domain.time import HOME_ZONE, home_day
from bookings.i18n import country_name, current_language, format_day, format_length, main_time_zone
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory
from bookings.queries.requests import build_host_limits
from bookings.queries.settings import list_holidays, own_settings
from bookings.settings import current_settings
from bookings.web.requests.forms import (
    ONLINE,
    SUGGEST,
    ContactForm,
    InterestsForm,
    OrganisationForm,
    VisitForm,
    WindowForm,
)
from bookings.web.requests.options import language_name
from bookings.web.texts import VISIT_KINDS, VISITOR_KINDS

_HOST_COUNTRIES = ("SE", "FI")
Row = Mapping[str, Any]


def build_wish(
    about: InterestsForm, visit: VisitForm, contact: ContactForm, *, directory: Directory
) -> NewRequest:
    """The request that three right forms make."""
    wish = build_requested_visit(about, visit, contact)
    parts = {one.name: getattr(wish, one.name) for one in fields(RequestedVisit)}
    return NewRequest(**parts, contact=_build_contact(contact, _zone_of_first(wish.places, directory)))


def build_requested_visit(
    about: InterestsForm, visit: VisitForm, visitor: OrganisationForm
) -> RequestedVisit:
    """What is asked for, by right forms."""
    towns = tuple(slug for slug in visit.places.data if slug not in (SUGGEST, ONLINE))
    is_online = ONLINE in visit.places.data
    languages = [*visit.languages.data, visit.other_language.data]
    return RequestedVisit(
        interests=tuple(about.interests.data),
        interest_other=about.interest_other.data,
        wanted_hosts=tuple(about.wanted_hosts.data),
        visit_kind=about.visit_kind.data,
        purpose=about.purpose.data,
        places=towns,
        leaves_places_open=SUGGEST in visit.places.data or not (towns or is_online),
        is_online=is_online,
        windows=tuple(_build_window(window) for window in visit.windows if not window.is_empty),
        group_size=visit.group_size.data,
        visit_languages=tuple(code for code in languages if code),
        brings_interpreter=visit.brings_interpreter.data,
        organisation=_build_organisation(visitor),
    )


def list_wish_advice(wish: NewRequest, *, directory: Directory, now: datetime) -> list[Advice]:
    """What the rules say about the wish: advice, never a refusal."""
    settings = current_settings().visits
    hosts = [directory.companies[slug] for slug in wish.wanted_hosts if slug in directory.companies]
    towns = [directory.places.by_slug[slug].country for slug in wish.places]
    years = {day.year for window in wish.windows for day in (window.earliest, window.latest)}
    return list_advice(
        WishedVisit(
            group_size=wish.group_size,
            windows=wish.windows,
            interests=wish.interests,
            countries_visited=tuple(dict.fromkeys(towns)) or _HOST_COUNTRIES,
        ),
        AdviceBasis(
            today=home_day(now),
            holidays={country: list_holidays(country, years) for country in _HOST_COUNTRIES},
            july_is_quiet=own_settings().july_is_quiet,
            notice_days=settings.notice_days,
        ),
        hosts=build_host_limits(hosts),
    )


def list_answers(wish: NewRequest, token: str, *, directory: Directory) -> dict[str, list[Row]]:
    """Every answer with the link that changes it, by step."""
    steps = {
        "interests": _about_rows(wish, directory),
        "visit": _visit_rows(wish, directory),
        "contact": _contact_rows(wish),
    }
    return {step: _with_links(rows, _step_url(token, step)) for step, rows in steps.items()}


def _with_links(rows: Iterable[tuple[str, object, str]], url: str) -> list[Row]:
    return [
        {"key": key, "value": _plain(value), "change_url": f"{url}#{anchor}"} for key, value, anchor in rows
    ]


def _plain(value: object) -> object:
    """A list of one needs no bullet."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _step_url(token: str, step: str) -> str:
    return url_for("book.show_step", token=token, step=step)


def _about_rows(wish: NewRequest, directory: Directory) -> Iterable[tuple[str, object, str]]:
    language = current_language()
    hosts = [directory.companies[slug].name for slug in wish.wanted_hosts if slug in directory.companies]
    yield (
        _("Interests"),
        [directory.interests.label(slug, language) for slug in wish.interests],
        "interests",
    )
    yield _("In your own words"), wish.interest_other, "interest_other"
    if hosts:
        yield _("Companies and sites"), hosts, "wanted_hosts"
    yield _("Kind of visit"), str(VISIT_KINDS[wish.visit_kind]), "visit_kind"  # type: ignore[index]
    yield _("What it should lead to"), wish.purpose, "purpose"


def _visit_rows(wish: NewRequest, directory: Directory) -> Iterable[tuple[str, object, str]]:
    language = current_language()
    places = [directory.places.name(slug, language) for slug in wish.places]
    places += [_("Suggest towns for us")] * wish.leaves_places_open + [_("Online")] * wish.is_online
    languages = [language_name(code, language=language) for code in wish.visit_languages]
    yield _("Where"), places, "places"
    yield _("When"), [_window_words(window) for window in wish.windows], "first-earliest_on"
    yield _("Number of visitors"), wish.group_size, "group_size"
    yield (
        _("Languages"),
        [*languages, *([_("We bring our own interpreter")] * wish.brings_interpreter)],
        "languages",
    )


def _window_words(window: WishedDays) -> str:
    values = {
        "first": format_day(window.earliest),
        "last": format_day(window.latest),
        "length": format_length(window.half_days).lower(),
    }
    if window.earliest == window.latest:
        text = _("%(first)s, %(length)s", **values)
    else:
        text = _("%(first)s to %(last)s, %(length)s", **values)
    return " · ".join((text, _("flexible"))) if window.is_flexible else text


def _contact_rows(wish: NewRequest) -> Iterable[tuple[str, object, str]]:
    visitor, contact = wish.organisation, wish.contact
    yield _("Organisation"), visitor.name, "organisation"
    yield _("Country"), country_name(visitor.country), "country"
    yield _("Kind of organisation"), str(VISITOR_KINDS[visitor.kind]), "organisation_kind"  # type: ignore[index]
    yield _("Website"), visitor.website, "website"
    if visitor.on_behalf_of:
        yield _("Visiting organisation"), visitor.on_behalf_of, "on_behalf_of"
    yield _("Your name"), contact.name, "contact_name"
    yield _("Your role"), contact.role, "contact_role"
    yield _("E-mail address"), contact.email, "email"
    yield _("Telephone"), contact.phone, "phone"


def _build_window(window: WindowForm) -> WishedDays:
    earliest, latest = window.earliest_on.data, window.latest_on.data
    assert earliest is not None
    assert latest is not None
    return WishedDays(earliest, latest, int(window.half_days.data), is_flexible=window.is_flexible.data)


def _build_organisation(visitor: OrganisationForm) -> VisitingOrganisation:
    return VisitingOrganisation(
        name=visitor.organisation.data,
        country=visitor.country.data,
        kind=visitor.organisation_kind.data,
        website=visitor.website.data,
        on_behalf_of=visitor.on_behalf_of.data,
    )


def _build_contact(contact: ContactForm, zone_here: str) -> Contact:
    return Contact(
        name=contact.contact_name.data,
        role=contact.contact_role.data,
        email=contact.email.data,
        phone=contact.phone.data,
        time_zone=main_time_zone(contact.country.data, otherwise=zone_here),
    )


def _zone_of_first(towns: tuple[str, ...], directory: Directory) -> str:
    return directory.places.by_slug[towns[0]].time_zone if towns else HOME_ZONE
