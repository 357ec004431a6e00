"""The programme of a visit as it stands, with the ways between its stops and what staff should look at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from bookings.domain.groups import count_people
from bookings.domain.programme import (
    PlannedStop,
    ProgrammeDay,
    ProgrammeLeg,
    ProgrammeRules,
    ProgrammeWarning,
    StopGroup,
    build_legs,
    group_by_day,
    list_clash_warnings,
    list_group_warnings,
    list_warnings,
    list_wish_warnings,
    stop_day,
)
from bookings.domain.requests import RequestedVisit
from bookings.domain.time import local_day
from bookings.domain.travel import TravelTable
from bookings.models.offers import SlotOffer, VisitOffer
from bookings.queries.busy import obstacles
from bookings.queries.directory import Directory, load_directory, load_travel_table
from bookings.queries.holds import build_host_clashes, host_clashes
from bookings.queries.outbox import build_refusals, refused_mails
from bookings.queries.planning.slots import PlannedSlot
from bookings.queries.settings import list_holidays, own_settings
from bookings.queries.stacks import Stack
from bookings.settings import current_settings


@dataclass(frozen=True)
class Programme:
    """Days at the places; `legs` by the key of the stop that they leave from, to where each group goes."""

    days: tuple[ProgrammeDay, ...]
    legs: dict[str, list[ProgrammeLeg]]
    warnings: tuple[ProgrammeWarning, ...]
    refusals: Mapping[int, str]
    """Slots whose host a mail did not reach, by id, with the mail server's words."""


def build_programme(
    session: Session, slots: Sequence[PlannedSlot], request: RequestedVisit | None = None
) -> Programme:
    """The programme that the live slots make, held against what the visitor asks for by now."""
    live = [slot for slot in slots if slot.is_live]
    stops = [slot.as_stop() for slot in live]
    table = load_travel_table(session)
    ids = [slot.id for slot in live]
    own = list_warnings(stops, table, build_rules(live)) if stops else ()
    found = _findings().read(session, {"slot_ids": ids})
    clashes = list_clash_warnings(build_host_clashes(found["clashes"]))
    asked = _judge_request(live, request, found, load_directory(session)) if request else ()
    return Programme(
        days=group_by_day(stops),
        legs=_list_legs(stops, table),
        warnings=(*asked, *own, *clashes, *_list_obstacles(found)),
        refusals=build_refusals(found),
    )


@cache
def _findings() -> Stack:
    """What speaks against stops, and what became of their mails."""
    ids: BindParameter[Any] = bindparam("slot_ids", expanding=True)
    offers = (
        select(SlotOffer.slot_id, VisitOffer.group_min, VisitOffer.group_max)
        .join(VisitOffer, VisitOffer.id == SlotOffer.visit_offer_id)
        .where(SlotOffer.slot_id.in_(ids))
    )
    return Stack(clashes=host_clashes(), offers=offers, **obstacles(), **refused_mails())


def _judge_request(
    live: Sequence[PlannedSlot],
    request: RequestedVisit,
    found: Mapping[str, list[Any]],
    directory: Directory,
) -> tuple[ProgrammeWarning, ...]:
    """Days that were not named, and groups that are too large or too small: for the offer that is shown, or
    for the site where it is none of its offers."""
    shown = {row.slot_id: (row.group_min, row.group_max) for row in found["offers"]}
    sites = {site.id: site for one in directory.companies.values() for site in one.sites}
    groups = []
    for slot in live:
        site = sites.get(slot.site_id)
        limits = shown.get(slot.id) or ((site.group_min, site.group_max) if site else (None, None))
        people = count_people(request.group_size, slot.groups, slot.group)
        groups.append(StopGroup(str(slot.id), people, *limits))
    stops = [slot.as_stop() for slot in live]
    return (*list_wish_warnings(stops, request.windows), *list_group_warnings(groups))


def _list_obstacles(found: Mapping[str, list[Any]]) -> list[ProgrammeWarning]:
    pairs = {(row.id, code) for code in ("host_busy", "site_closed") for row in found[code]}
    return [ProgrammeWarning(code, (str(slot_id),)) for slot_id, code in sorted(pairs)]


def _list_legs(stops: Sequence[PlannedStop], table: TravelTable) -> dict[str, list[ProgrammeLeg]]:
    legs: dict[str, list[ProgrammeLeg]] = {}
    for leg in build_legs(stops, table):
        known = legs.setdefault(leg.origin.key, [])
        if leg.target.place not in {other.target.place for other in known}:
            known.append(leg)
    return legs


def build_rules(
    slots: Sequence[PlannedSlot], offered: Sequence[tuple[PlannedSlot, datetime]] = ()
) -> ProgrammeRules:
    """Hours, lunch and holidays for these slots, and for other times that are thought of."""
    visits = current_settings().visits
    opens, closes = visits.working_hours_start, visits.working_hours_end
    years = {local_day(moment, slot.time_zone).year for slot, moment in offered}
    years |= {stop_day(slot.as_stop()).year for slot in slots}
    return ProgrammeRules(
        holidays={country: list_holidays(country, years) for country in {slot.country for slot in slots}},
        closed={
            place: list_holidays(country, years, place=place)
            for country, place in {(slot.country, slot.place) for slot in slots if slot.place}
        },
        july_is_quiet=own_settings().july_is_quiet,
        opens_at=time.fromisoformat(opens),
        closes_at=time.fromisoformat(closes),
        own_hours={
            str(slot.id): (
                time.fromisoformat(slot.opens_at or opens),
                time.fromisoformat(slot.closes_at or closes),
            )
            for slot in slots
        },
    )
