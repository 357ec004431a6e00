"""The programme as a timeline: by the local day of each stop, with the ways between."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from markupsafe import Markup, escape

from bookings.domain.programme import ProgrammeLeg
from bookings.domain.slots import ASKED_STATES, SlotState
from bookings.domain.text import describe_site
from bookings.domain.time import local_day
from bookings.i18n import current_language, format_clock, format_day, format_people, zone_label
from bookings.i18n import gettext as _
from bookings.queries.visitor import OwnStop, OwnVisit
from bookings.services.programme import describe_leg, has_way


@dataclass(frozen=True, kw_only=True)
class Item:
    """A stop or a way, as macros/layout.html `timeline` draws it."""

    time: str
    place: str
    zone: str
    title: str
    other: str = ""
    starts_at: str = ""
    text: str = ""
    tag: Markup | None = None
    details: tuple[tuple[str, str], ...] = ()
    kind: str = "stop"


@dataclass(frozen=True)
class Day:
    label: str
    on: str
    stops: tuple[Item, ...]


def build_timeline(own: OwnVisit) -> list[Day]:
    """The days of the programme."""
    legs: defaultdict[str, list[ProgrammeLeg]] = defaultdict(list)
    for leg in own.legs:
        legs[leg.origin.key].append(leg)
    by_day = groupby(
        sorted(own.stops, key=lambda stop: (local_day(stop.starts_at, stop.time_zone), stop.starts_at)),
        key=lambda stop: local_day(stop.starts_at, stop.time_zone),
    )
    days = []
    for day, stops in by_day:
        items: list[Item] = []
        for stop in stops:
            items.append(_stop_item(stop, own))
            items += [_leg_item(leg, own) for leg in legs[str(stop.id)] if has_way(leg)]
        days.append(Day(format_day(day), day.isoformat(), tuple(items)))
    return days


def own_time(starts_at: datetime, ends_at: datetime, *, zone: str, place_zone: str) -> str:
    """The same time on the reader's clock; with the day where it is another one there."""
    clock = f"{format_clock(starts_at, zone)}–{format_clock(ends_at, zone)} {zone_label(starts_at, zone)}"
    day = local_day(starts_at, zone)
    if day != local_day(starts_at, place_zone):
        clock = f"{format_day(day, with_year=False)} {clock}"
    return _("Your time: %(time)s", time=clock)


def _stop_item(stop: OwnStop, own: OwnVisit) -> Item:
    place = stop.place_slug
    title = own.directory.translate_title(stop.organisation_slug, stop.title, current_language())
    return Item(
        time=f"{format_clock(stop.starts_at, stop.time_zone)}–{format_clock(stop.ends_at, stop.time_zone)}",
        place=own.directory.places.name(place, current_language()) or stop.site,
        zone=zone_label(stop.starts_at, stop.time_zone),
        other=own_time(
            stop.starts_at, stop.ends_at, zone=own.visit.contact_time_zone, place_zone=stop.time_zone
        ),
        starts_at=stop.starts_at.isoformat(),
        title=stop.organisation,
        text=title if title != stop.organisation else "",
        details=tuple((key, value) for key, value in _details(stop, own) if value),
        tag=_tag(stop.state),
    )


def _details(stop: OwnStop, own: OwnVisit) -> list[tuple[str, str]]:
    visit = own.visit
    people = format_people(visit.delegation.group_size, visit.parallel_groups, stop.group)
    return [
        (_("Who"), people if stop.group is not None else ""),
        (_("Where"), describe_site(stop.site, stop.address, host=stop.organisation)),
    ]


def _tag(state: SlotState) -> Markup:
    words = {
        SlotState.COMPLETED: ("calm", _("Took place")),
        SlotState.NO_SHOW: ("bad", _("Did not take place")),
    }
    if state in ASKED_STATES:
        tone, text = "wait", _("The host has not answered yet")
    else:
        tone, text = words.get(state, ("good", _("The host has said yes")))
    return Markup('<span class="tag tone-{}">{}</span>').format(tone, escape(text))


def _leg_item(leg: ProgrammeLeg, own: OwnVisit) -> Item:
    names = own.directory.places
    origin, target = (names.name(stop.place, current_language()) for stop in (leg.origin, leg.target))
    words = describe_leg(leg, origin=origin, target=target)
    return Item(
        kind="travel",
        time=words.time,
        place=words.place,
        zone=words.zone,
        title=words.title,
        text=words.text,
    )
