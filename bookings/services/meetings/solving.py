"""The one door to the solver: a day and its wishes become numbers, and what it finds becomes plain values."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bookings.domain.meeting_pairs import Guest, Pair, Wished, choose_pairs, order_pair, weigh_pairs
from bookings.domain.meetings import MatchPhase, MeetingState, needs_break
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.replan import replan
from bookings.planner.meetings.solve import Arrangement, arrange
from bookings.queries.meetings.day import Day, MeetingView

_CHANGE, _KEEP = "change", "keep"
NOWHERE = -1


@dataclass(frozen=True)
class MatchProblem:
    """Pairs to place, the best first, with the slots that each can have (a bit mask over `slots`)."""

    pairs: tuple[Pair, ...]
    masks: tuple[int, ...]
    people: tuple[int, ...]
    slots: tuple[int, ...]
    tables: int
    fixed: int
    """So many of the first pairs stand already and stay where they are."""

    def build_day(self) -> MeetingDay:
        """As the planner reads it."""
        number = {person: index for index, person in enumerate(self.people)}
        meetings = tuple(
            Meeting((number[one], number[other]), mask)
            for (one, other), mask in zip(self.pairs, self.masks, strict=True)
        )
        return MeetingDay(len(self.people), len(self.slots), self.tables, meetings)

    def without_last(self, count: int) -> "MatchProblem":
        """The same without the pairs that matter least."""
        left = max(self.fixed, len(self.pairs) - count)
        return MatchProblem(
            self.pairs[:left], self.masks[:left], self.people, self.slots, self.tables, self.fixed
        )


@dataclass(frozen=True)
class Found:
    """A schedule: pair → slot id. `gaps` is how often people wait, `bound` what no schedule goes below."""

    slots: Mapping[Pair, int]
    gaps: int
    bound: int
    is_proved: bool


def build_guests(day: Day, *, now: datetime | None = None) -> dict[int, Guest]:
    """Everybody with a profile, as the matching sees them."""
    bits = _bits(day)
    past = {slot.id for slot in day.slots if now is not None and slot.starts_at <= now}
    return {
        person.id: Guest(
            person.id,
            person.organisation_key,
            person.country,
            sum(1 << bits[slot] for slot in day.open_slots(person.id) - past),
            min(day.most, _most_with_breaks(day, person.id)),
        )
        for person in day.people.values()
        if person.is_complete and person.left_at is None
    }


def _most_with_breaks(day: Day, person_id: int) -> int:
    open_slots = day.open_slots(person_id)
    return sum(len(half & open_slots) - (needs_break(half) and half <= open_slots) for half in day.halves)


def is_fixed(day: Day, meeting: MeetingView) -> bool:
    """Does the meeting stay where it is: agreed, pinned, over, or kept by those who answered?"""
    if meeting.is_pinned or meeting.state != MeetingState.PROVISIONAL:
        return True
    answers = set(meeting.feedback.values())
    return day.view.phase is MatchPhase.PROVISIONAL and _KEEP in answers and _CHANGE not in answers


def build_problem(day: Day, wishes: Sequence[Wished], *, now: datetime) -> MatchProblem:
    """Meetings that stay, then the wished pairs by what they are worth."""
    guests = build_guests(day, now=now)
    fixed = [meeting for meeting in day.meetings if is_fixed(day, meeting)]
    kept = [order_pair(*meeting.people) for meeting in fixed]
    known = {**_bare_guests(day), **guests}
    chosen = choose_pairs(known, wishes, room=len(day.slots) * len(day.tables), kept=kept)
    worth = weigh_pairs(known, wishes)
    new = sorted((pair for pair in chosen if pair not in set(kept)), key=lambda pair: (-worth[pair], pair))
    bits = _bits(day)
    masks = {order_pair(*one.people): 1 << bits[one.slot_id] for one in fixed}
    masks |= _mask_new(day, guests, new, busy=masks)
    pairs = [*kept, *(pair for pair in new if masks[pair])]
    people = sorted(day.people.keys() | {person for pair in pairs for person in pair})
    return MatchProblem(
        tuple(pairs),
        tuple(masks[pair] for pair in pairs),
        tuple(people),
        tuple(slot.id for slot in day.slots),
        max(1, len(day.tables)),
        len(kept),
    )


def _bare_guests(day: Day) -> dict[int, Guest]:
    """People of meetings that stay, whether they are still looking for others or not."""
    return {person: Guest(person, "", "", 0, 0) for meeting in day.meetings for person in meeting.people}


def _mask_new(
    day: Day, guests: Mapping[int, Guest], pairs: Sequence[Pair], *, busy: Mapping[Pair, int]
) -> dict[Pair, int]:
    """Slots of the pairs that are to be placed: what both can, less the break of whoever needs one, less the
    time that did not suit somebody."""
    degree = {person: sum(person in pair for pair in (*pairs, *busy)) for person in guests}
    own = {
        person: guest.slots & ~_breaks(day, person, degree[person], busy) for person, guest in guests.items()
    }
    bits = _bits(day)
    unloved = {
        order_pair(*one.people): 1 << bits[one.slot_id]
        for one in day.meetings
        if day.view.phase is MatchPhase.PROVISIONAL and _CHANGE in one.feedback.values()
    }
    return {pair: own[pair[0]] & own[pair[1]] & ~unloved.get(pair, 0) for pair in pairs}


def _breaks(day: Day, person: int, degree: int, busy: Mapping[Pair, int]) -> int:
    """One slot of each half that could fill up, a different one from person to person."""
    bits, found = _bits(day), 0
    taken = 0
    for pair, mask in busy.items():
        taken |= mask * (person in pair)
    open_slots = day.open_slots(person)
    for half in day.halves:
        if not needs_break(half) or not half <= open_slots or degree < len(half):
            continue
        free = [
            bits[slot] for slot in sorted(half, key=lambda slot: bits[slot]) if not taken >> bits[slot] & 1
        ]
        if free:
            found |= 1 << free[(1 + person) % len(free)]
    return found


def _bits(day: Day) -> dict[int, int]:
    return {slot.id: number for number, slot in enumerate(day.slots)}


def solve(problem: MatchProblem, *, seed: int = 0) -> Iterator[Found]:
    """Schedules that get better. Where not everything can be placed, the pairs that matter least stay out."""
    dropped = 1
    while True:
        for arrangement in arrange(problem.build_day(), seed=seed):
            if arrangement.slots is None:
                break
            yield _describe(problem, arrangement)
        else:
            return
        if len(problem.pairs) <= problem.fixed:
            return
        problem, dropped = problem.without_last(dropped), dropped * 2


def _describe(problem: MatchProblem, arrangement: Arrangement) -> Found:
    assert arrangement.slots is not None
    slots = {pair: problem.slots[slot] for pair, slot in zip(problem.pairs, arrangement.slots, strict=True)}
    return Found(slots, arrangement.gaps, arrangement.bound, arrangement.is_proved)


@dataclass(frozen=True)
class Mended:
    """New meetings that found a place, with the ones that had to move for them."""

    slots: Mapping[Pair, int]
    placed: tuple[Pair, ...]
    moved: tuple[Pair, ...]


def mend(
    day: Day, wishes: Sequence[Wished], *, people: Iterable[int], now: datetime, may_move: int = 2
) -> Mended:
    """For people who lost a meeting: wishes of theirs that can be met now, with as few moved as can be.

    What is agreed and did not ask for a change moves only when it is not pinned and lies ahead.
    """
    problem = _build_open_problem(day, wishes, set(people), now=now)
    slot_of = {order_pair(*one.people): problem.slots.index(one.slot_id) for one in day.meetings}
    pinned_pairs = {order_pair(*one.people) for one in day.meetings if one.is_pinned or one.starts_at <= now}
    placed: list[Pair] = []
    moved: dict[Pair, None] = {}
    current = {pair: slot_of[pair] for pair in problem.pairs[: problem.fixed]}
    for pair, mask in list(zip(problem.pairs, problem.masks, strict=True))[problem.fixed :]:
        trial = _part_of(problem, [*current, pair], {pair: mask})
        slots = [*current.values(), NOWHERE]
        pinned = [index for index, one in enumerate(current) if one in pinned_pairs or one in placed]
        answer = replan(trial.build_day(), slots, pinned=pinned)
        if answer is None or len(answer.moved) > may_move:
            continue
        moved |= dict.fromkeys(trial.pairs[index] for index in answer.moved)
        current = dict(zip(trial.pairs, answer.slots, strict=True))
        placed.append(pair)
    return Mended(
        {pair: problem.slots[slot] for pair, slot in current.items()},
        tuple(placed),
        tuple(pair for pair in moved if current[pair] != slot_of[pair]),
    )


def _part_of(problem: MatchProblem, pairs: Sequence[Pair], more: Mapping[Pair, int]) -> MatchProblem:
    masks = {**dict(zip(problem.pairs, problem.masks, strict=True)), **more}
    return MatchProblem(
        tuple(pairs), tuple(masks[pair] for pair in pairs), problem.people, problem.slots, problem.tables, 0
    )


def _build_open_problem(
    day: Day, wishes: Sequence[Wished], people: set[int], *, now: datetime
) -> MatchProblem:
    """All that stands, each with the slots that both could have; then the wished pairs of these people."""
    guests = build_guests(day, now=now)
    known = {**_bare_guests(day), **guests}
    standing = [order_pair(*meeting.people) for meeting in day.meetings]
    chosen = choose_pairs(known, wishes, room=len(day.slots) * len(day.tables), kept=standing)
    worth = weigh_pairs(known, wishes)
    new = [pair for pair in chosen if pair not in set(standing) and people & set(pair)]
    new.sort(key=lambda pair: (-worth[pair], pair))
    bits = _bits(day)
    here = {order_pair(*one.people): 1 << bits[one.slot_id] for one in day.meetings}
    masks = [here[pair] | (known[pair[0]].slots & known[pair[1]].slots) for pair in standing]
    masks += [known[pair[0]].slots & known[pair[1]].slots for pair in new]
    return MatchProblem(
        (*standing, *new),
        tuple(masks),
        tuple(sorted(day.people.keys() | {person for pair in standing for person in pair})),
        tuple(slot.id for slot in day.slots),
        max(1, len(day.tables)),
        len(standing),
    )
