"""Another time that a host offers, held against the programme: what speaks against taking it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bookings.domain.advice import DateWindow, Params
from bookings.domain.programme import (
    PlannedStop,
    ProgrammeRules,
    ProgrammeWarning,
    list_warnings,
    stop_day,
)
from bookings.domain.time import Interval
from bookings.domain.travel import TravelTable


@dataclass(frozen=True)
class HostBusy:
    """Time for which another visit has a host, or (not hard) would like to."""

    stop_key: str
    reference: str
    interval: Interval
    is_hard: bool


@dataclass(frozen=True, kw_only=True)
class ProposalBasis:
    """What an offered time is held against; `earliest` is the first start that leaves people time."""

    stops: Sequence[PlannedStop]
    table: TravelTable
    rules: ProgrammeRules
    earliest: datetime
    windows: Sequence[DateWindow] = ()
    busy: Sequence[HostBusy] = ()
    buffer: timedelta = timedelta()
    visitor_knows: bool = False
    """The visitor has the programme in hand: moving a stop changes what was agreed."""


def list_concerns(stop: PlannedStop, offered: Interval, basis: ProposalBasis) -> tuple[ProgrammeWarning, ...]:
    """What speaks against moving the stop to the offered time; nothing when it simply fits."""
    moved = replace(stop, interval=offered)
    others = [one for one in basis.stops if one.key != stop.key]
    around = [one for one in list_warnings([*others, moved], basis.table, basis.rules) if _names(one, moved)]
    own = [
        ProgrammeWarning(code, (stop.key,), params)
        for code, params in (*_concerns_of_time(stop, moved, basis), *_clashes(moved, basis))
    ]
    return (*own, *around)


def _names(warning: ProgrammeWarning, stop: PlannedStop) -> bool:
    return stop.key in warning.stop_keys


def _concerns_of_time(
    stop: PlannedStop, moved: PlannedStop, basis: ProposalBasis
) -> list[tuple[str, Params]]:
    found: list[tuple[str, Params]] = []
    day = stop_day(moved)
    if moved.interval.start < basis.earliest:
        found.append(("too_soon", {"day": day}))
    if moved.interval.minutes != stop.interval.minutes:
        found.append(("other_length", {"minutes": moved.interval.minutes, "asked": stop.interval.minutes}))
    if basis.windows and not any(one.earliest <= day <= one.latest for one in basis.windows):
        found.append(("outside_wishes", {"day": day}))
    if basis.visitor_knows:
        found.append(("visitor_knows", {}))
    return found


def _clashes(moved: PlannedStop, basis: ProposalBasis) -> list[tuple[str, Params]]:
    """The host keeps a buffer before each stop, as the holds do."""
    wanted = Interval(moved.interval.start - basis.buffer, moved.interval.end)
    met = {
        (one.reference, one.is_hard)
        for one in basis.busy
        if one.stop_key == moved.key and one.interval.overlaps(wanted)
    }
    return [
        ("host_taken" if is_hard else "host_wanted", {"reference": reference})
        for reference, is_hard in sorted(met)
        if is_hard or (reference, True) not in met
    ]
