"""The programme of a visit as one of its readers may see it: its visitor, its staff, or one of its hosts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from bookings.domain.links import LinkPurpose
from bookings.domain.slots import ASKED_STATES, HOLDING_STATES, SlotState
from bookings.domain.time import to_local
from bookings.domain.visits import VisitState
from bookings.i18n import (
    country_name,
    current_language,
    format_day,
    format_day_on,
    format_people,
    language_name,
)
from bookings.i18n import gettext as _
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.directory import load_directory, load_travel_table
from bookings.queries.links import find_link
from bookings.queries.settings import own_settings
from bookings.queries.slots import find_host_link, list_agreed_hosts, list_slots_of_visit
from bookings.queries.visits import find_visit_head
from bookings.services.calendar import people_of
from bookings.services.programme import describe_days
from bookings.settings import current_settings

_SHOWN = (*HOLDING_STATES, SlotState.COMPLETED, SlotState.NO_SHOW)
_CERTAIN = (VisitState.CONFIRMED, VisitState.COMPLETED)
_BEFORE_PLANNING = (VisitState.UNVERIFIED, VisitState.SUBMITTED)
_NO_CLOCK = "{time}"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What is printed, in the language of its reader. `logos` are named by their digests."""

    reference: str
    language: str
    data: dict[str, Any]
    logos: tuple[tuple[str, str], ...]
    """Digest and alternative text of each."""


