"""What the visitor sent, as rows for the eye."""

from bookings.domain.requests import SEVERAL_COUNTRIES, WishedDays
from bookings.domain.visits import OrganisationOfVisitorKind, VisitKind
from bookings.i18n import country_name, format_day, format_length
from bookings.i18n import gettext as _
from bookings.queries.visitor import OwnVisit
from bookings.web.texts import VISIT_KINDS, VISITOR_KINDS, Names, in_words, language_names

Row = dict[str, object]


def list_sent(own: OwnVisit) -> list[Row]:
    """The request, field by field; what was left empty stays out."""
    rows: list[tuple[str, object]] = [*_about(own), *_when_and_where(own), *_people(own)]
    return [{"key": key, "value": value} for key, value in rows if value]


def _about(own: OwnVisit) -> list[tuple[str, object]]:
    visit, names = own.visit, Names(own.directory)
    return [
        (_("Kind of visit"), str(VISIT_KINDS[VisitKind(visit.visit_kind)])),
        (_("Interests"), [names.topic(slug) for slug in own.wished.interests]),
        (_("In your own words"), visit.interest_other),
        (_("Purpose"), visit.purpose),
        (_("Wanted hosts"), list(own.wished.hosts)),
    ]


def _when_and_where(own: OwnVisit) -> list[tuple[str, object]]:
    visit, names = own.visit, Names(own.directory)
    towns = in_words([names.place(slug) for slug in own.wished.places])
    if visit.is_online:
        towns = in_words(filter(None, [towns, _("Online")]))
    return [
        (_("Dates"), [_window(window) for window in own.wished.windows]),
        (_("Towns"), towns or _("You suggest")),
    ]


def _window(window: WishedDays) -> str:
    days = format_day(window.earliest)
    if window.latest != window.earliest:
        days = _("%(first)s to %(last)s", first=days, last=format_day(window.latest))
    length = format_length(window.half_days).lower()
    how = f"{length}, " + _("flexible") if window.is_flexible else length
    return f"{days} ({how})"


def _people(own: OwnVisit) -> list[tuple[str, object]]:
    visit, group = own.visit, own.visit.delegation
    languages = language_names(visit.visit_languages)
    if visit.brings_interpreter:
        languages = _("%(languages)s (the group brings an interpreter)", languages=languages)
    return [
        (_("People"), str(group.group_size)),
        (_("Languages of the visit"), languages),
        (_("Organisation"), _organisation(own)),
        (_("On behalf of"), group.on_behalf_of),
        (_("Contact"), [part for part in _contact(own) if part]),
    ]


def _organisation(own: OwnVisit) -> list[str]:
    group = own.visit.delegation
    country = group.organisation_country
    where = _("Several countries") if country == SEVERAL_COUNTRIES else country_name(country)
    kind = str(VISITOR_KINDS[OrganisationOfVisitorKind(group.organisation_kind)])
    return [part for part in (group.organisation_name, where, kind, group.website) if part]


def _contact(own: OwnVisit) -> tuple[str, ...]:
    visit = own.visit
    return (visit.contact_name, visit.contact_role, visit.contact_email, visit.contact_phone)
