"""The programme of a visit as it stands, with the ways between its stops and what staff should look at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from sqlalchemy.orm import Session

from bookings.adapters.holidays import load_holidays
from bookings.domain.advice import HolidayMap
from bookings.domain.programme import (
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
from bookings.queries.directory import load_travel_table
from bookings.queries.holds import list_host_clashes
from bookings.queries.planning.slots import PlannedSlot
from bookings.settings import current_settings


@dataclass(frozen=True)
class Programme:
    """Days at the places; `legs` by the key of the stop that they lead to."""

    days: tuple[ProgrammeDay, ...]
    legs: dict[str, ProgrammeLeg]
    warnings: tuple[ProgrammeWarning, ...]


def build_programme(session: Session, slots: Sequence[PlannedSlot]) -> Programme:
    """The programme that the live slots make."""
    live = [slot for slot in slots if slot.is_live]
    stops = [slot.as_stop() for slot in live]
    table = load_travel_table(session)
    clashes = list_host_clashes(session, [slot.id for slot in live])
    return Programme(
        days=group_by_day(stops),
        legs={leg.target.key: leg for leg in build_legs(stops, table)},
        warnings=(*list_warnings(stops, table, _rules(live)), *list_clash_warnings(clashes)) if stops else (),
    )


def _rules(slots: Sequence[PlannedSlot]) -> ProgrammeRules:
    visits = current_settings().visits
    opens, closes = visits.working_hours_start, visits.working_hours_end
    return ProgrammeRules(
        holidays=_holidays_of(slots),
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


def _holidays_of(slots: Sequence[PlannedSlot]) -> HolidayMap:
    years = {stop_day(slot.as_stop()).year for slot in slots}
    return {country: load_holidays(country, years) for country in {slot.country for slot in slots}}
