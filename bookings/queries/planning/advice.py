"""Advice on a request for staff: the rules of the form, with what only staff may see."""

from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.advice import (
    Advice,
    AdviceBasis,
    EarlierVisit,
    HostLimits,
    WishedVisit,
    list_advice,
)
from bookings.domain.time import home_day
from bookings.queries.directory import Directory, load_directory
from bookings.queries.settings import list_holidays, own_settings
from bookings.queries.visits import VisitFile
from bookings.settings import current_settings

_HOST_COUNTRIES = ("SE", "FI")


def list_staff_advice(session: Session, file: VisitFile, *, now: datetime) -> list[Advice]:
    """Everything worth knowing before the request is planned."""
    directory = load_directory(session)
    return list_advice(
        _build_wish(file, directory),
        _build_basis(file, now=now),
        hosts=_list_limits(file, directory),
        earlier=[EarlierVisit(other.reference, other.interests, other.first_day) for other in file.earlier],
    )


def _build_wish(file: VisitFile, directory: Directory) -> WishedVisit:
    places = directory.places.by_slug
    countries = {places[slug].country for slug in file.wishes.places if slug in places}
    return WishedVisit(
        group_size=file.delegation.group_size,
        windows=file.wishes.windows,
        interests=file.wishes.interests,
        visitor_countries=(file.delegation.organisation_country,),
        countries_visited=tuple(sorted(countries)) or _HOST_COUNTRIES,
    )


def _build_basis(file: VisitFile, *, now: datetime) -> AdviceBasis:
    settings = current_settings().visits
    windows = file.wishes.windows
    years = {day.year for window in windows for day in (window.earliest, window.latest)}
    return AdviceBasis(
        today=home_day(now),
        holidays={country: list_holidays(country, years) for country in _HOST_COUNTRIES},
        july_is_quiet=own_settings().july_is_quiet,
        screened_countries=frozenset(settings.screening_countries),
        notice_days=settings.notice_days,
        history_months=settings.history_months,
    )


def _list_limits(file: VisitFile, directory: Directory) -> list[HostLimits]:
    found = []
    for host in file.wishes.hosts:
        company = directory.companies.get(host.slug)
        sites = company.sites if company else ()
        smallest = min((site.group_min for site in sites if site.group_min), default=None)
        largest = max((site.group_max for site in sites if site.group_max), default=None)
        found.append(HostLimits(host.slug, host.name, smallest, largest))
    return found
