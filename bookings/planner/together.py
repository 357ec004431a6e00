"""In the place of a stop that all groups had together: another one that suits every one of them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bookings.domain.time import Interval
from bookings.planner.build import Openings, build_model, index_openings
from bookings.planner.frames import list_frames, local_date
from bookings.planner.plan import PlannedStop
from bookings.planner.problem import Candidate, Firmness, FixedStop, Problem, area_of
from bookings.planner.repair import Repair, repair
from bookings.planner.staying import can_stand
from bookings.planner.worth import split_group, weigh_host

_KEY = "together"
_MOST_TRIED = 240
_MOST_OF_ONE = 12
_MOST_JUDGED = 4
_MOST_FRAMES = 2


@dataclass(frozen=True)
class Together:
    """The stop that comes in for all, and the programme mended around it."""

    stop: PlannedStop
    repair: Repair


def replace_together(problem: Problem, slot: FixedStop, *, seed: int = 0, steps: int = 60) -> Together | None:
    """The best stop for all groups in the place of `slot`: of the same field if there is one, then as the
    score says. Others move only where nothing comes in without.

    None: no host that takes everybody is open when all of them could come.
    """
    around = replace(problem, fixed=tuple(stop for stop in problem.fixed if stop.key != slot.key))
    found = list(_list_standing(around, slot)) or list(_list_in_the_way(around, slot))
    areas = {area_of(topic) for topic in slot.topics}
    best: tuple[tuple[bool, int, float], Together] | None = None
    for candidate, stop in found:
        mended = repair(_with(around, stop), seed=seed, steps=steps)
        # Whoever is in the programme does not go for the sake of somebody new.
        if mended is None or any(move.stop is None for move in mended.moves):
            continue
        is_like = bool(areas & {area_of(topic) for topic in candidate.topics})
        rank = is_like, -len(mended.moves), mended.plan.score
        if best is None or rank > best[0]:
            best = rank, Together(_as_planned(problem, candidate, stop), mended)
    return best[1] if best else None


def _list_standing(around: Problem, slot: FixedStop) -> Iterator[tuple[Candidate, FixedStop]]:
    """The first time of each of the nearest hosts at which nothing has to move."""
    tried = judged = 0
    for candidate, starts in _list_offers(around, slot):
        for start in starts[:_MOST_OF_ONE]:
            if tried == _MOST_TRIED or judged == _MOST_JUDGED:
                return
            stop = _as_fixed(around, candidate, start)
            if any(stop.interval.overlaps(other.interval) for other in around.fixed):
                continue
            tried += 1
            if can_stand(_with(around, stop)):
                judged += 1
                yield candidate, stop
                break


def _list_in_the_way(around: Problem, slot: FixedStop) -> Iterator[tuple[Candidate, FixedStop]]:
    """The nearest hosts at the time nearest to the old one: what stands there has to move."""
    for candidate, starts in _list_offers(around, slot)[:_MOST_JUDGED]:
        yield candidate, _as_fixed(around, candidate, starts[0])


def _list_offers(around: Problem, slot: FixedStop) -> list[tuple[Candidate, list[datetime]]]:
    """Who could take everybody and is not in the programme, with the starts nearest to the old ones first;
    hosts of the same field first, then those that are worth most."""
    whole = _as_one(around)
    openings = index_openings(whole)
    if not openings:
        return []
    busy = {stop.host for stop in around.fixed} | {slot.host}
    areas = {area_of(topic) for topic in slot.topics}
    starts = _index_starts(whole, openings, slot, {stop.interval.start.date() for stop in around.fixed})
    by_key = {candidate.key: candidate for candidate in whole.candidates}
    found = [(by_key[key], at) for key, at in starts.items() if by_key[key].host not in busy]

    def rank(offer: tuple[Candidate, list[datetime]]) -> tuple[bool, float, str]:
        candidate, _starts = offer
        is_like = bool(areas & {area_of(topic) for topic in candidate.topics})
        return not is_like, -sum(weigh_host(whole, candidate).values()), candidate.key

    return sorted(found, key=rank)


def _index_starts(
    whole: Problem, openings: Openings, slot: FixedStop, days: Collection[date]
) -> Mapping[str, list[datetime]]:
    """When each candidate could begin, on the days that the programme has where it has any."""
    frames = list_frames(whole, openings.values(), most=8)
    same = [frame for frame in frames if set(days) <= {entry.day for entry in frame}]
    found: dict[str, set[datetime]] = {}
    for frame in (same or frames)[:_MOST_FRAMES]:
        built = build_model(whole, frame, openings)
        for visit in built.model.visits:
            if isinstance(visit.source, Candidate):
                found.setdefault(visit.source.key, set()).update(
                    built.instant(minute)
                    for windows in visit.windows
                    for first, last in windows
                    for minute in range(first, last + 1, built.model.grid)
                )
    day = local_date(slot.interval.start, slot.zone)

    def distance(start: datetime) -> tuple[bool, timedelta, datetime]:
        return local_date(start, slot.zone) != day, abs(start - slot.interval.start), start

    return {key: sorted(starts, key=distance) for key, starts in found.items() if starts}


def _as_one(around: Problem) -> Problem:
    """The same delegation in one piece, with nothing fixed: what could be visited at all."""
    return replace(around, delegation=replace(around.delegation, groups=1), fixed=(), must=())


def _with(around: Problem, stop: FixedStop) -> Problem:
    return replace(around, fixed=(*around.fixed, stop))


def _as_fixed(around: Problem, candidate: Candidate, start: datetime) -> FixedStop:
    length = candidate.minutes * split_group(candidate, around.delegation.size).rounds
    interval = Interval(start, start + timedelta(minutes=length))
    return FixedStop(
        _KEY, candidate.host, candidate.place, candidate.zone, interval, Firmness.PINNED,
        candidate.key, candidate.topics, candidate.kind, group=None,
    )  # fmt: skip


def _as_planned(problem: Problem, candidate: Candidate, stop: FixedStop) -> PlannedStop:
    split = split_group(candidate, problem.delegation.size)
    return PlannedStop(
        candidate.key, stop.host, stop.place, stop.zone, stop.interval.start, stop.interval.end,
        local_date(stop.interval.start, stop.zone), parallel=split.parallel, rounds=split.rounds,
    )  # fmt: skip
