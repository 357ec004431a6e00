"""An event as its page shows it: programme by day on the clocks of the place, places, speakers, hosts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from bookings.domain.events import Door, Presence, read_door
from bookings.domain.text import describe_site
from bookings.domain.time import local_day, to_local
from bookings.i18n import current_language, format_day, zone_label
from bookings.i18n import gettext as _
from bookings.queries.directory import Company, Directory, SiteView
from bookings.queries.events import EventView, PartView
from bookings.services.outbox import site_url
from bookings.web.event_texts import (
    PRESENCES,
    clock_span,
    event_place,
    event_town,
    event_where,
    in_own_words,
    other_clock,
    part_where,
    zone_of_part,
)


@dataclass(frozen=True)
class HostShown:
    """A host whose site the event leads to."""

    company: Company
    site: SiteView

    @property
    def place(self) -> str:
        """Site and address, for beside the host's name."""
        return describe_site(self.site.name, self.site.address, host=self.company.name)


def list_hosts(view: EventView, directory: Directory) -> list[HostShown]:
    """Hosts of the event and of its parts, as the directory shows them to visitors."""
    wanted = {*view.site_ids, *(one.part.site_id for one in view.parts), view.event.site_id}
    return [
        HostShown(company, site)
        for company in directory.companies.values()
        for site in company.sites
        if site.id in wanted and company.is_published
    ]


def build_days(view: EventView, directory: Directory, *, own_zone: str) -> list[dict[str, Any]]:
    """The parts by local day of the place, for the macro of a programme."""
    zone = view.event.time_zone
    speakers = _speakers_by_part(view.speakers)
    days = groupby(view.parts, key=lambda one: local_day(one.part.starts_at, zone))
    return [
        {
            "label": format_day(day),
            "on": day.isoformat(),
            "stops": [
                _build_stop(one, view.event, directory, speakers.get(one.part.id, []), own_zone)
                for one in parts
            ],
        }
        for day, parts in days
    ]


def _build_stop(
    one: PartView, event: Any, directory: Directory, speakers: list[Any], own_zone: str
) -> dict[str, Any]:
    part, zone = one.part, zone_of_part(one.part.site_id, event.time_zone, directory)
    details = [(_("Speaker"), speaker_line(speaker)) for speaker in speakers]
    if part.is_chosen and one.seats and one.seats.left is not None:
        details.append((_("Places left"), str(one.seats.left)))
    return {
        "time": clock_span(part.starts_at, part.ends_at, zone),
        "place": _part_where(part, event, directory),
        "zone": zone_label(part.starts_at, zone),
        "other": other_clock(part.starts_at, part.ends_at, zone, own_zone),
        "starts_at": part.starts_at.isoformat(),
        "title": in_own_words(part.title),
        "text": in_own_words(part.description),
        "details": details,
    }


def _part_where(part: Any, event: Any, directory: Directory) -> str:
    if part.presence == Presence.ONLINE:
        return str(PRESENCES[Presence.ONLINE])
    return part_where(part.room, part.site_id, directory) or event_where(event, directory)


def _speakers_by_part(speakers: Iterable[Any]) -> dict[int | None, list[Any]]:
    found: dict[int | None, list[Any]] = {}
    for speaker in speakers:
        found.setdefault(speaker.part_id, []).append(speaker)
    return found


def speaker_line(speaker: Any) -> str:
    """Name, what they do, and for whom."""
    return ", ".join(part for part in (speaker.name, speaker.role, speaker.organisation_name) if part)


_AVAILABILITY = {
    Door.OPEN: "InStock",
    Door.SOON: "PreOrder",
    Door.WAITING_LIST: "BackOrder",
    Door.FULL: "SoldOut",
}
_MODES = {
    Presence.ON_SITE: "OfflineEventAttendanceMode",
    Presence.ONLINE: "OnlineEventAttendanceMode",
    Presence.BOTH: "MixedEventAttendanceMode",
}
_SCHEMA = "https://schema.org/"


def build_structured_data(view: EventView, directory: Directory, *, now: datetime) -> str:
    """The event for search engines (schema.org Event) as JSON that can stand inside a script element.

    Such a block is data: no policy has to let it run. `<` is written so that no text can end it.
    """
    event, url = view.event, site_url("events.show", slug=view.event.slug)
    is_off = event.state == "cancelled"
    door = read_door(view.door_facts, now=now)
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": in_own_words(event.title),
        "description": in_own_words(event.summary),
        "url": url,
        "inLanguage": [code for code, text in event.title.items() if text],
        "startDate": _with_offset(event.starts_at, event.time_zone),
        "endDate": _with_offset(event.ends_at, event.time_zone),
        "eventStatus": f"{_SCHEMA}{'EventCancelled' if is_off else 'EventScheduled'}",
        "eventAttendanceMode": f"{_SCHEMA}{_MODES[Presence(event.presence)]}",
        "location": _build_locations(event, directory, url),
        "isAccessibleForFree": True,
    }
    if event.capacity is not None:
        found["maximumAttendeeCapacity"] = event.capacity
        if view.places_left is not None:
            found["remainingAttendeeCapacity"] = view.places_left
    if door in _AVAILABILITY:
        found["offers"] = {
            "@type": "Offer",
            "url": url,
            "price": 0,
            "priceCurrency": "EUR",
            "availability": f"{_SCHEMA}{_AVAILABILITY[door]}",
        }
    performers = [{"@type": "Person", "name": one.name} for one in view.speakers]
    if performers:
        found["performer"] = performers
    return write_json(found)


def write_json(data: dict[str, Any]) -> str:
    """JSON that no text of people can break out of."""
    text = json.dumps(data, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _with_offset(moment: datetime, zone: str) -> str:
    return to_local(moment, zone).isoformat()


def _build_locations(event: Any, directory: Directory, url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if event.presence != Presence.ONLINE:
        place = event_town(event, directory)
        told = event_place(event, directory, with_street=True)
        address = {"@type": "PostalAddress", "streetAddress": told.address}
        if place:
            address |= {"addressLocality": place.name(current_language()), "addressCountry": place.country}
        found.append({"@type": "Place", "name": told.house, "address": address})
    if event.presence != Presence.ON_SITE:
        # The address to join is for those who are registered; the page says how to get it.
        found.append({"@type": "VirtualLocation", "url": url})
    return found
