"""What a host is told before answering: who, why, how many, when and where. Nothing of other hosts."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain.requests import SEVERAL_COUNTRIES
from bookings.domain.time import local_day
from bookings.domain.visits import OrganisationOfVisitorKind, VisitKind
from bookings.i18n import (
    country_name,
    current_language,
    format_clock,
    format_day,
    format_interval,
    format_people,
    zone_label,
)
from bookings.i18n import gettext as _
from bookings.queries.hosts import HostPage
from bookings.web.texts import VISIT_KINDS, VISITOR_KINDS, language_names


@dataclass(frozen=True)
class When:
    """A time as macros/layout.html `moment` shows it, with its day."""

    day: str
    time: str
    place: str
    zone: str
    other: str
    starts_at: str


def when_at(page: HostPage) -> When:
    """The time at the place, and on the clock of the host's own town where that is another one."""
    slot = page.slot
    return When(
        day=format_day(local_day(slot.starts_at, slot.time_zone)),
        time=_clock(slot.starts_at, slot.ends_at, slot.time_zone),
        place=_town(page) or slot.site.name,
        zone=zone_label(slot.starts_at, slot.time_zone),
        other=_own_time(page),
        starts_at=slot.starts_at.isoformat(),
    )


def list_facts(page: HostPage) -> list[dict[str, object]]:
    """Rows for the eye; what is empty stays out."""
    slot = page.slot
    visit, group = slot.visit, slot.visit.delegation
    language = current_language()
    site = ", ".join(filter(None, (slot.site.name, slot.site.address, _town(page))))
    languages = language_names(visit.visit_languages)
    rows: list[tuple[str, object]] = [
        (_("What about"), slot.title),
        (_("Where"), site),
        (_("Who comes"), _who(page)),
        (_("People"), format_people(group.group_size, visit.parallel_groups, slot.group_number)),
        (_("Why"), visit.purpose),
        (_("Interests"), [term.label(language) for term in page.interests]),
        (_("Kind of visit"), str(VISIT_KINDS[VisitKind(visit.visit_kind)])),
        (
            _("Languages of the visit"),
            _("%(languages)s (the group brings an interpreter)", languages=languages)
            if visit.brings_interpreter
            else languages,
        ),
        (_("Contact of the group"), ", ".join(filter(None, (visit.contact_name, visit.contact_role)))),
        (_("From the coordinators"), slot.message),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def _who(page: HostPage) -> list[str]:
    group = page.slot.visit.delegation
    country = group.organisation_country
    where = _("Several countries") if country == SEVERAL_COUNTRIES else country_name(country)
    kind = str(VISITOR_KINDS[OrganisationOfVisitorKind(group.organisation_kind)])
    behalf = _("on behalf of %(name)s", name=group.on_behalf_of) if group.on_behalf_of else ""
    return [part for part in (group.organisation_name, where, kind, group.website, behalf) if part]


def _town(page: HostPage) -> str:
    place = page.slot.place
    return {"sv": place.name_sv, "fi": place.name_fi}.get(current_language(), place.name_en) if place else ""


def _own_time(page: HostPage) -> str:
    slot = page.slot
    home = slot.organisation.place
    if home is None or home.time_zone == slot.time_zone:
        return ""
    clock = _clock(slot.starts_at, slot.ends_at, home.time_zone)
    return _("Your time: %(time)s", time=f"{clock} {zone_label(slot.starts_at, home.time_zone)}")


def _clock(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    return f"{format_clock(starts_at, zone)}–{format_clock(ends_at, zone)}"


def list_proposed(page: HostPage) -> list[str]:
    """The other times that the host offered, each with its day and zone."""
    zone = page.slot.time_zone
    return [
        f"{format_day(local_day(one.starts_at, zone))} {format_interval(one.starts_at, one.ends_at, zone)}"
        for one in page.slot.proposed_times
    ]