def build_visitor_sheet(session: Session, token: str, *, now: datetime) -> Sheet | None:
    """What the visitor's link opens; nothing where there are no times yet. Contacts only of hosts that are
    public. Raises LinkNotFoundError or LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.MANAGE_VISIT, now=now)
    stops = _list_shown(session, link.subject_id)
    if not stops or stops[0].visit.state in _BEFORE_PLANNING:
        return None
    days = _describe(session, stops, lines=partial(_stop_lines, all_contacts=False))
    return _build(stops[0].visit, days, facts=_visit_facts(stops[0].visit), now=now)


def build_staff_sheet(session: Session, reference: str, *, now: datetime) -> Sheet | None:
    """The same for staff, with the contact of each host. Raises NotFoundError."""
    stops = _list_shown(session, find_visit_head(session, reference).id)
    if not stops:
        return None
    visit = stops[0].visit
    days = _describe(
        session,
        stops,
        lines=partial(_stop_lines, all_contacts=True),
        other=_("For the visitors: %(time)s", time=_NO_CLOCK),
    )
    reach = [(_("E-mail"), visit.contact_email), (_("Telephone"), visit.contact_phone)]
    return _build(visit, days, facts=[*_visit_facts(visit), *reach], now=now)


def build_host_sheet(session: Session, token: str, *, now: datetime) -> Sheet | None:
    """What a host's link opens: the own stops of that visit, and names of others only where staff show them.
    Raises LinkNotFoundError or LinkExpiredError."""
    slot = find_host_link(session, token, now=now).slot
    shown = _list_shown(session, slot.visit_id)
    own = [stop for stop in shown if stop.host_contact_id == slot.host_contact_id]
    if slot.id not in {stop.id for stop in own}:
        return None
    visit, home = slot.visit, slot.organisation.place
    others = list_agreed_hosts(session, slot) if visit.names_hosts else []
    facts = [
        *_visit_facts(visit),
        (_("Why they come"), visit.purpose),
        (_("Hosts that have said yes, too"), ", ".join(others)),
    ]
    zone = home.time_zone if home else slot.time_zone
    days = describe_days(own, directory=load_directory(session), reader_zone=zone)
    return _build(visit, _lay_out(days, own, _host_lines), facts=facts, is_visitors=False, now=now)


def _list_shown(session: Session, visit_id: int) -> list[Slot]:
    return [stop for stop in list_slots_of_visit(session, visit_id) if stop.state in _SHOWN]


def _describe(
    session: Session, stops: Sequence[Slot], *, lines: Callable[[Slot], list[str]], other: str = ""
) -> list[dict[str, Any]]:
    zone = stops[0].visit.contact_time_zone
    directory, travel = load_directory(session), load_travel_table(session)
    days = describe_days(stops, directory=directory, reader_zone=zone, travel=travel, other=other)
    return _lay_out(days, stops, lines)


def _lay_out(
    days: Sequence[dict[str, Any]], stops: Sequence[Slot], lines: Callable[[Slot], list[str]]
) -> list[dict[str, Any]]:
    """Days as the sheet sets them: each stop with its lines, and the ways from it."""
    by_id = {stop.id: stop for stop in stops}
    return [
        {"label": day["label"], "stops": [_lay_out_stop(stop, by_id, lines) for stop in day["stops"]]}
        for day in days
    ]


def _lay_out_stop(
    stop: dict[str, Any], by_id: dict[int, Slot], lines: Callable[[Slot], list[str]]
) -> dict[str, Any]:
    slot = by_id[stop["id"]]
    where = ", ".join(dict.fromkeys(part for part in (stop["text"], stop["place"]) if part))
    return {
        "time": stop["time"],
        "zone": stop["zone"],
        "title": stop["title"],
        "lines": [line for line in (where, stop["other"], stop["group"], *lines(slot)) if line],
        "note": _state_words(slot),
        "ways": [
            " ".join(filter(None, (f"{way.time} · {way.place} ({way.zone}) · {way.title}.", way.text)))
            for way in stop["legs"]
        ],
    }


def _state_words(slot: Slot) -> str:
    if slot.state in ASKED_STATES:
        return _("The host has not answered yet")
    return _("Did not take place") if slot.state == SlotState.NO_SHOW else ""


def _stop_lines(slot: Slot, *, all_contacts: bool) -> list[str]:
    """Who receives the group: for staff always, for others only who chose to be public and said yes."""
    contact = slot.host_contact
    if not all_contacts and not (contact.is_public and slot.state not in ASKED_STATES):
        return []
    reach = ", ".join(part for part in (contact.name, contact.role, contact.phone, contact.email) if part)
    return [_("Contact: %(name)s", name=reach)]


def _host_lines(slot: Slot) -> list[str]:
    return [people_of(slot) if slot.group_number is None else "", slot.message]


def _visit_facts(visit: VisitRequest) -> list[tuple[str, str]]:
    group = visit.delegation
    behalf = _("on behalf of %(name)s", name=group.on_behalf_of) if group.on_behalf_of else ""
    who = (group.organisation_name, country_name(group.organisation_country), behalf)
    contact = (visit.contact_name, visit.contact_role)
    return [
        (_("Reference"), visit.reference),
        (_("Who"), ", ".join(part for part in who if part)),
        (_("How many"), format_people(group.group_size, visit.parallel_groups, None)),
        (_("Languages"), ", ".join(language_name(code) for code in visit.visit_languages)),
        (_("Contact of the group"), ", ".join(part for part in contact if part)),
    ]


def _build(
    visit: VisitRequest,
    days: list[dict[str, Any]],
    *,
    facts: Sequence[tuple[str, str]],
    now: datetime,
    is_visitors: bool = True,
) -> Sheet:
    """The whole sheet. The agreement about the costs is the visitor's: hosts do not get it."""
    settings, language = current_settings(), current_language()
    return Sheet(
        reference=visit.reference,
        language=language,
        data={
            "language": language,
            "publisher": settings.app.name,
            "reference": visit.reference,
            "visitors": visit.delegation.organisation_name,
            "words": _words(visit, now=now),
            "facts": [[name, value] for name, value in facts if value],
            "days": days,
            "clause": _clause(visit) if is_visitors else None,
            "contact": settings.mail.contact_address,
        },
        logos=tuple((logo.sha256, logo.alt[language]) for logo in own_settings().logos),
    )


def _words(visit: VisitRequest, *, now: datetime) -> dict[str, str]:
    day = format_day_on(to_local(now, visit.contact_time_zone).date())
    return {
        "title": _("Programme of the visit"),
        "as_of": _("As of %(day)s", day=day),
        "notice": ""
        if visit.state in _CERTAIN
        else _("This programme is not confirmed yet. Please book no travel on it."),
        "clocks": _("Each time is that of the place, with its zone; another clock stands below it."),
        "clause": _("The agreement about the costs"),
        "questions": _("Questions?"),
        "write": _("Write to the coordinators and mention %(reference)s:", reference=visit.reference),
    }


def _clause(visit: VisitRequest) -> dict[str, str] | None:
    agreement = visit.agreement
    if agreement is None:
        return None
    day = format_day(to_local(agreement.agreed_at, visit.contact_time_zone).date())
    return {
        "text": agreement.text,
        "language": agreement.language,
        "note": _("Agreed to on %(day)s (version %(version)s).", day=day, version=agreement.version),
    }
