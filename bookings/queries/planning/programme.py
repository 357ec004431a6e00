"""The programme of a visit as it stands, with the ways between its stops and what staff should look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session

from bookings.domain.programme import (
    PlannedStop,
    ProgrammeDay,
    ProgrammeLeg,
    ProgrammeRules,
    ProgrammeWarning,
    build_legs,
    group_by_day,
    list_clash_warnings,
    list_warnings,
    stop_day,
)
from bookings.domain.time import local_day
from bookings.domain.travel import TravelTable
from bookings.queries.busy import list_obstacles
from bookings.queries.directory import load_travel_table
from bookings.queries.holds import list_host_clashes
from bookings.queries.planning.slots import PlannedSlot
from bookings.queries.settings import list_holidays, own_settings
from bookings.settings import current_settings


@dataclass(frozen=True)
class Programme:
    """Days at the places; `legs` by the key of the stop that they lead to, from where each group comes."""

    days: tuple[ProgrammeDay, ...]
    legs: dict[str, list[ProgrammeLeg]]
    warnings: tuple[ProgrammeWarning, ...]


def build_programme(session: Session, slots: Sequence[PlannedSlot]) -> Programme:
    """The programme that the live slots make."""
    live = [slot for slot in slots if slot.is_live]
    stops = [slot.as_stop() for slot in live]
    table = load_travel_table(session)
    ids = [slot.id for slot in live]
    clashes = list_clash_warnings(list_host_clashes(session, ids))
    busy = [ProgrammeWarning(code, (str(slot_id),)) for slot_id, code in list_obstacles(session, ids)]
    return Programme(
        days=group_by_day(stops),
        legs=_list_legs(stops, table),
        warnings=(*list_warnings(stops, table, build_rules(live)), *clashes, *busy) if stops else (),
    )


def _list_legs(stops: Sequence[PlannedStop], table: TravelTable) -> dict[str, list[ProgrammeLeg]]:
    legs: dict[str, list[ProgrammeLeg]] = {}
    for leg in build_legs(stops, table):
        known = legs.setdefault(leg.target.key, [])
        if leg.origin.place not in {other.origin.place for other in known}:
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
