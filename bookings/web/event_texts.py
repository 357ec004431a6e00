"""Events in words, for all pages that name one: kinds, when and where, places, the state of registration."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bookings.domain.event_places import EventPlace
from bookings.domain.events import (
    Door,
    DoorFacts,
    EventKind,
    EventState,
    Presence,
    Texts,
    choose_text,
    read_door,
)
from bookings.domain.text import site_of_host
from bookings.domain.time import local_day, to_local
from bookings.i18n import current_language, format_clock, format_instant, ngettext, zone_label
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import Company, Directory, PlaceView, SiteView
from bookings.web.texts import day_range

KINDS = {
    EventKind.FAIR: _l("Fair"),
    EventKind.SEMINAR: _l("Seminar"),
    EventKind.WEBINAR: _l("Webinar"),
    EventKind.OPEN_VISIT_DAY: _l("Open visit day"),
    EventKind.MATCHMAKING_DAY: _l("Matchmaking day"),
    EventKind.ADVISORY_DAY: _l("Advisory day"),
}
STATES = {
    EventState.DRAFT: _l("Draft"),
    EventState.PUBLISHED: _l("Published"),
    EventState.CANCELLED: _l("Cancelled"),
}
PRESENCES = {
    Presence.ON_SITE: _l("On site"),
    Presence.ONLINE: _l("Online"),
    Presence.BOTH: _l("On site and online"),
}
DOOR_TAGS: dict[Door, tuple[Any, str]] = {
    Door.SOON: (_l("Opens later"), "info"),
    Door.OPEN: (_l("Open"), "good"),
    Door.WAITING_LIST: (_l("Waiting list"), "wait"),
    Door.FULL: (_l("Full"), "bad"),
    Door.CLOSED: (_l("Closed"), "calm"),
    Door.OVER: (_l("Over"), "calm"),
    Door.CANCELLED: (_l("Cancelled"), "bad"),
    Door.DRAFT: (_l("Draft"), "draft"),
}
_DOOR_SENTENCES: dict[Door, Callable[[], str]] = {
    Door.OPEN: lambda: _("Registration is open."),
    Door.WAITING_LIST: lambda: _("All places are taken. You can stand in the waiting list."),
    Door.FULL: lambda: _("All places are taken."),
    Door.CLOSED: lambda: _("Registration is closed."),
    Door.OVER: lambda: _("This event is over."),
    Door.CANCELLED: lambda: _("This event does not take place."),
    Door.DRAFT: lambda: _("This is a draft: only staff see it."),
}
_FEW = 10


def in_own_words(texts: Texts) -> str:
    """The text in the reader's language, or in the one that there is."""
    return choose_text(texts, current_language())


def text_language(texts: Texts) -> str:
    """The language that `in_own_words` found, where it is another than the page's; else nothing."""
    wanted = current_language()
    if texts.get(wanted):
        return ""
    found = choose_text(texts, wanted)
    return next((code for code, text in texts.items() if text == found), "") if found else ""


def door_sentence(facts: DoorFacts, zone: str, *, now: datetime) -> str:
    """Whether one can register now, and until when."""
    door = read_door(facts, now=now)
    if door == Door.SOON and facts.opens_at is not None:
        return _("Registration opens on %(moment)s.", moment=format_instant(facts.opens_at, zone))
    sentence = _DOOR_SENTENCES[door]()
    if door in (Door.OPEN, Door.WAITING_LIST) and facts.closes_at is not None:
        until = _("Registration closes on %(moment)s.", moment=format_instant(facts.closes_at, zone))
        return f"{sentence} {until}"
    return sentence


def places_sentence(left: int | None) -> str:
    """How many places there still are; nothing where there is no end of them."""
    if left is None:
        return ""
    if left == 0:
        return _("No places left")
    if left <= _FEW:
        return ngettext("Only %(num)d place left", "Only %(num)d places left", left)
    return ngettext("%(num)d place left", "%(num)d places left", left)


def clock_span(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """ "10:00–11:30" on the clocks of a zone, without its name."""
    return f"{format_clock(starts_at, zone)}–{format_clock(ends_at, zone)}"


def event_when(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Days, clocks and zone on one line: "Thu, 18 Mar 2027, 09:00–13:00 EET"."""
    first, last = local_day(starts_at, zone), local_day(ends_at, zone)
    label = zone_label(starts_at, zone)
    if first == last:
        return f"{day_range(first, last)}, {clock_span(starts_at, ends_at, zone)} {label}"
    return f"{day_range(first, last)} ({label})"


def other_clock(starts_at: datetime, ends_at: datetime, zone: str, own: str) -> str:
    """The same time on the reader's clocks, where these show another one: "09:00–10:30 Stockholm (CET)"."""
    here, there = to_local(starts_at, own), to_local(starts_at, zone)
    if here.utcoffset() == there.utcoffset():
        return ""
    city = own.rpartition("/")[2].replace("_", " ")
    return f"{clock_span(starts_at, ends_at, own)} {city} ({zone_label(starts_at, own)})"


def event_where(event: Any, directory: Directory, *, with_street: bool = False) -> str:
    """House and town, or that it is online."""
    found = event_place(event, directory, with_street=with_street).tell(current_language())
    if event.presence == Presence.ONLINE:
        return str(PRESENCES[Presence.ONLINE])
    if event.presence == Presence.BOTH:
        return _("%(place)s and online", place=found)
    return found


def event_place(event: Any, directory: Directory, *, with_street: bool = False) -> EventPlace:
    """House, street and town as `queries.event_places` tells them, out of the kept directory."""
    town = event_town(event, directory)
    return EventPlace(
        venue=event.venue,
        host=site_name(event.site_id, directory),
        address=_find_street(event, directory) if with_street else "",
        town=town.names if town else {},
    )


def event_town(event: Any, directory: Directory) -> PlaceView | None:
    """The town that staff chose, else that of the host's site."""
    chosen, found = directory.places.by_id.get(event.place_id or 0), _find_site(event.site_id, directory)
    return chosen or (directory.places.by_slug.get(found[1].place_slug) if found else None)


def _find_street(event: Any, directory: Directory) -> str:
    found = _find_site(event.site_id, directory)
    return str(event.address or (found[1].address if found else ""))


def site_name(site_id: int | None, directory: Directory) -> str:
    """The host whose site it is, and what the site is called."""
    found = _find_site(site_id, directory)
    return site_of_host(found[1].name, found[0].name) if found else ""


def zone_of_part(site_id: int | None, event_zone: str, directory: Directory) -> str:
    """A part at a host's site is on the clocks of that site, which may be on the other shore."""
    found = _find_site(site_id, directory)
    return found[1].time_zone if found else event_zone


def part_where(room: str, site_id: int | None, directory: Directory) -> str:
    """The room, and the host's site where the part is at one."""
    return ", ".join(name for name in (room, site_name(site_id, directory)) if name)


def _find_site(site_id: int | None, directory: Directory) -> tuple[Company, SiteView] | None:
    if site_id is None:
        return None
    every = ((company, site) for company in directory.companies.values() for site in company.sites)
    return next((found for found in every if found[1].id == site_id), None)
