"""What staff changed in a proposed programme: as it is stored, and what the planner makes of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bookings.domain.planning import Pin, ProgrammeWishes
from bookings.domain.time import Interval
from bookings.planner.problem import Candidate, Problem
from bookings.planner.worth import group_size, split_group


def pack_wishes(wishes: ProgrammeWishes) -> dict[str, Any]:
    """Plain values, always in the same order."""
    return {
        "pins": [
            [pin.candidate, pin.host, pin.starts_at.isoformat() if pin.starts_at else None]
            for pin in wishes.pins
        ],
        "left_out": sorted(wishes.left_out),
    }


def unpack_wishes(stored: Mapping[str, Any] | None) -> ProgrammeWishes:
    """What was packed; none where nothing was."""
    pins = tuple(
        Pin(candidate, host, datetime.fromisoformat(starts_at) if starts_at else None)
        for candidate, host, starts_at in (stored or {}).get("pins", ())
    )
    return ProgrammeWishes(pins, tuple((stored or {}).get("left_out", ())))


def wish(problem: Problem, wishes: ProgrammeWishes) -> Problem:
    """The problem with its pinned hosts in every plan, at their times, and without those left out.

    A pinned time is held to every rule: where the host is not open then, there is no plan, and the planner
    says which wishes conflict.
    """
    pins = {pin.candidate: pin for pin in wishes.pins}
    pinned = {pin.host for pin in wishes.pins}
    free = {pin.host for pin in wishes.pins if not pin.candidate}
    candidates = tuple(
        _pin(problem, one, pins.get(one.key))
        for one in problem.candidates
        if one.host not in wishes.left_out and (one.host not in pinned - free or one.key in pins)
    )
    must = dict.fromkeys((*problem.must, *sorted(pinned)))
    return replace(
        problem, candidates=candidates, must=tuple(host for host in must if host not in wishes.left_out)
    )


def _pin(problem: Problem, candidate: Candidate, pin: Pin | None) -> Candidate:
    if pin is None or pin.starts_at is None:
        return candidate
    minutes = candidate.minutes * split_group(candidate, group_size(problem)).rounds
    at = Interval(pin.starts_at, pin.starts_at + timedelta(minutes=minutes))
    is_open = any(one.start <= at.start and at.end <= one.end for one in candidate.open_times)
    return replace(candidate, open_times=(at,) if is_open else ())
