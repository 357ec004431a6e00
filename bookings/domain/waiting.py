"""The queue of an event: who is offered a freed place, and until when.

The rule, as it stands on the page of whoever waits: places are offered in the order of joining. Whoever
doesn't fit (a group, or somebody whose part is full) keeps the place in the queue, and nobody behind who
needs the same seats passes. Where an event lets smaller ones pass, the first who fits is offered the seats;
who was passed is told how often, and stays in front.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

Needs = Mapping[int, int]
"""Seat pool → number of seats."""
_SHORTEST_OFFER = timedelta(hours=1)
_SHARE_OF_TIME_LEFT = 4


@dataclass(frozen=True)
class Wait:
    """An entry of the queue with the seats it needs."""

    id: int
    needs: Needs


@dataclass(frozen=True)
class Promotion:
    """Who gets an offer, who was passed (how often), and which pool each of the others waits for."""

    offered: tuple[int, ...] = ()
    passed: Mapping[int, int] = field(default_factory=dict)
    blocked: Mapping[int, int] = field(default_factory=dict)


def plan_promotion(
    queue: Sequence[Wait], free: Mapping[int, int | None], *, lets_smaller_pass: bool
) -> Promotion:
    """Walk the queue in order. `free`: seats left in each pool, None where there is no end of them."""
    left, closed = dict(free), set[int]()
    offered: list[int] = []
    blocked: dict[int, int] = {}
    passed: dict[int, int] = {}
    waits: dict[int, Needs] = {}
    for entry in queue:
        short = find_short_pool(entry.needs, left, closed)
        if short is not None:
            blocked[entry.id], waits[entry.id] = short, entry.needs
            closed |= set() if lets_smaller_pass else entry.needs.keys()
            continue
        offered.append(entry.id)
        _take(left, entry.needs)
        for earlier, needs in waits.items():
            if needs.keys() & entry.needs.keys():
                passed[earlier] = passed.get(earlier, 0) + 1
    return Promotion(tuple(offered), passed, blocked)


def find_short_behind(
    queue: Iterable[Wait], needs: Needs, free: Mapping[int, int | None], *, lets_smaller_pass: bool
) -> int | None:
    """The pool that lets nobody with these needs in behind the queue, as `plan_promotion` would find it.

    Reads no further than it has to: what is closed or given away stays so.
    """
    left, closed = dict(free), set[int]()
    for entry in queue:
        _let_go_first(entry, left, closed, lets_smaller_pass=lets_smaller_pass)
        short = find_short_pool(needs, left, closed)
        if short is not None:
            return short
    return find_short_pool(needs, left, closed)


def left_behind(
    queue: Iterable[Wait], free: Mapping[int, int | None], *, lets_smaller_pass: bool
) -> dict[int, int | None]:
    """Seats of each pool for the next one behind the queue: none where somebody waits for them."""
    left, closed = dict(free), set[int]()
    for entry in queue:
        _let_go_first(entry, left, closed, lets_smaller_pass=lets_smaller_pass)
    return {
        pool: 0 if pool in closed else seats if seats is None else max(0, seats)
        for pool, seats in left.items()
    }


def _let_go_first(
    entry: Wait, left: dict[int, int | None], closed: set[int], *, lets_smaller_pass: bool
) -> None:
    """Whoever fits has the seats; for whoever does not, they are kept where nobody may pass."""
    if find_short_pool(entry.needs, left, closed) is None:
        _take(left, entry.needs)
    elif not lets_smaller_pass:
        closed.update(entry.needs)


def find_short_pool(needs: Needs, left: Mapping[int, int | None], closed: Container[int] = ()) -> int | None:
    """The first pool that has too few seats, or stands behind somebody who waits for it."""
    for pool, seats in sorted(needs.items()):
        free = left.get(pool)
        if pool in closed or (free is not None and free < seats):
            return pool
    return None


def offer_until(starts_at: datetime, *, longest: timedelta, now: datetime) -> datetime | None:
    """When an offer made now lapses: a quarter of the time that is left, at most `longest`, at least an hour.

    None in the last hour: then staff and the door give places away.
    """
    left = starts_at - now
    if left < _SHORTEST_OFFER:
        return None
    return now + max(_SHORTEST_OFFER, min(longest, left / _SHARE_OF_TIME_LEFT))


def _take(left: dict[int, int | None], needs: Needs) -> None:
    for pool, seats in needs.items():
        free = left.get(pool)
        if free is not None:
            left[pool] = free - seats
