"""The one door to the planner of meetings: a day and its wishes go in, seats and reasons come out."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bookings.adapters.proving import ChildProver
from bookings.domain.meeting_pairs import Pair, Wished
from bookings.domain.meetings import MatchPhase
from bookings.planner.meetings.choose import Choice
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.replan import replan
from bookings.planner.meetings.solve import Aid, Solution
from bookings.planner.meetings.solve import solve as solve_day
from bookings.planner.meetings.tables import seat
from bookings.planner.meetings.unmet import Reason, WhyNot, explain_unmet
from bookings.queries.meetings.day import Day
from bookings.services.meetings.matching import CHANGE, Matching, Wishing, gather_wishes, is_fixed

NOWHERE = -1
_MOST_MOVED = 2
"""So many others make room for one meeting at most."""
_FOR_ROOM = (WhyNot.TABLES_FULL, WhyNot.NOT_POSSIBLE)
Seats = Mapping[Pair, tuple[int, int]]
"""Pair → ids of the slot and of the table."""


@dataclass(frozen=True)
class MatchProblem:
    """Who meets, each in a slot that can be held: where the solver begins."""

    wishing: Wishing
    choice: Choice

    @property
    def pairs(self) -> list[Pair]:
        """The pairs that are to meet."""
        return [self.wishing.pairs[k] for k in self.choice.met]


@dataclass(frozen=True)
class Found:
    """A schedule. `gaps` is how often people wait, `bound` what no schedule of these pairs goes below."""

    seats: Seats
    gaps: int
    bound: int
    is_proved: bool


def build_problem(day: Day, wishes: Iterable[Wished], *, now: datetime, seed: int = 0) -> MatchProblem:
    """Choose who meets. What is agreed or pinned stays; once schedules were shown, all stay that suit."""
    matching = Matching(day, now)
    wishing = gather_wishes(matching, wishes, kept=_keep_standing(matching))
    return MatchProblem(wishing, wishing.choose(seed=seed))


def _keep_standing(matching: Matching) -> dict[Pair, int]:
    """The slots of meetings that stay. What does not suit somebody changes its own, with few others."""
    day, standing = matching.day, matching.standing
    at = {pair: matching.bit[one.slot_id] for pair, one in standing.items()}
    fixed = {pair for pair, one in standing.items() if is_fixed(day, one)}
    if day.view.phase is not MatchPhase.PROVISIONAL:
        return {pair: at[pair] for pair in at if pair in fixed}
    unloved = [
        pair for pair, one in standing.items() if pair not in fixed and CHANGE in one.feedback.values()
    ]
    said = {pair for pair, one in standing.items() if any(one.feedback.values())}
    kept = {pair: slot for pair, slot in at.items() if pair not in unloved}
    for pair in unloved:
        others = matching.common(pair) & ~(1 << at[pair])
        found = _fit(matching, kept, pair, slots=others, pinned=fixed | said)
        kept = kept if found is None else found
    return kept


def _fit(
    matching: Matching, at: Mapping[Pair, int], pair: Pair, *, slots: int, pinned: set[Pair]
) -> dict[Pair, int] | None:
    """A slot for one more pair while few others change theirs; everybody keeps the breaks."""
    pairs = (*at, pair)
    masks = (*(1 << at[one] | (0 if one in pinned else matching.common(one)) for one in at), slots)
    numbers = matching.number
    meetings = tuple(
        Meeting((numbers[one], numbers[other]), mask) for (one, other), mask in zip(pairs, masks, strict=True)
    )
    day = MeetingDay(len(numbers), len(matching.day.slots), max(1, len(matching.day.tables)), meetings)
    fixed = [number for number, one in enumerate(pairs) if one in pinned]
    answer = replan(day, (*at.values(), NOWHERE), pinned=fixed)
    if answer is None or len(answer.moved) > _MOST_MOVED:
        return None
    found = dict(zip(pairs, answer.slots, strict=True))
    changed = {person for one in (pair, *(pairs[number] for number in answer.moved)) for person in one}
    return found if all(matching.keeps_breaks(_taken(found, person)) for person in changed) else None


def _taken(at: Mapping[Pair, int], person: int) -> int:
    return sum(1 << slot for pair, slot in at.items() if person in pair)


def solve(
    problem: MatchProblem,
    *,
    seed: int = 0,
    seconds: float,
    on_better: Callable[[Solution], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Solution:
    """The fewest gaps within the time, with a proof where a child finds one (see adapters/proving.py)."""
    return solve_day(
        problem.choice.day,
        seed=seed,
        time_limit=seconds,
        on_better=on_better,
        should_stop=should_stop,
        aid=Aid(ChildProver(), start=problem.choice.slots),
    )


def describe(problem: MatchProblem, solution: Solution) -> Found:
    """The schedule in ids, everybody at a table; what stays in its slot stays at its table."""
    slots = solution.slots or problem.choice.slots
    at = dict(zip(problem.pairs, slots, strict=True))
    kept = {pair for k, pair in enumerate(problem.wishing.pairs) if k in problem.wishing.choosing.agreed}
    seats = _find_seats(problem.wishing.matching, at, kept=kept)
    return Found(seats, solution.best or 0, solution.bound, solution.is_proven)


def _find_seats(matching: Matching, at: Mapping[Pair, int], *, kept: Iterable[Pair]) -> Seats:
    """A table for each; kept ones that are still in their slot have theirs, and few people get up."""
    day = matching.day
    tables = {table.id: number for number, table in enumerate(day.tables)}
    own = {
        pair: tables[meeting.table_id]
        for pair in kept
        if (meeting := matching.standing.get(pair)) and matching.bit[meeting.slot_id] == at.get(pair)
    }
    numbers = matching.number
    meetings = tuple(Meeting((numbers[one], numbers[other]), 1 << slot) for (one, other), slot in at.items())
    frame = MeetingDay(len(numbers), len(day.slots), len(day.tables), meetings)
    seated = seat(frame, tuple(at.values()), kept={k: own[pair] for k, pair in enumerate(at) if pair in own})
    return {
        pair: (day.slots[slot].id, day.tables[table].id)
        for (pair, slot), table in zip(at.items(), seated, strict=True)
    }


@dataclass(frozen=True)
class Mended:
    """New meetings that found a place, and the ones that had to move for them."""

    seats: Seats
    placed: tuple[Pair, ...]
    moved: tuple[Pair, ...]


def mend(day: Day, wishes: Iterable[Wished], *, people: Iterable[int], now: datetime) -> Mended:
    """For people who lost a meeting: wishes of theirs that can be met now.

    Nobody else's meeting moves, but for what both must; then as few as can be, and no pinned or past one.
    """
    matching = Matching(day, now)
    before = {pair: matching.bit[one.slot_id] for pair, one in matching.standing.items()}
    wishing = gather_wishes(matching, wishes, kept=before, of=set(people))
    choice = wishing.choose()
    at = {wishing.pairs[k]: slot for k, slot in zip(choice.met, choice.slots, strict=True)}
    pinned = {pair for pair, one in matching.standing.items() if one.is_pinned or one.starts_at <= now}
    at = _force_musts(wishing, at, pinned=pinned)
    return Mended(
        _find_seats(matching, at, kept=before),
        tuple(pair for pair in at if pair not in before),
        tuple(pair for pair, slot in before.items() if at[pair] != slot),
    )


def _force_musts(wishing: Wishing, at: dict[Pair, int], *, pinned: set[Pair]) -> dict[Pair, int]:
    for k, candidate in enumerate(wishing.choosing.candidates):
        pair = wishing.pairs[k]
        if pair in at or not candidate.is_must or candidate.is_barred:
            continue
        if _explain(wishing, at)[k].code in _FOR_ROOM:
            found = _fit(wishing.matching, at, pair, slots=candidate.slots, pinned=pinned)
            at = at if found is None else found
    return at


def explain(day: Day, wishes: Sequence[Wished]) -> dict[Pair, Reason]:
    """Why wished pairs do not meet; `people` of a reason are ids. A `never` reads like any other reason."""
    matching = Matching(day)
    at = {pair: matching.bit[one.slot_id] for pair, one in matching.standing.items()}
    wishing = gather_wishes(matching, wishes, kept=at)
    return {
        wishing.pairs[k]: replace(reason, people=tuple(matching.people[number] for number in reason.people))
        for k, reason in _explain(wishing, at).items()
    }


def _explain(wishing: Wishing, at: Mapping[Pair, int]) -> dict[int, Reason]:
    met = {k: at[pair] for k, pair in enumerate(wishing.pairs) if pair in at}
    return explain_unmet(wishing.choosing, met)
