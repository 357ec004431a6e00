"""Proofs about meetings: they agree with trying all, whatever encoding says so; conflicts are minimal."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.planner.meetings.clauses import Clauses
from bookings.planner.meetings.conflict import Conflict, Rule, RuledDay, RuleKind, explain
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.prove import find_schedule, prove
from bookings.planner.meetings.solve import Aid, Fact, Solution, solve
from tests.planner.meetings_checker import list_faults, tally_gaps
from tests.planner.test_meetings import build_big_day, small_days


@st.composite
def ruled_days(draw: st.DrawFn) -> RuledDay:
    people, slots = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    pairs = [(one, other) for one in range(people) for other in range(one)]
    chosen = tuple(draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=5, unique=True)))
    some = st.dictionaries(st.integers(0, len(chosen) - 1), st.integers(0, 2**slots - 1), max_size=2)
    ordered = [(one, other) for one in range(len(chosen)) for other in range(len(chosen)) if one != other]
    return RuledDay(
        people,
        slots,
        draw(st.integers(1, 2)),
        chosen,
        absent=draw(st.dictionaries(st.integers(0, people - 1), st.integers(0, 2**slots - 1), max_size=2)),
        sessions=draw(some),
        pinned={meeting: mask % slots for meeting, mask in draw(some).items()},
        before=tuple(draw(st.lists(st.sampled_from(ordered), max_size=2))) if ordered else (),
        most_gaps=draw(st.sampled_from([None, 0, 1])),
    )


def list_schedules(day: MeetingDay) -> list[tuple[int, ...]]:
    ways = product(range(day.slots), repeat=len(day.meetings))
    most = day.slots if day.most_gaps is None else day.most_gaps
    return [way for way in ways if not list_faults(day, way) and max(tally_gaps(day, way)) <= most]


@settings(max_examples=100, deadline=None)
@given(small_days(), st.sampled_from([None, 0, 1]))
def test_the_last_word_of_a_proof_is_what_trying_all_finds(day: MeetingDay, limit: int | None) -> None:
    day = replace(day, most_gaps=limit)
    best = min((sum(tally_gaps(day, way)) for way in list_schedules(day)), default=None)

    *steps, last = prove(day)

    assert [step.bound for step in steps] == list(range(1, len(steps) + 1))
    if best is None:
        assert last.is_impossible
    else:
        assert (last.bound, sum(tally_gaps(day, last.slots))) == (best, best)
        assert list_faults(day, last.slots) == []


@settings(max_examples=40, deadline=None)
@given(small_days())
def test_a_schedule_at_hand_ends_a_proof_where_its_gaps_are_reached(day: MeetingDay) -> None:
    ways = list_schedules(day)
    if not ways:
        return
    best, worst = (choose(sum(tally_gaps(day, way)) for way in ways) for choose in (min, max))

    assert list(prove(day, bound=best, below=best)) == []
    if worst > best:
        assert list(prove(day, bound=best, below=worst))[-1].bound == best


@settings(max_examples=80, deadline=None)
@given(ruled_days())
def test_a_conflict_is_impossible_and_possible_without_any_one_of_its_rules(day: RuledDay) -> None:
    found = explain(day, find_schedule)

    assert (found is None) == bool(list_schedules(day.build()))
    if found:
        assert found.is_minimal
        assert list_schedules(day.build(found.rules)) == []
        for rule in found.rules:
            assert list_schedules(day.build(set(found.rules) - {rule}))


def test_who_has_more_meetings_than_slots_is_named_with_them() -> None:
    day = RuledDay(5, 4, 9, ((0, 1), (0, 2), (0, 3), (0, 4)), absent={0: 0b0001, 4: 0b0010})

    assert explain(day, find_schedule) == Conflict(
        (*(Rule(RuleKind.MEETING, meeting) for meeting in range(4)), Rule(RuleKind.ABSENT, 0)),
        is_minimal=True,
    )


def test_an_explanation_that_is_stopped_says_that_it_may_be_longer_than_needed() -> None:
    day = RuledDay(3, 1, 1, ((0, 1), (0, 2)))

    assert not explain(day, find_schedule, should_stop=lambda: True).is_minimal


@pytest.mark.parametrize("most", [0, 2, 5])
def test_counters_know_how_many_hold(most: int) -> None:
    for facts in product([False, True], repeat=5):
        clauses = Clauses()
        literals = [clauses.new() for _ in facts]
        sums = clauses.count_up(literals, most)
        known = {literal if holds else -literal for literal, holds in zip(literals, facts, strict=True)}

        # What follows from the facts alone, by clauses of which all but one literal are false.
        while (
            forced := {
                rest[0]
                for row in clauses.rows
                if not known & set(row) and len(rest := [part for part in row if -part not in known]) == 1
            }
            - known
        ):
            known |= forced

        assert [literal in known for literal in sums] == [sum(facts) > many for many in range(len(sums))]


class Oracle:
    """Says at once what it was given to say."""

    def __init__(self, *facts: Fact) -> None:
        self.facts, self.asked, self.is_stopped = list(facts), [], False

    def start(self, day: MeetingDay, *, bound: int, below: int | None) -> None:
        self.asked.append((bound, below))

    def take(self) -> Fact | None:
        return self.facts.pop(0) if self.asked and self.facts else None

    @property
    def is_working(self) -> bool:
        return bool(self.facts)

    def stop(self) -> None:
        self.is_stopped = True


def test_a_higher_bound_ends_the_search_with_the_schedule_at_hand() -> None:
    day = build_big_day(tables=14)
    oracle = Oracle(Fact(1), Fact(10_000))

    found = solve(day, time_limit=20, aid=Aid(oracle))

    assert found.is_proven
    assert list_faults(day, found.slots) == []
    assert len(oracle.asked) == 1
    assert oracle.is_stopped


def test_what_is_better_is_told_and_the_search_stops_when_told_to() -> None:
    told: list[Solution] = []

    found = solve(
        build_big_day(tables=14), time_limit=60, on_better=told.append, should_stop=lambda: len(told) > 3
    )

    assert found.seconds < 30
    assert [one.best for one in told] == sorted((one.best for one in told), reverse=True)
    assert [one.bound for one in told] == sorted(one.bound for one in told)
    assert replace(told[-1], seconds=0) == replace(found, seconds=0)


def test_a_search_begins_with_the_schedule_at_hand() -> None:
    day = build_big_day()
    known = solve(day, time_limit=0.5)

    again = solve(day, time_limit=0, aid=Aid(start=known.slots))

    assert again.slots == known.slots


def test_a_schedule_at_hand_that_breaks_rules_is_no_more_than_a_hint() -> None:
    day = build_big_day()

    found = solve(day, time_limit=0, aid=Aid(start=[slot % 2 - 1 for slot in range(len(day.meetings))]))

    assert list_faults(day, found.slots) == []


def test_an_order_costs_the_gap_that_it_is_worth() -> None:
    late, early = Meeting((0, 4), 0b100), Meeting((2, 5), 0b001)
    free = MeetingDay(6, 3, 3, (Meeting((0, 1), 0b111), Meeting((2, 3), 0b111), late, early))

    assert list(prove(free))[-1].bound == 0
    assert list(prove(replace(free, before=((0, 1),))))[-1].bound == 1


def test_who_must_wait_more_often_than_the_limit_makes_a_day_impossible() -> None:
    day = MeetingDay(4, 5, 3, tuple(Meeting((0, other), 1 << 2 * (other - 1)) for other in (1, 2, 3)))

    assert list(prove(day))[-1].bound == 2
    assert list(prove(replace(day, most_gaps=1)))[-1].is_impossible
