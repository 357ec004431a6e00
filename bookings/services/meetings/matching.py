"""A matchmaking day as the planner's numbers: people and slots get one each, wishes become candidates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from bookings.domain.meeting_pairs import Pair, Wished, gather_pairs, order_pair
from bookings.domain.meetings import MeetingState, build_pair_key, needs_break
from bookings.planner.meetings.choose import Candidate, Choice, ChoosingDay, choose, count_meetings
from bookings.planner.meetings.problem import list_slots
from bookings.queries.meetings.day import Day, MeetingView

CHANGE = "change"


def is_fixed(day: Day, meeting: MeetingView) -> bool:
    """Does the meeting stay where it is whatever the solver finds: agreed, pinned or over?"""
    return meeting.is_pinned or meeting.state != MeetingState.PROVISIONAL


@dataclass(frozen=True)
class Matching:
    """The people, slots and tables of a day; what was before `now` is no time for anything new."""

    day: Day
    now: datetime | None = None

    @cached_property
    def people(self) -> tuple[int, ...]:
        """Everybody who takes part, and those of meetings that stand without them."""
        met = {person for meeting in self.day.meetings for person in meeting.people}
        return tuple(sorted(self.day.people.keys() | met))

    @cached_property
    def number(self) -> dict[int, int]:
        """Person → number."""
        return {person: number for number, person in enumerate(self.people)}

    @cached_property
    def bit(self) -> dict[int, int]:
        """Slot → number."""
        return {slot.id: number for number, slot in enumerate(self.day.slots)}

    @cached_property
    def standing(self) -> dict[Pair, MeetingView]:
        """The meetings that there are."""
        return {order_pair(*meeting.people): meeting for meeting in self.day.meetings}

    @cached_property
    def open_to(self) -> dict[int, int]:
        """Person → slots for meetings; whoever is not looking for any has no entry."""
        past = {slot.id for slot in self.day.slots if self.now is not None and slot.starts_at <= self.now}
        return {
            person.id: self.mask(
                self.day.open_slots(person.id) - past - self.day.stood_in.get(person.id, set())
            )
            for person in self.day.people.values()
            if person.is_complete and person.left_at is None
        }

    @cached_property
    def halves(self) -> tuple[int, ...]:
        """The halves of each day that leave everybody a break."""
        return tuple(self.mask(half) for half in self.day.halves if needs_break(half))

    def mask(self, slots: Iterable[int]) -> int:
        """These slots as bits."""
        return sum(1 << self.bit[slot] for slot in slots)

    def common(self, pair: Pair) -> int:
        """When both could meet at all."""
        one, other = pair
        return self.open_to.get(one, 0) & self.open_to.get(other, 0)

    def list_most(self) -> tuple[int, ...]:
        """Meetings of each person at most: the limit of the day, and a break in each half."""
        return tuple(self._most(self.open_to.get(person, 0)) for person in self.people)

    def _most(self, open_to: int) -> int:
        breaks = sum(half & ~open_to == 0 for half in self.halves)
        return min(self.day.most, open_to.bit_count() - breaks)

    def pair_key(self, pair: Pair) -> str | None:
        """The two organisations, which meet once."""
        keys = (self.day.people[one].organisation_key if one in self.day.people else "" for one in pair)
        return build_pair_key(*keys) or None

    def keeps_breaks(self, taken: int) -> bool:
        """Is a slot of each half free when these are taken?"""
        return all(half & ~taken for half in self.halves)


@dataclass(frozen=True)
class Wishing:
    """Candidate k of `choosing` is the pair k; those that stand have their slot in `choosing.agreed`."""

    matching: Matching
    pairs: tuple[Pair, ...]
    choosing: ChoosingDay

    def choose(self, *, seed: int = 0) -> Choice:
        """Who meets, each with a slot that can be held. Whoever could fill a half keeps one slot of it free,
        and whoever could not has too few meetings for that."""
        first = choose(self.choosing, seed=seed)
        counts = count_meetings(self.choosing, first.met)
        halves = [
            half for half in self.matching.halves if half.bit_count() <= max(counts.values(), default=0)
        ]
        if not halves:
            return first
        return choose(_keep_breaks(self, counts), seed=seed)


def gather_wishes(
    matching: Matching, wishes: Iterable[Wished], *, kept: Mapping[Pair, int], of: set[int] | None = None
) -> Wishing:
    """Meetings that stand in these slots, then every wished pair (`of`: those of some people alone).

    What did not suit somebody gets another slot than it had.
    """
    countries = {person: matching.day.people[person].country for person in matching.open_to}
    found = gather_pairs(wishes, countries)
    wished = {pair: one for pair, one in found.items() if pair not in kept and (of is None or of & {*pair})}
    stood = [_build_candidate(matching, pair, slots=1 << slot) for pair, slot in kept.items()]
    new = [
        replace(
            _build_candidate(matching, pair, slots=matching.common(pair) & ~_find_unloved(matching, pair)),
            worth=one.worth,
            is_must=one.is_must,
            is_barred=one.is_barred,
        )
        for pair, one in sorted(wished.items())
    ]
    day = ChoosingDay(
        slots=len(matching.day.slots),
        tables=max(1, len(matching.day.tables)),
        most=matching.list_most(),
        candidates=(*stood, *new),
        agreed=dict(enumerate(kept.values())),
    )
    return Wishing(matching, (*kept, *sorted(wished)), day)


def _build_candidate(matching: Matching, pair: Pair, *, slots: int) -> Candidate:
    one, other = (matching.number[person] for person in pair)
    return Candidate((one, other), slots, key=matching.pair_key(pair))


def _find_unloved(matching: Matching, pair: Pair) -> int:
    meeting = matching.standing.get(pair)
    is_unloved = meeting is not None and CHANGE in meeting.feedback.values()
    return 1 << matching.bit[meeting.slot_id] if meeting is not None and is_unloved else 0


def _keep_breaks(wishing: Wishing, counts: Mapping[int, int]) -> ChoosingDay:
    matching, day = wishing.matching, wishing.choosing
    closed, most = [0] * len(matching.people), list(day.most)
    busy = [0] * len(matching.people)
    for k, slot in day.agreed.items():
        for person in day.candidates[k].people:
            busy[person] |= 1 << slot
    for number, person in enumerate(matching.people):
        halves = [half for half in matching.halves if not half & ~matching.open_to.get(person, 0)]
        full = [half for half in halves if counts[number] >= half.bit_count()]
        closed[number] = sum(_choose_break(half & ~busy[number], person) for half in full)
        rest = [half.bit_count() - 1 for half in halves if half not in full]
        most[number] = min([most[number], *rest])
    candidates = tuple(
        candidate
        if k in day.agreed
        else replace(
            candidate, slots=candidate.slots & ~closed[candidate.people[0]] & ~closed[candidate.people[1]]
        )
        for k, candidate in enumerate(day.candidates)
    )
    return replace(day, candidates=candidates, most=tuple(most))


def _choose_break(free: int, person: int) -> int:
    """One free slot of a half, a different one from person to person; 0 where everything is taken."""
    slots = list(list_slots(free))
    return 1 << slots[(1 + person) % len(slots)] if slots else 0
